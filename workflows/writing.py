"""Writing what the kernel has decided: events in their chain, snapshot, seats, timers, incidents and owed work, in one transaction."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import AutoField, Field, Model

from workflows import kernel, outbox, registry
from workflows.kernel.state import Seat as SeatState
from workflows.models import Event, Incident, Instance, Seat, Timer

GENESIS = ""
Columns = Sequence["Field[Any, Any]"]
Place = tuple[str, int, str]  # stage, round, key


def _of(model: type[Model], *names: str) -> Columns:
    """The columns of a model that have these names; all but the number that the database gives, when none is named."""
    return [
        field
        for field in model._meta.concrete_fields
        if (field.name in names if names else not isinstance(field, AutoField))
    ]


CASE, SEAT, EVENT, DUE, GONE = _of(Instance), _of(Seat), _of(Event), _of(Timer), _of(Timer, "instance", "key")


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
    """Write them all, each of another case, in one statement; then owe their effects and tell the listeners, case by case."""
    project(changes, [row for change in changes for row in _chained(change)])
    _incidents(changes)
    for change in changes:
        for effect in kernel.effects(change.events):
            outbox.put(effect=effect.name, key=effect.key, payload={"instance": str(change.instance.pk)})
        registry.listeners.tell(change.instance, change.events)


def project(changes: Sequence[Change], events: Sequence[Event] = ()) -> None:
    """Write events, snapshots, and the seats and timers that differ from before."""
    seats: list[Seat] = []
    due: list[Timer] = []
    gone: list[Timer] = []
    for change in changes:
        changed, state = change.replayed()
        _set(change.instance, state)
        seats += [_seat_row(change.instance, place, seat) for place, seat in changed.items()]
        was = _due(change.under, change.before) if change.before else {}
        now = _due(change.definition, state)
        due += [Timer(instance=change.instance, key=key, due_at=at) for key, at in now.items() if was.get(key) != at]
        gone += [Timer(instance=change.instance, key=key) for key in was.keys() - now.keys()]
    given = (
        (CASE, [change.instance for change in changes]), (SEAT, seats), (GONE, gone), (DUE, due), (EVENT, events)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_statement(), [_json(columns, rows) for columns, rows in given])
    for change in changes:
        change.instance._state.adding = False


@cache
def _statement() -> str:
    """All that a command writes, in one round trip; the types of the rows that it is given, as JSON, are those of the models."""
    parts = {
        "cases": _upsert(CASE, ["id"]),
        "seats": _upsert(SEAT, ["instance_id", "stage", "round", "key"]),
        "gone": _delete(GONE),
        "due": _upsert(DUE, ["instance_id", "key"]),
    }
    return f"WITH {', '.join(f'{name} AS ({part})' for name, part in parts.items())} {_insert(EVENT)}"


def _given(columns: Columns) -> str:
    types = ", ".join(f'"{column.column}" {column.rel_db_type(connection)}' for column in columns)
    return f"jsonb_to_recordset(%s::jsonb) AS given({types})"


def _insert(columns: Columns) -> str:
    names = ", ".join(f'"{column.column}"' for column in columns)
    return f"INSERT INTO {columns[0].model._meta.db_table} ({names}) SELECT {names} FROM {_given(columns)}"  # noqa: S608


def _upsert(columns: Columns, unique: Sequence[str]) -> str:
    changes = ", ".join(
        f'"{column.column}" = EXCLUDED."{column.column}"' for column in columns if column.column not in unique
    )
    return f"{_insert(columns)} ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {changes}"


def _delete(columns: Columns) -> str:
    names = ", ".join(f'"{column.column}"' for column in columns)
    return f"DELETE FROM {columns[0].model._meta.db_table} WHERE ({names}) IN (SELECT {names} FROM {_given(columns)})"  # noqa: S608


def _json(columns: Columns, rows: Iterable[Model]) -> str:
    plain = [{column.column: getattr(row, column.attname) for column in columns} for row in rows]
    return json.dumps(plain, default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value))


def _set(instance: Instance, state: kernel.State) -> None:
    instance.snapshot = state.to_json()
    instance.stage, instance.round, instance.end = state.stage, state.round, state.end
    instance.incident, instance.closed_at, instance.entered_at = state.incident, state.closed_at, state.entered_at


def _due(definition: kernel.Definition, state: kernel.State) -> dict[str, datetime]:
    return {timer.key: timer.due_at for timer in kernel.timers(definition, state)}


def _seat_row(instance: Instance, place: Place, seat: SeatState) -> Seat:
    (stage, round_, key), ballot = place, seat.ballot
    return Seat(
        instance=instance, stage=stage, round=round_, key=key, pool=seat.pool, status=seat.status.value, opened_at=seat.opened_at,
        holder=seat.holder, choice=ballot.choice if ballot else "", voted_at=ballot.at if ballot else None,
    )  # fmt: skip


def _chained(change: Change) -> Iterator[Event]:
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
