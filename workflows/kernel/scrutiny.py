"""What a whole history must keep to: one ballot at a time for a seat, nobody where they may not sit, each effect once."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflows.kernel.definition import Definition
from workflows.kernel.evolve import evolve
from workflows.kernel.state import Seat, State
from workflows.kernel.types import SYSTEM, Event

Broken = tuple[str, str]  # number of the invariant, sentence
Place = tuple[str, int, str]  # stage, round, key
SEATED = frozenset({"voted", "proposed", "agreed", "returned"})


@dataclass(frozen=True)
class Scrutiny:
    """What a history comes to: the state, every seat of every round as it was left, and what it breaks."""

    state: State
    seats: Mapping[Place, Seat]
    broken: tuple[Broken, ...]


def scrutinize(definition: Definition, events: Sequence[Event], barred: frozenset[str] = frozenset()) -> Scrutiny:
    """Replay a history and name its breaches of I3, I4 and I8. `barred` are the people who acted in a case that this one reviews.

    What was done before a migration was judged by the version of then, and is not judged again. Raises ValueError for no history.
    """
    state: State | None = None
    seats: dict[Place, Seat] = {}
    broken: list[Broken] = []
    judged = max((number for number, event in enumerate(events) if event.kind == "migrated"), default=-1)
    for number, event in enumerate(events):
        if state is not None:
            if number > judged and event.kind in SEATED and event.actor.person != SYSTEM:
                broken += _sitting(definition, state, event, barred)
            elif event.kind == "stage_entered":
                seats |= _left(state)
        state = evolve(state, event)
    if state is None:
        raise ValueError("there is no history")
    return Scrutiny(state, seats | _left(state), (*broken, *_effects(events)))


def _left(state: State) -> dict[Place, Seat]:
    return {(state.stage, state.round, seat.key): seat for seat in state.seats}


def _sitting(definition: Definition, state: State, event: Event, barred: frozenset[str]) -> Iterator[Broken]:
    person, place = event.actor.person, f"{state.stage}.{event.data['seat']}"
    seat = state.seat(event.data["seat"])
    if seat is None or (seat.holder and seat.holder != person):
        yield "I3", f"{person} acts as {place} in round {state.round}, which is {seat.holder if seat else 'nobody'}'s"
    if person in state.recused:
        yield "I8", f"{person} stepped aside and acts as {place}"
    if person in barred:
        yield "I8", f"{person} acts as {place} and took part in the case that this one reviews"
    for other in sorted(definition.apart_from(place)):
        if person in state.acted.get(other, ()):
            yield "I8", f"{person} acts as {place} and as {other}"


def _effects(events: Sequence[Event]) -> Iterator[Broken]:
    asked = {event.data["key"] for event in events if event.kind == "effect_requested"}
    done = Counter(event.data["key"] for event in events if event.kind == "effect_completed")
    yield from (("I4", f"{key} is done {times} times") for key, times in done.items() if times > 1)
    yield from (("I4", f"{key} is done and nobody asked for it") for key in done.keys() - asked)
