"""How a case follows its workflow: called inside every command of the engine, so that both always agree."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from licensing.audit.actors import SYSTEM, Actor
from licensing.audit.commands import record
from licensing.cases import letters, notices
from licensing.cases.events import CaseEvent
from licensing.cases.models import Case, Question
from workflows.kernel import SYSTEM as SYSTEM_PERSON
from workflows.kernel import Event
from workflows.models import Instance

INTENT = "The authority intends to deny this application. Say why it should not."
SENTENCES: Mapping[str, str] = {
    "stage_entered": "stage {stage}, round {round}",
    "ended": "ended: {end}",
    "released": "{seat} released",
    "recused": "somebody steps aside: {reason}",
    "warned": "warning by the clock {subject}",
    "expired": "{what} ran out: {subject}",
    "alerted": "alert {alert}",
    "escalated": "{pool} is told: {why}",
    "incident_opened": "incident: {why}",
    "incident_resolved": "incident resolved: {reason}",
    "effect_failed": "{effect} failed: {reason}",
    "held": "on hold: {reason}",
    "resumed": "the hold ends",
    "provisional": "provisional outcome {outcome}",
    "appealed": "{seat} appeals to {to}",
    "reassigned": "{seat} is given to another person: {reason}",
    "delegated": "{seat} is delegated",
    "handed_back": "{seat} is handed back",
    "seat_skipped": "{seat} is skipped: {reason}",
    "force_proposed": "proposed to be forced to {stage}: {reason}",
    "forced": "forced to {stage}: {reason}",
    "reopened": "opened again in {stage}: {reason}",
    "cancelled": "cancelled: {reason}",
    "limit_lifted": "{action} allowed once more: {reason}",
    "question_closed": "a question is closed: {why}",
}


@dataclass(frozen=True)
class _Acting:
    actor_id: str
    actor_label: str


def follow_system(instance: Instance, events: Sequence[Event]) -> None:
    """The engine's listener: what timers and effects do to a case. What people do is settled by their own commands (`moves`)."""
    if events[0].actor.person != SYSTEM_PERSON:
        return
    case = Case.objects.select_related("application__organization", "filed_by").filter(workflow=instance).first()
    if case is not None:  # an appeal has a workflow of its own
        follow(case, instance, events)


def follow(case: Case, instance: Instance, events: Sequence[Event]) -> None:
    """Write what the events mean for the case: its trail, its questions, its end; and tell those whom it concerns."""
    case.workflow = instance
    _record(case, instance, events)
    for event in events:
        if event.kind in _consequences:
            _consequences[event.kind](case, event)
        if event.kind == "ended":
            _ended(case, event, events)


def _record(case: Case, instance: Instance, events: Sequence[Event]) -> None:
    sentences = _told(events)
    if not sentences:
        return
    record(case, CaseEvent.MOVED, actor=_acting(events[0]), workflow_hash=instance.head, moves="; ".join(sentences))


def _acting(event: Event) -> Actor:
    return SYSTEM if event.actor.person == SYSTEM_PERSON else _Acting(event.actor.person, event.actor.label)


def _told(events: Sequence[Event]) -> list[str]:
    kinds = {event.kind for event in events}
    told = [SENTENCES[event.kind].format_map(event.data) for event in events if event.kind in SENTENCES]
    told += [
        f"{event.data['seat']} is deemed to have voted {event.data['vote']}"
        for event in events
        if event.kind == "voted" and event.actor.person == SYSTEM_PERSON
    ]
    if kinds == {"claimed"}:
        told.append(f"{events[0].data['seat']} claimed")
    return told


def _question_closed(case: Case, event: Event) -> None:
    case.questions.filter(pk=event.data["question_id"], closed_at__isnull=True).update(closed_at=event.at)


def _question_asked(case: Case, event: Event) -> None:
    """A stage that asks by itself on entry, such as the answer to an intent to deny (15 CFR 750.6)."""
    if event.actor.person != SYSTEM_PERSON:
        return
    decision = case.decisions.last()
    question = Question.objects.create(
        pk=uuid.UUID(event.data["question_id"]),
        case=case,
        stage=case.workflow.stage,
        seat=event.data["seat"],
        text=f"{INTENT}\n\n{decision.reason}" if decision else INTENT,
        asked_by=decision.officer if decision else None,
        asked_at=event.at,
    )
    if decision is not None:
        letters.intent_to_deny(case, decision, event.at)
    notices.question_asked(question)


def _ended(case: Case, event: Event, events: Sequence[Event]) -> None:
    case.closed_at, case.outcome = event.at, event.data["end"]
    case.save(update_fields=["closed_at", "outcome"])
    letters.at_the_end(case, events, event.at)
    record(case, CaseEvent.CLOSED, actor=SYSTEM, outcome=case.outcome)
    notices.closed(case)


def _held(case: Case, event: Event) -> None:
    more = {"reason": event.data["reason"].replace("_", " ")}
    letters.write(case, "hold", actor=_acting(event), at=event.at, more=more)
    notices.letter(case)


def _reopened(case: Case, event: Event) -> None:
    case.closed_at, case.outcome = None, ""
    case.save(update_fields=["closed_at", "outcome"])


def _escalated(case: Case, event: Event) -> None:
    notices.escalated(case, pool=event.data["pool"], why=event.data["why"])


_consequences: Mapping[str, Callable[[Case, Event], None]] = {
    "question_asked": _question_asked,
    "question_closed": _question_closed,
    "held": _held,
    "reopened": _reopened,
    "escalated": _escalated,
}


def questions_open(case_id: uuid.UUID) -> bool:
    return Question.objects.filter(case=case_id, closed_at__isnull=True, asked_at__lte=timezone.now()).exists()
