"""Reading the trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from licensing.audit import verification, wording
from licensing.audit.commands import kind_of
from licensing.audit.models import Checkpoint, Event
from licensing.audit.verification import BrokenLink


@dataclass(frozen=True)
class TrailLine:
    """One event as people read it; `place` counts from 1 within the subject."""

    place: int
    at: datetime
    event: str
    actor_label: str
    sentence: str
    data: dict[str, Any]
    workflow_hash: str


def trail(subject: models.Model) -> list[TrailLine]:
    """The trail of a row, oldest first, each event with its sentence."""
    return trail_of(kind_of(subject), str(subject.pk))


def trail_of(subject_kind: str, subject_id: str) -> list[TrailLine]:
    """The trail of a subject that need not exist any more."""
    events = Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("sequence")
    return [_line(event) for event in events]


def _line(event: Event) -> TrailLine:
    return TrailLine(
        place=event.sequence,
        at=event.at,
        event=event.event,
        actor_label=event.actor_label,
        sentence=wording.worded(event.event, event.actor_label, event.data),
        data=event.data,
        workflow_hash=event.workflow_hash,
    )


def verify(subject: tuple[str, str] | None = None) -> list[BrokenLink]:
    """The first broken link of every chain, or of one subject's (kind, id); empty when all hold."""
    return list(verification.broken_links(subject))


def last_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-number").first()
