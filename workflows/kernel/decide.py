"""The kernel's three questions: what follows from a command, what has to be done then, and what may be done now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from workflows.kernel import course, flow, rescue, seats
from workflows.kernel.definition import Definition
from workflows.kernel.refusals import Code, Refused
from workflows.kernel.state import State
from workflows.kernel.turn import Turn
from workflows.kernel.types import SYSTEM, Action, Actor, Command, Effect, Event, World

Handler = Callable[[Turn], None]

COMMANDS: Mapping[str, Handler] = {
    "claim": seats.claim,
    "release": seats.release,
    "vote": seats.vote,
    "propose": seats.propose,
    "agree": seats.agree,
    "return": seats.return_,
    "lift": seats.lift,
    "recuse": seats.recuse,
    "ask": seats.ask,
    "answer": seats.answer,
    "hold": course.hold,
    "resume": course.resume,
    "withdraw": course.withdraw,
    "amend": course.amend,
    "appeal": course.appeal,
    "complete": course.complete,
    "fail": course.fail,
    "retry": rescue.retry,
    "reassign": rescue.reassign,
    "delegate": rescue.delegate,
    "hand_back": rescue.hand_back,
    "skip": rescue.skip,
    "force": rescue.force,
    "reopen": rescue.reopen,
    "cancel": rescue.cancel,
    "expire": course.expire,
}


def decide(definition: Definition, state: State | None, command: Command, now: datetime, world: World) -> list[Event]:
    """The events that a command brings about. Raises Refused, with a stable code, when it is not accepted.

    `now` is the instant of the decision, with a time zone. Pure: the same arguments give the same events.
    """
    if command.kind == "start":
        return _start(definition, state, command, now, world)
    if state is None:
        raise Refused(Code.NOT_STARTED, "The case has not been started.")
    handler = COMMANDS.get(command.kind)
    if handler is None:
        raise Refused(Code.UNKNOWN_COMMAND, f"There is no command {command.kind}.")
    if state.closed and command.kind != "reopen":
        raise Refused(Code.CLOSED_CASE, "The case is closed.")
    turn = Turn(definition, state, command, now, world)
    handler(turn)
    return turn.events


def _start(definition: Definition, state: State | None, command: Command, now: datetime, world: World) -> list[Event]:
    if state is not None:
        raise Refused(Code.ALREADY_STARTED, "The case has been started already.")
    reference = command.data.get("reference")
    if not isinstance(reference, str) or not reference:
        raise Refused(Code.BAD_DATA, "start needs reference: a text.")
    turn = Turn(definition, State(reference, now), command, now, world)
    turn.emit("started", reference=reference, facts=course.initial_facts(turn))
    course.begin(turn)
    return turn.events


def migrated(definition: Definition, state: State, command: Command, now: datetime, world: World) -> list[Event]:
    """The events that take a case into a stage of this definition, which is another version of its own."""
    turn = Turn(definition, state, command, now, world)
    turn.emit("migrated", **command.data)
    for question in state.open_questions():
        turn.follow("question_closed", question_id=question.id, why="migrated")
    flow.leave_for(turn, command.data["stage"])
    return turn.events


def effects(events: Iterable[Event]) -> list[Effect]:
    """The work that the events ask of the application."""
    found, stage = [], ""
    for event in events:
        if event.kind == "stage_entered":
            stage = event.data["stage"]
        elif event.kind == "effect_requested":
            found.append(Effect(event.data["effect"], event.data["key"], stage))
    return found


def allowed(definition: Definition, state: State, actor: Actor, now: datetime, world: World) -> list[Action]:
    """What the actor may do now: every candidate is decided on trial, so that a button and a refusal cannot disagree."""
    if state.closed or actor.person == SYSTEM:
        return []
    return [
        action
        for action, data in _candidates(definition, state, world)
        if _accepted(definition, state, Command(action.kind, actor, data), now, world)
    ]


def rescues(definition: Definition, state: State, actor: Actor, now: datetime, world: World) -> list[Action]:
    """What a steward may do now for a case that is stuck, open or closed; nothing for anybody else. Decided on trial, too.

    `choice` is the person of a `reassign`, and the stage of a `force` or `reopen`: with that of a proposed force, to agree to it.
    """
    if actor.person not in world.stewards():
        return []
    return [
        action
        for action, data in _rescue_candidates(definition, state, world)
        if _accepted(definition, state, Command(action.kind, actor, {**data, "reason": "on trial"}), now, world)
    ]


def _rescue_candidates(
    definition: Definition, state: State, world: World
) -> Iterable[tuple[Action, Mapping[str, Any]]]:
    yield _seat_action(state, "retry"), {}
    for seat in state.seats:
        for person in sorted((world.members(seat.pool) | world.stands_in_for(seat.pool)) - {seat.holder}):
            yield _seat_action(state, "reassign", seat.key, person), {"seat": seat.key, "to": person}
    for seat in state.seats:
        yield _seat_action(state, "skip", seat.key), {"seat": seat.key}
    for kind in ("hold", "resume"):
        yield _seat_action(state, kind), {}
    for kind in ("force", "reopen"):
        for stage in definition.stages:
            yield _seat_action(state, kind, choice=stage), {"stage": stage}
    yield _seat_action(state, "cancel"), {}


def _accepted(definition: Definition, state: State, command: Command, now: datetime, world: World) -> bool:
    try:
        decide(definition, state, command, now, world)
    except Refused:
        return False
    return True


def _candidates(definition: Definition, state: State, world: World) -> Iterable[tuple[Action, Mapping[str, Any]]]:
    stage = definition.stages[state.stage]
    for seat in state.seats:
        before = state.seat(next((plan.after for plan in stage.seats if plan.key == seat.key), ""))
        signed = before.ballot.signs if before and before.ballot else ""
        choices: Sequence[str] = (*definition.favor, *definition.against) if stage.decide else ()
        yield _seat_action(state, "claim", seat.key), {"seat": seat.key}
        yield _seat_action(state, "release", seat.key), {"seat": seat.key}
        for choice in choices:
            yield _seat_action(state, "vote", seat.key, choice), {"seat": seat.key, "vote": choice, "signs": signed}
        for action in stage.actions:
            yield _seat_action(state, "propose", seat.key, action), {"seat": seat.key, "action": action}
        yield _seat_action(state, "agree", seat.key), {"seat": seat.key, "signs": signed}
        yield _seat_action(state, "return", seat.key), {"seat": seat.key, "reason": "on trial"}
        yield _seat_action(state, "ask", seat.key), {"seat": seat.key, "question_id": "on trial"}
        yield _seat_action(state, "appeal", seat.key), {"seat": seat.key, "reason": "on trial"}
        yield _seat_action(state, "hand_back", seat.key), {"seat": seat.key}
        for person in sorted(world.members(seat.pool)) if seat.holder else ():
            yield _seat_action(state, "delegate", seat.key, person), {"seat": seat.key, "to": person}
    for limited in stage.limits:
        yield _seat_action(state, "lift", choice=limited), {"action": limited, "reason": "on trial"}
    for kind in ("recuse", "hold", "resume"):
        yield _seat_action(state, kind), {"reason": "on trial"}


def _seat_action(state: State, kind: str, seat: str = "", choice: str = "") -> Action:
    words = choice or kind
    return Action(kind, state.stage, seat, choice, words.replace("_", " ").capitalize())
