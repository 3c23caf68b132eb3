"""Checking what is kept of cases against their histories, and mending what can be rebuilt from them."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, islice
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from workflows import engine, kernel, registry
from workflows.kernel import timers
from workflows.models import Event, Instance, OutboxRow, OutboxState, Seat, Timer
from workflows.writing import GENESIS, Change, digest, project

DRAINED = timedelta(seconds=60)  # how long owed work may wait for somebody to be at it
TOGETHER = 200


@dataclass(frozen=True)
class Breach:
    """An invariant that does not hold for a case; `invariant` is its number in docs/workflows.md."""

    reference: str
    invariant: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.reference}: {self.invariant} {self.sentence}"


class Line(NamedTuple):
    """One event as it is kept."""

    sequence: int
    command: uuid.UUID
    hash: str
    event: kernel.Event


@dataclass(frozen=True)
class History:
    """A case and its lines, in order."""

    instance: Instance
    lines: Sequence[Line]


def histories(instances: Sequence[Instance]) -> list[History]:
    """The histories of these cases. One query, and no row becomes an object of the ORM: that would take most of the time."""
    lines: dict[uuid.UUID, list[Line]] = {instance.pk: [] for instance in instances}
    rows = Event.objects.filter(instance__in=instances).order_by("sequence")
    for case, sequence, command, hash_, kind, at, actor, label, data in rows.values_list(
        "instance_id", "sequence", "command", "hash", "kind", "at", "actor", "actor_label", "data"
    ).iterator(chunk_size=5000):
        lines[case].append(Line(sequence, command, hash_, kernel.Event(kind, at, kernel.Actor(actor, label), data)))
    return [History(instance, lines[instance.pk]) for instance in instances]


def verify(reference: str = "") -> Iterator[Breach]:
    """Every breach, case by case in the order of their opening; with a reference, of that case alone."""
    instances = Instance.objects.order_by("opened_at", "pk").prefetch_related("seats", "timers")
    rows = (instances.filter(reference=reference) if reference else instances).iterator(chunk_size=TOGETHER)
    while chunk := list(islice(rows, TOGETHER)):
        yield from of_cases(chunk)


def of_cases(instances: Sequence[Instance]) -> Iterator[Breach]:
    """The breaches of a few cases: those that the engine knows of, then those that the application does."""
    found = histories(instances)
    owed = _owed(found)
    for history in found:
        yield from (Breach(history.instance.reference, *broken) for broken in _breaches(history, owed))
    for instance, number, sentence in registry.invariants.ask(found):
        yield Breach(instance.reference, number, sentence)


def _owed(found: Sequence[History]) -> dict[str, OutboxRow]:
    keys = {
        line.event.data["key"] for history in found for line in history.lines if line.event.kind == "effect_requested"
    }
    return {row.key: row for row in OutboxRow.objects.filter(key__in=keys)}


def _breaches(history: History, owed: dict[str, OutboxRow]) -> Iterator[kernel.Broken]:
    instance, lines = history.instance, history.lines
    if [line.sequence for line in lines] != list(range(1, instance.version + 1)):
        yield "I2", f"has events {[line.sequence for line in lines][:5]}… where 1 to {instance.version} should be"
        return
    broken = first_broken(history)
    if broken:
        yield "I10", f"the chain breaks at event {broken}"
        return
    if not lines:
        yield "I1", "has no history"
        return
    events = tuple(line.event for line in lines)
    found = kernel.scrutinize(engine.definition_of(instance), events, engine.took_part_before(instance.parent_id))
    yield from _kept(instance, found)
    yield from found.broken
    yield from _work(events, owed)
    yield from _life(instance, found.state, owed)
    if len({line.command for line in lines}) != len(
        [command for command, _ in groupby(line.command for line in lines)]
    ):
        yield "I11", "the events of one command do not stand together"


def first_broken(history: History) -> int:
    """The number of the first event whose hash is not what it should be; 0 when the chain is whole."""
    head = GENESIS
    for line in history.lines:
        head = digest(head, history.instance.pk, line.sequence, line.event)
        if head != line.hash:
            return line.sequence
    return 0 if head == history.instance.head else history.instance.version


def _kept(instance: Instance, found: kernel.Scrutiny) -> Iterator[kernel.Broken]:
    """Snapshot, fields, seats of every round (I1) and timers (I7) against what the history gives."""
    state = found.state
    if state.to_json() != instance.snapshot:
        yield "I1", "the snapshot is not what the history gives"
    for field in ("stage", "round", "end", "incident", "closed_at", "entered_at"):
        if getattr(instance, field) != getattr(state, field):
            yield "I1", f"{field} is {getattr(instance, field)!r} and should be {getattr(state, field)!r}"
    kept = {(row.stage, row.round, row.key): (row.status, row.holder, row.choice) for row in instance.seats.all()}
    wanted = {
        place: (seat.status.value, seat.holder, seat.ballot.choice if seat.ballot else "")
        for place, seat in found.seats.items()
    }
    for place in sorted(kept.keys() | wanted.keys()):
        if kept.get(place) != wanted.get(place):
            yield "I1", f"the seat {place} is {kept.get(place)} and should be {wanted.get(place)}"
    due = {timer.key: timer.due_at for timer in timers(engine.definition_of(instance), state)}
    if {timer.key: timer.due_at for timer in instance.timers.all()} != due:
        yield "I7", "the timers are not those that its clocks give"


def _work(events: Sequence[kernel.Event], owed: dict[str, OutboxRow]) -> Iterator[kernel.Broken]:
    """Work that was asked for is owed, and nobody lets it lie (I4)."""
    now = timezone.now()
    for event in events:
        row = owed.get(event.data["key"]) if event.kind == "effect_requested" else None
        if event.kind == "effect_requested" and row is None:
            yield "I4", f"{event.data['key']} is owed and stands nowhere"
        elif row and row.state == OutboxState.DUE and max(row.due_at, row.leased_until or row.due_at) < now - DRAINED:
            yield "I4", f"{row.key} has been due since {row.due_at:%Y-%m-%d %H:%M:%S} and nobody is at it"


def _life(instance: Instance, state: kernel.State, owed: dict[str, OutboxRow]) -> Iterator[kernel.Broken]:
    """An open case has something that moves it (I5); a closed one has nothing left (I6)."""
    row = owed.get(state.effect)
    live = [seat.key for seat in state.seats if seat.live]
    if state.closed:
        if live or state.open_questions() or state.effect or instance.timers.all():
            yield "I6", "is closed and has an open seat, question, timer or effect"
    elif not (
        live
        or state.open_questions()
        or (row and row.state == OutboxState.DUE)
        or state.incident
        or instance.timers.all()
    ):
        yield "I5", "is open and nothing can move it"


def rebuild(reference: str) -> Instance:
    """Write snapshot, seats and timers anew from the history. Raises ValueError when the chain itself is broken."""
    with transaction.atomic():
        instance = engine.locked(Instance.objects.values_list("pk", flat=True).get(reference=reference))
        history = histories([instance])[0]
        broken = first_broken(history)
        if broken or not history.lines:
            raise ValueError(f"{reference}: the chain breaks at event {broken}; a broken history is never built upon")
        Seat.objects.filter(instance=instance).delete()
        Timer.objects.filter(instance=instance).delete()
        definition, events = engine.definition_of(instance), tuple(line.event for line in history.lines)
        project([Change(instance, None, definition, definition, events, uuid.uuid4(), instance.opened_at)])
    return instance
