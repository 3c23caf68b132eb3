"""Screening the parties of a case again, for as long as it is open or its license is in force."""

import contextlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import SYSTEM
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import NotNow, NotPermitted
from licensing.cases.commands.rescreening import adopt, note_unscreened, screen_again
from licensing.cases.events import CaseEvent
from licensing.cases.models import Case
from licensing.cases.notices import came_near
from licensing.licenses import notices
from licensing.licenses.commands.transferees import new_near_transferee
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import License
from licensing.licenses.queries import watched
from licensing.screening.match import UnusableName
from licensing.screening.models import Hit
from workflows import outbox

SCREEN_AGAIN = "screen_again"
log = structlog.get_logger(__name__)


def watch(*, case_id: uuid.UUID, at: datetime) -> list[Hit]:
    """Screen a case's parties again, and who has taken its license over.

    New hits flag its licenses in force at an instant, and those who decided are told; while the case is open, those at the
    authority whose turn it is. A party that cannot be screened is an incident of the case, and is raised as `UnusableName`.
    """
    try:
        run, near = screen_again(case_id=case_id), new_near_transferee(case_id=case_id)
    except UnusableName as unusable:
        note_unscreened(case_id=case_id, why=str(unusable))
        raise
    with transaction.atomic():
        hits = adopt(case_id=case_id, run=run)
        names = ", ".join(sorted({*near, *(hit.listed_name for hit in hits)}))
        in_force = License.objects.select_for_update(of=("self",)).live_at(at).filter(case=case_id)
        for license_ in in_force if names else ():
            record(license_, LicenseEvent.FLAGGED, actor=SYSTEM, names=names)
            notices.flagged(license_, names)
        case = Case.objects.get(pk=case_id)
        if hits and case.closed_at is None:
            came_near(case, names)
    return hits


def try_to_watch(*, case_id: uuid.UUID, at: datetime) -> bool:
    """`watch` one of many cases: one that fails is logged, stays due, keeps its gate pending, and holds up no other."""
    try:
        watch(case_id=case_id, at=at)
    except UnusableName as unusable:
        log.warning("screening.unusable", case=str(case_id), why=str(unusable))  # the case has its incident
        return False
    except Exception:
        log.exception("screening.failed_again", case=str(case_id))
        return False
    return True


@refusals_logged(CaseEvent.SCREENING_ASKED)
def ask_for_screening(*, actor: Person, case_id: uuid.UUID, at: datetime) -> None:
    """Have a worker screen the parties of a case now, for an officer who has seen that a screening failed.

    Raises `NotNow` for a case that is over, and for one whose automated checks have not run yet: they screen its parties.
    """
    with transaction.atomic():
        case = Case.objects.locked(case_id)
        if not actor.reviews_for_authority():
            raise NotPermitted(
                "not_an_officer", "Only officers of the licensing authority have parties screened again."
            )
        if not watched(at).filter(pk=case_id).exists():
            raise NotNow(
                "not_watched", "Its parties are not screened: the checks have not run yet, or the case is over."
            )
        record(case, CaseEvent.SCREENING_ASKED, actor=actor)
        outbox.put(effect=SCREEN_AGAIN, key=f"{case_id}:{at.isoformat()}", payload={"case": str(case_id)})


def screen_again_effect(key: str, payload: Mapping[str, Any]) -> None:
    """The outbox's handler."""
    with contextlib.suppress(UnusableName):  # the case has its incident
        watch(case_id=uuid.UUID(payload["case"]), at=timezone.now())
