"""Checking what is kept of cases against their histories, and mending what can be rebuilt from them."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction

from workflows import engine, kernel
from workflows.kernel import timers
from workflows.models import Event, Instance, OutboxRow, OutboxState, Seat, Timer
from workflows.writing import GENESIS, Change, digest, project


@dataclass(frozen=True)
class Breach:
    """An invariant that does not hold for a case; `invariant` is its number in docs/workflows.md."""

    reference: str
    invariant: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.reference}: {self.invariant} {self.sentence}"


def verify(reference: str = "") -> Iterator[Breach]:
    """Every breach, case by case in the order of their opening; with a reference, of that case alone."""
    instances = Instance.objects.order_by("opened_at", "pk").prefetch_related("events", "seats", "timers")
    for instance in (instances.filter(reference=reference) if reference else instances).iterator(chunk_size=200):
        yield from of_case(instance)


def of_case(instance: Instance) -> Iterator[Breach]:
    rows = sorted(instance.events.all(), key=lambda row: row.sequence)

    def breach(invariant: str, sentence: str) -> Breach:
        return Breach(instance.reference, invariant, sentence)

    if [row.sequence for row in rows] != list(range(1, instance.version + 1)):
        yield breach("I2", f"has events {[row.sequence for row in rows][:5]}… where 1 to {instance.version} should be")
        return
    broken = first_broken(instance, rows)
    if broken:
        yield breach("I10", f"the chain breaks at event {broken}")
        return
    state = kernel.replay(engine.event_of(row) for row in rows)
    if state is None:
        yield breach("I1", "has no history")
        return
    if state.to_json() != instance.snapshot:
        yield breach("I1", "the snapshot is not what the history gives")
    yield from (breach("I1", sentence) for sentence in _projections(instance, state))
    yield from (breach(number, sentence) for number, sentence in _life(instance, state))
    if len({row.command for row in rows}) != len([command for command, _ in groupby(row.command for row in rows)]):
        yield breach("I11", "the events of one command do not stand together")


def first_broken(instance: Instance, rows: list[Event]) -> int:
    """The number of the first event whose hash is not what it should be; 0 when the chain is whole."""
    head = GENESIS
    for row in rows:
        head = digest(head, instance.pk, row.sequence, engine.event_of(row))
        if head != row.hash:
            return row.sequence
    return 0 if head == instance.head else instance.version


def _projections(instance: Instance, state: kernel.State) -> Iterator[str]:
    for field in ("stage", "round", "end", "incident", "closed_at", "entered_at"):
        if getattr(instance, field) != getattr(state, field):
            yield f"{field} is {getattr(instance, field)!r} and should be {getattr(state, field)!r}"
    kept = {
        seat.key: (seat.status, seat.holder, seat.choice)
        for seat in instance.seats.all()
        if (seat.stage, seat.round) == (state.stage, state.round)
    }
    wanted = {
        seat.key: (seat.status.value, seat.holder, seat.ballot.choice if seat.ballot else "") for seat in state.seats
    }
    if kept != wanted:
        yield f"the seats are {kept} and should be {wanted}"
    due = {timer.key: timer.due_at for timer in timers(engine.definition_of(instance), state)}
    if {timer.key: timer.due_at for timer in instance.timers.all()} != due:
        yield "the timers are not those that its clocks give"


def _life(instance: Instance, state: kernel.State) -> Iterator[tuple[str, str]]:
    """An open case has something that moves it (I5); a closed one has nothing left (I6)."""
    owed = OutboxRow.objects.filter(key=state.effect, state=OutboxState.DUE).exists() if state.effect else False
    live = [seat.key for seat in state.seats if seat.live]
    if state.closed:
        if live or state.open_questions() or state.effect or instance.timers.all():
            yield "I6", "is closed and has an open seat, question, timer or effect"
    elif not (live or state.open_questions() or owed or state.incident or instance.timers.all()):
        yield "I5", "is open and nothing can move it"


def rebuild(reference: str) -> Instance:
    """Write snapshot, seats and timers anew from the history. Raises ValueError when the chain itself is broken."""
    with transaction.atomic():
        instance = engine.locked(Instance.objects.values_list("pk", flat=True).get(reference=reference))
        rows = list(instance.events.order_by("sequence"))
        broken = first_broken(instance, rows)
        state = kernel.replay(engine.event_of(row) for row in rows)
        if broken or state is None:
            raise ValueError(f"{reference}: the chain breaks at event {broken}; a broken history is never built upon")
        Seat.objects.filter(instance=instance).delete()
        Timer.objects.filter(instance=instance).delete()
        definition, events = engine.definition_of(instance), tuple(engine.event_of(row) for row in rows)
        project([Change(instance, None, definition, definition, events, uuid.uuid4(), instance.opened_at)])
    return instance
