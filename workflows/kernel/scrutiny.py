"""What a whole history must keep to: one ballot at a time for a seat, nobody where they may not sit, each effect once."""

from collections import Counter
from collections.abc import Iterator, Sequence

from workflows.kernel.definition import Definition
from workflows.kernel.evolve import evolve
from workflows.kernel.state import State
from workflows.kernel.types import SYSTEM, Event

Broken = tuple[str, str]  # number of the invariant, sentence
SEATED = frozenset({"voted", "proposed", "agreed", "returned"})


def scrutinize(
    definition: Definition, events: Sequence[Event], barred: frozenset[str] = frozenset()
) -> Iterator[Broken]:
    """Breaches of I3, I4 and I8 in a history. `barred` are the people who acted in a case that this one reviews.

    What was done before a migration was judged by the version of then, and is not judged again.
    """
    state: State | None = None
    judged = max((number for number, event in enumerate(events) if event.kind == "migrated"), default=-1)
    for number, event in enumerate(events):
        if state is not None and number > judged and event.kind in SEATED and event.actor.person != SYSTEM:
            yield from _sitting(definition, state, event, barred)
        state = evolve(state, event)
    yield from _effects(events)


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
