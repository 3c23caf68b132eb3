"""What is stuck, as administrators read it: open incidents, failed work, and what can be done for one case."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from licensing.accounts.models import Unit
from licensing.accounts.queries import names_of
from licensing.cases.models import Case
from workflows import engine
from workflows.kernel import Action
from workflows.kernel import Event as KernelEvent
from workflows.models import Event, Incident, OutboxRow, OutboxState

WHAT = {
    "effect_failed": "An automated stage has failed",
    "empty_pool": "Nobody can take a seat",
    "no_seats": "Every seat was skipped",
    "no_route": "The decision leads nowhere",
    "undeclared_outcome": "An automated stage gave an unknown answer",
    "limit_reached": "An automated stage has come round too often",
    "not_screened": "A party cannot be screened",
}
WORK = {
    "send_notice": "A message was not sent",
    "render_application": "The document of an application was not made",
    "fetch_list": "A list was not fetched",
    "look_back": "What a list has changed was not looked up",
    "screen_again": "The parties of a case were not screened again",
}


@dataclass(frozen=True)
class Rescue:
    """One thing that an administrator can do: `key` is its address, `kind` the engine's command."""

    key: str
    kind: str
    title: str
    explained: str
    done: str
    warns: bool = False


RESCUES = {
    rescue.key: rescue
    for rescue in (
        Rescue("retry", "retry", "Try again", "The automated stage runs once more, or seats look for people again.",
               "The incident is settled, and the case tries again."),
        Rescue("reassign", "reassign", "Give a seat to somebody else", "Another person of the seat's unit takes its work.",
               "The seat has another holder."),
        Rescue("skip", "skip", "Do without a seat", "The stage is decided without this seat and those that follow it.",
               "The seat is skipped."),
        Rescue("hold", "hold", "Put the case on hold", "Clocks that allow it stop, and seats do nothing.", "The case is on hold."),
        Rescue("resume", "resume", "End the hold", "Clocks run and seats act again.", "The hold has ended."),
        Rescue("agree", "force", "Agree to the move", "You are the second administrator: the case moves at once.",
               "The case is moved."),
        Rescue("force", "force", "Move the case to another stage", "For what no route leads to. A second administrator has to agree.",
               "Proposed. Another administrator has to agree."),
        Rescue("reopen", "reopen", "Open the case again", "It goes on in a stage that you choose.", "The case is open again."),
        Rescue("cancel", "cancel", "Cancel the case", "For a case that should not be there. Its applicant is told that it is closed.",
               "The case is cancelled.", warns=True),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Stuck:
    """An incident of a case, with the work whose failure opened it when there is one."""

    incident: Incident
    what: str
    stage: str
    row: OutboxRow | None


def words(code: str) -> str:
    return code.replace("_", " ").capitalize()


def stuck(incidents: Iterable[Incident]) -> list[Stuck]:
    """The incidents of cases, each with its failed work. Two queries."""
    listed = list(incidents)
    failed = [incident.instance_id for incident in listed if incident.what == "effect_failed"]
    events = Event.objects.filter(instance__in=failed, kind="effect_failed").order_by("sequence")
    told = {event.instance_id: (event.data["effect"], event.data["key"]) for event in events}
    rows = OutboxRow.objects.filter(
        effect__in={effect for effect, _ in told.values()},
        key__in=[key for _, key in told.values()],
        state=OutboxState.DEAD,
    )
    dead = {(row.effect, row.key): row for row in rows}
    of_case = {instance: dead[place] for instance, place in told.items() if place in dead}
    return [_stuck(incident, of_case) for incident in listed]


def _stuck(incident: Incident, dead: Mapping[uuid.UUID, OutboxRow]) -> Stuck:
    if incident.instance is None:
        raise ValueError("an incident of no case")
    row = dead.get(incident.instance.pk) if incident.what == "effect_failed" else None
    return Stuck(incident, what(incident), words(incident.instance.stage), row)


def what(incident: Incident) -> str:
    """What happened, in words."""
    if incident.row:
        return WORK.get(incident.row.effect, f"{words(incident.row.effect)} has failed")
    return WHAT.get(incident.what, words(incident.what))


@dataclass(frozen=True)
class Choice:
    """What a rescue asks for besides its reason: a field, and what may be put there by its words, in groups or not.

    `fixed` is the one value of a choice that has been made already.
    """

    field: str
    label: str
    choices: tuple[tuple[str, Any], ...] = ()
    fixed: str = ""


@dataclass(frozen=True)
class Proposed:
    """A move to another stage that waits for a second administrator."""

    stage: str
    by: str
    at: datetime
    reason: str


def proposed(case: Case) -> Proposed | None:
    """The move that somebody has proposed since the case came into its stage."""
    force = case.workflow.state.force
    if not force:
        return None
    event = Event.objects.filter(instance=case.workflow, kind="force_proposed").order_by("sequence").last()
    return Proposed(force["stage"], event.actor_label, event.at, event.data["reason"]) if event else None


def offered(actions: Iterable[Action], waiting: Proposed | None) -> list[Rescue]:
    """The rescues that the engine's actions amount to, in the order of `RESCUES`."""
    keys = {_key(action, waiting) for action in actions}
    return [rescue for key, rescue in RESCUES.items() if key in keys]


def _key(action: Action, waiting: Proposed | None) -> str:
    return "agree" if action.kind == "force" and waiting and action.choice == waiting.stage else action.kind


def done(rescue: Rescue, events: Iterable[KernelEvent]) -> str:
    """What to say afterwards, by what has happened: whoever meant to agree may find that they have proposed."""
    kinds = {event.kind for event in events}
    key = "agree" if "forced" in kinds else "force" if "force_proposed" in kinds else rescue.key
    return RESCUES[key].done


def asked(rescue: Rescue, case: Case, actions: Iterable[Action], waiting: Proposed | None) -> Choice | None:
    """What the rescue has to be told, out of what the engine offers for it."""
    mine = [action for action in actions if _key(action, waiting) == rescue.key]
    if rescue.key == "reassign":
        return Choice("seat_and_person", "Who takes which seat?", tuple(_people(mine)))
    if rescue.key == "skip":
        return Choice("seat", "Which seat?", tuple((action.seat, words(action.seat)) for action in mine))
    if rescue.key == "agree":
        return Choice("stage", "Stage", fixed=waiting.stage if waiting else "")
    if rescue.kind in ("force", "reopen"):
        stages = tuple((action.choice, stage_words(case, action.choice)) for action in mine)
        return Choice("stage", "To which stage?", stages)
    return None


def _people(actions: list[Action]) -> Iterator[tuple[str, Any]]:
    """People by seat, as a grouped choice; a value is `seat:person`."""
    names = names_of(action.choice for action in actions)
    for seat in dict.fromkeys(action.seat for action in actions):
        people = [action.choice for action in actions if action.seat == seat]
        yield words(seat), tuple((f"{seat}:{person}", names.get(person, "Somebody")) for person in people)


def stage_words(case: Case, key: str) -> str:
    """A stage by its words; an end says that it is one."""
    stage = engine.definition_of(case.workflow).stages.get(key)
    return f"{words(key)} (the case ends: {stage.end.replace('_', ' ')})" if stage and stage.end else words(key)


@dataclass(frozen=True)
class SeatLine:
    seat: str
    unit: str
    status: str
    holder: str


def seat_lines(case: Case) -> list[SeatLine]:
    """The seats of the stage as it stands."""
    seats = case.workflow.state.seats
    units = dict(Unit.objects.filter(pool__in={seat.pool for seat in seats}).values_list("pool", "name"))
    names = names_of(seat.holder for seat in seats)
    return [
        SeatLine(words(seat.key), units.get(seat.pool, seat.pool), seat.status.value, names.get(seat.holder, ""))
        for seat in seats
    ]
