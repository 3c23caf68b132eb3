"""What an event does to the state. Total and mechanical: every judgement was made before the event was written."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workflows.kernel.state import Ballot, Pause, Provisional, Question, Seat, SeatStatus, State, Visit
from workflows.kernel.types import SYSTEM, Event

Evolver = Callable[[State, Event], State]
_evolvers: dict[str, Evolver] = {}


def evolve(state: State | None, event: Event) -> State:
    """The state after an event. Only `started` may come first."""
    if event.kind == "started":
        return State(reference=event.data["reference"], opened_at=event.at, facts=dict(event.data["facts"]))
    if state is None:
        raise ValueError(f"the history begins with {event.kind}, not with started")
    evolver = _evolvers.get(event.kind)
    return evolver(state, event) if evolver else state


def replay(events: Any) -> State | None:
    """The state that a whole history gives; None for an empty one."""
    state: State | None = None
    for event in events:
        state = evolve(state, event)
    return state


def _on(*kinds: str) -> Callable[[Evolver], Evolver]:
    def keep(evolver: Evolver) -> Evolver:
        _evolvers.update(dict.fromkeys(kinds, evolver))
        return evolver

    return keep


@_on("stage_entered")
def _stage_entered(state: State, event: Event) -> State:
    data = event.data
    seats = tuple(
        Seat(row["key"], row["pool"], SeatStatus(row["status"]), event.at if row["status"] == SeatStatus.OPEN else None)
        for row in data["seats"]
    )
    visit = Visit(data["stage"], data["round"], event.at)
    return replace(
        state, stage=data["stage"], round=data["round"], rule=data["rule"], seats=seats, effect="", incident="",
        provisional=None, force={}, visits=(*state.visits, visit),
    )  # fmt: skip


@_on("stage_left")
def _stage_left(state: State, event: Event) -> State:
    data = event.data
    visit = replace(state.visits[-1], left_at=event.at, outcome=data["outcome"])
    return replace(
        _counted(state, state.stage, data["outcome"]),
        visits=(*state.visits[:-1], visit),
        seats=tuple(replace(seat, status=SeatStatus.CANCELLED) if _unfinished(seat) else seat for seat in state.seats),
        conditions=tuple(sorted({*state.conditions, *data.get("conditions", ())})),
        denied_items=tuple(sorted({*state.denied_items, *data.get("denied_items", ())})),
        consolidated=data.get("consolidated") or state.consolidated,
        effect="",
        incident="",
        provisional=None,
    )


def _unfinished(seat: Seat) -> bool:
    return seat.live or seat.status is SeatStatus.WAITING


def _counted(state: State, stage: str, word: str) -> State:
    place = f"{stage}.{word}"
    return replace(state, counts={**state.counts, place: state.counts.get(place, 0) + 1})


@_on("seat_opened")
def _seat_opened(state: State, event: Event) -> State:
    return state.with_seat(event.data["seat"], status=SeatStatus.OPEN, opened_at=event.at, holder="", ballot=None)


@_on("seat_skipped")
def _seat_skipped(state: State, event: Event) -> State:
    return state.with_seat(event.data["seat"], status=SeatStatus.SKIPPED)


@_on("claimed")
def _claimed(state: State, event: Event) -> State:
    return state.with_seat(
        event.data["seat"], status=SeatStatus.CLAIMED, holder=event.actor.person, claimed_at=event.at
    )


@_on("released")
def _released(state: State, event: Event) -> State:
    return state.with_seat(event.data["seat"], status=SeatStatus.OPEN, holder="", owner="")


@_on("reassigned", "delegated", "handed_back")
def _handed(state: State, event: Event) -> State:
    owner = event.data.get("owner", "")
    changed = state.with_seat(
        event.data["seat"], status=SeatStatus.CLAIMED, holder=event.data["to"], owner=owner, claimed_at=event.at
    )
    return _acted(changed, event.data["seat"], event.actor.person) if event.kind != "reassigned" else changed


@_on("voted", "proposed", "agreed")
def _voted(state: State, event: Event) -> State:
    data = event.data
    choice = data.get("vote") or data.get("action") or "agree"
    ballot = Ballot(
        event.actor.person,
        choice,
        event.at,
        tuple(data.get("conditions", ())),
        tuple(data.get("denied_items", ())),
        data.get("signs", ""),
    )
    holder = {} if event.actor.person == SYSTEM else {"holder": event.actor.person}
    changed = state.with_seat(data["seat"], status=SeatStatus.VOTED, ballot=ballot, **holder)
    return _acted(changed, data["seat"], event.actor.person)


@_on("ballot_voided")
def _ballot_voided(state: State, event: Event) -> State:
    return state.with_seat(event.data["seat"], status=SeatStatus(event.data["status"]), ballot=None, holder="")


@_on("returned")
def _returned(state: State, event: Event) -> State:
    return _acted(state, event.data["seat"], event.actor.person)


def _acted(state: State, seat: str, person: str) -> State:
    if person == SYSTEM:
        return state
    place = f"{state.stage}.{seat}"
    people = tuple(sorted({*state.acted.get(place, ()), person}))
    return replace(state, acted={**state.acted, place: people})


@_on("recused")
def _recused(state: State, event: Event) -> State:
    person = event.data["person"]
    seats = tuple(
        replace(seat, status=SeatStatus.OPEN, holder="", owner="")
        if seat.live and person in (seat.holder, seat.owner)
        else seat
        for seat in state.seats
    )
    return replace(state, recused=tuple(sorted({*state.recused, person})), seats=seats)


@_on("question_asked")
def _question_asked(state: State, event: Event) -> State:
    data = event.data
    question = Question(data["question_id"], state.stage, state.round, data["seat"], event.at)
    pause = Pause("rfi", state.stage, event.at, cause=question.id)
    return replace(state, questions=(*state.questions, question), pauses=(*state.pauses, pause))


@_on("question_answered", "question_closed")
def _question_over(state: State, event: Event) -> State:
    over = event.data["question_id"]
    answered = event.kind == "question_answered"
    questions = tuple(replace(q, closed_at=event.at, answered=answered) if q.id == over else q for q in state.questions)
    return _resumed(replace(state, questions=questions), event, "rfi", over)


@_on("held")
def _held(state: State, event: Event) -> State:
    return replace(state, pauses=(*state.pauses, Pause("hold", state.stage, event.at, cause=event.data["reason"])))


@_on("resumed")
def _hold_over(state: State, event: Event) -> State:
    return _resumed(state, event, "hold", None)


def _resumed(state: State, event: Event, reason: str, cause: str | None) -> State:
    pauses = tuple(
        replace(pause, ended=event.at)
        if pause.ended is None and pause.reason == reason and cause in (None, pause.cause)
        else pause
        for pause in state.pauses
    )
    return replace(state, pauses=pauses)


@_on("effect_requested")
def _effect_requested(state: State, event: Event) -> State:
    return replace(state, effect=event.data["key"], incident="")


@_on("effect_completed")
def _effect_completed(state: State, event: Event) -> State:
    return replace(state, effect="", facts={**state.facts, **event.data["facts"]})


@_on("effect_failed")
def _effect_failed(state: State, event: Event) -> State:
    return replace(state, effect="")


@_on("incident_opened")
def _incident_opened(state: State, event: Event) -> State:
    return replace(state, incident=event.data["what"])


@_on("incident_resolved")
def _incident_resolved(state: State, event: Event) -> State:
    return replace(state, incident="")


@_on("warned", "expired")
def _fired(state: State, event: Event) -> State:
    return replace(state, fired=(*state.fired, event.data["timer"]))


@_on("force_proposed")
def _force_proposed(state: State, event: Event) -> State:
    return replace(state, force={"stage": event.data["stage"], "by": event.actor.person})


@_on("reopened")
def _reopened(state: State, event: Event) -> State:
    return replace(state, end="", closed_at=None)


@_on("retried")
def _retried(state: State, event: Event) -> State:
    return _counted(state, state.stage, "retried")


@_on("limit_lifted")
def _limit_lifted(state: State, event: Event) -> State:
    place = f"{state.stage}.{event.data['action']}"
    return replace(state, counts={**state.counts, place: state.counts[place] - 1})


@_on("amended")
def _amended(state: State, event: Event) -> State:
    return replace(state, facts={**state.facts, **event.data["facts"]})


@_on("provisional")
def _provisional(state: State, event: Event) -> State:
    waiting = Provisional(event.data["outcome"], event.data["target"], event.at)
    seats = tuple(replace(seat, status=SeatStatus.CANCELLED) if _unfinished(seat) else seat for seat in state.seats)
    return replace(state, provisional=waiting, seats=seats)


@_on("ended")
def _ended(state: State, event: Event) -> State:
    visit = replace(state.visits[-1], left_at=event.at, outcome=event.data["end"])
    pauses = tuple(replace(pause, ended=pause.ended or event.at) for pause in state.pauses)
    return replace(
        state,
        end=event.data["end"],
        closed_at=event.at,
        visits=(*state.visits[:-1], visit),
        seats=tuple(replace(seat, status=SeatStatus.CANCELLED) if _unfinished(seat) else seat for seat in state.seats),
        pauses=pauses,
        effect="",
        incident="",
        provisional=None,
    )
