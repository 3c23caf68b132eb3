"""Writing what the kernel has decided: events in their chain, snapshot, seats, timers, incidents and owed work, in one transaction."""

import hashlib
import json
import operator
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from django.db.models import Q

from workflows import kernel, outbox, registry
from workflows.kernel.state import Seat as SeatState
from workflows.models import Event, Incident, Instance, Seat, Timer

GENESIS = ""
CASE_FIELDS = ["version", "head", "snapshot", "stage", "round", "end", "incident", "closed_at", "entered_at"]
SEAT_FIELDS = ["pool", "status", "opened_at", "holder", "choice", "voted_at"]
Place = tuple[str, int, str]  # stage, round, key


@dataclass(frozen=True)
class Change:
    """What one command does to one case; `under` is the definition of before, `definition` that of afterwards."""

    instance: Instance
    before: kernel.State | None
    under: kernel.Definition
    definition: kernel.Definition
    events: tuple[kernel.Event, ...]
    command: uuid.UUID
    at: datetime

    def replayed(self) -> tuple[dict[Place, SeatState], kernel.State]:
        """The seats that the events changed, and the state in the end."""
        changed: dict[Place, SeatState] = {}
        state = self.before
        for event in self.events:
            known = {seat.key: seat for seat in state.seats} if state and event.kind != "stage_entered" else {}
            state = kernel.evolve(state, event)
            for seat in state.seats:
                if known.get(seat.key) != seat:
                    changed[(state.stage, state.round, seat.key)] = seat
        if state is None:
            raise ValueError("a command without events")
        return changed, state


def write(changes: Sequence[Change]) -> None:
    """Write them all, each of another case, in as many queries as one takes; the listeners are told case by case."""
    rows = [row for change in changes for row in _chained(change)]
    project(changes)
    Event.objects.bulk_create(rows)
    _incidents(changes)
    for change in changes:
        for effect in kernel.effects(change.events):
            outbox.put(effect=effect.name, key=effect.key, payload={"instance": str(change.instance.pk)})
        registry.listeners.tell(change.instance, change.events)


def project(changes: Sequence[Change]) -> None:
    """Write snapshots, and the seats and timers that differ from before; what did not change costs no query."""
    seats, gone, due = [], [], []
    for change in changes:
        changed, state = change.replayed()
        _set(change.instance, state)
        seats += [_seat_row(change.instance, place, seat) for place, seat in changed.items()]
        was = _due(change.under, change.before) if change.before else {}
        now = _due(change.definition, state)
        if ended := was.keys() - now.keys():
            gone.append(Q(instance=change.instance, key__in=ended))
        due += [Timer(instance=change.instance, key=key, due_at=at) for key, at in now.items() if was.get(key) != at]
    _cases(changes)
    if seats:
        Seat.objects.bulk_create(
            seats,
            update_conflicts=True,
            unique_fields=["instance", "stage", "round", "key"],
            update_fields=SEAT_FIELDS,
        )
    if gone:
        Timer.objects.filter(reduce(operator.or_, gone)).delete()
    if due:
        Timer.objects.bulk_create(
            due, update_conflicts=True, unique_fields=["instance", "key"], update_fields=["due_at"]
        )


def _set(instance: Instance, state: kernel.State) -> None:
    instance.snapshot = state.to_json()
    instance.stage, instance.round, instance.end = state.stage, state.round, state.end
    instance.incident, instance.closed_at, instance.entered_at = state.incident, state.closed_at, state.entered_at


def _cases(changes: Sequence[Change]) -> None:
    new = [change.instance for change in changes if change.instance._state.adding]
    old = [change.instance for change in changes if not change.instance._state.adding]
    if new:
        Instance.objects.bulk_create(new)
    if len(old) == 1:
        Instance.objects.filter(pk=old[0].pk).update(**{name: getattr(old[0], name) for name in CASE_FIELDS})
    elif old:
        Instance.objects.bulk_create(
            old, update_conflicts=True, unique_fields=["id"], update_fields=CASE_FIELDS
        )  # all of them are there and locked: one statement that updates


def _due(definition: kernel.Definition, state: kernel.State) -> dict[str, datetime]:
    return {timer.key: timer.due_at for timer in kernel.timers(definition, state)}


def _seat_row(instance: Instance, place: Place, seat: SeatState) -> Seat:
    (stage, round_, key), ballot = place, seat.ballot
    return Seat(
        instance=instance, stage=stage, round=round_, key=key, pool=seat.pool, status=seat.status.value, opened_at=seat.opened_at,
        holder=seat.holder, choice=ballot.choice if ballot else "", voted_at=ballot.at if ballot else None,
    )  # fmt: skip


def _chained(change: Change) -> Iterable[Event]:
    instance = change.instance
    for event in change.events:
        instance.version += 1
        instance.head = digest(instance.head, instance.pk, instance.version, event)
        yield Event(
            instance=instance, sequence=instance.version, command=change.command, kind=event.kind, at=event.at,
            actor=event.actor.person, actor_label=event.actor.label, data=event.data, hash=instance.head,
        )  # fmt: skip


def digest(previous: str, instance_id: uuid.UUID, sequence: int, event: kernel.Event) -> str:
    """SHA-256 of an event in its place: JSON with sorted keys of the hash before it, the case, the place and the event."""
    whole = [
        previous,
        str(instance_id),
        sequence,
        event.kind,
        event.at.isoformat(),
        event.actor.person,
        event.actor.label,
        event.data,
    ]
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _incidents(changes: Sequence[Change]) -> None:
    """Incidents of a case follow its events: opened by one, over when the case goes on."""
    opened = [
        Incident(instance=change.instance, what=event.data["what"], why=event.data["why"], opened_at=change.at)
        for change in changes
        for event in change.events
        if event.kind == "incident_opened"
    ]
    anew = {incident.instance for incident in opened}
    for change in changes:
        if change.before and change.before.incident and (change.instance in anew or not change.instance.incident):
            Incident.objects.filter(instance=change.instance, resolved_at__isnull=True).update(resolved_at=change.at)
    if opened:
        Incident.objects.bulk_create(opened)
