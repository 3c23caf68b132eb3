"""Moving cases: one command, one transaction. The public face of the engine, together with `registry`, `outbox` and `reports`."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils import timezone

from workflows import kernel, outbox, registry
from workflows.kernel.checks import check
from workflows.kernel.load import from_json
from workflows.models import Command, Definition, Event, Incident, Instance, Seat, Timer

GENESIS = ""
SEAT_FIELDS = ["pool", "status", "opened_at", "holder", "choice", "voted_at"]
SYSTEM = kernel.SYSTEM_ACTOR


@dataclass(frozen=True)
class Outcome:
    """What a command brought about. `repeated` says that it was accepted before, under the same id."""

    instance: Instance
    events: tuple[kernel.Event, ...]
    repeated: bool = False


class PoolsNow:
    """The world at one instant, as the application knows it; each pool is asked for once."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._members: dict[str, frozenset[str]] = {}
        self._substitutes: dict[str, frozenset[str]] = {}
        self._stewards: frozenset[str] | None = None

    def members(self, pool: str) -> frozenset[str]:
        if pool not in self._members:
            self._members[pool] = registry.pools.members(pool, self._at)
        return self._members[pool]

    def stands_in_for(self, pool: str) -> frozenset[str]:
        if pool not in self._substitutes:
            self._substitutes[pool] = registry.pools.substitutes(pool, self._at)
        return self._substitutes[pool]

    def stewards(self) -> frozenset[str]:
        if self._stewards is None:
            self._stewards = registry.pools.stewards(self._at)
        return self._stewards

    def took_part_before(self) -> frozenset[str]:
        return frozenset()


def publish(source: str, *, actor: kernel.Actor) -> Definition:
    """Publish a definition from YAML; the same text again is the same row.

    Raises `kernel.BadDefinition` with every finding, empty pools among them, and when the version exists with another content.
    """
    loaded = kernel.load(source)
    findings = check(loaded, pools_of(loaded))
    if findings:
        raise kernel.BadDefinition(findings)
    defaults = {
        "content": loaded.source,
        "digest": loaded.digest,
        "published_at": timezone.now(),
        "published_by": actor.person,
    }
    row, _ = Definition.objects.get_or_create(key=loaded.key, version=loaded.version, defaults=defaults)
    if row.digest != loaded.digest:
        line = loaded.line(("version",))
        what = f"{loaded.key} {loaded.version} is published with another content"
        raise kernel.BadDefinition([kernel.Finding(line, "version-taken", what, "give it the next version")])
    return row


def pools_of(definition: kernel.Definition) -> dict[str, frozenset[str]]:
    """Who is in the pools that a definition names, now."""
    now = timezone.now()
    return {pool: registry.pools.members(pool, now) for pool in definition.pools()}


def start(
    *,
    key: str,
    reference: str,
    facts: Mapping[str, Any],
    actor: kernel.Actor,
    command_id: uuid.UUID | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Open a case under the newest published version of a definition. `reference` is the application's, and unique."""
    with transaction.atomic(savepoint=False):
        repeated = _repeated(command_id)
        if repeated:
            return repeated
        row = Definition.objects.filter(key=key, retired_at__isnull=True).order_by("-version").first()
        if row is None:
            raise LookupError(f"no workflow {key!r} is published")
        now = at or timezone.now()
        instance = Instance(definition=row, reference=reference, opened_at=now, entered_at=now)
        command = kernel.Command("start", actor, {"reference": reference, "facts": dict(facts)})
        return _apply(instance, None, command, command_id, now)


def execute(
    *,
    instance_id: uuid.UUID,
    kind: str,
    actor: kernel.Actor,
    data: Mapping[str, Any] | None = None,
    command_id: uuid.UUID | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Execute a command, in the caller's transaction where there is one. Raises `kernel.Refused`; then nothing has changed.

    The same `command_id` again gets the first answer. `at` is for replaying a known instant; it may not lie before the last event.
    """
    with transaction.atomic(savepoint=False):
        instance = locked(instance_id)
        repeated = _repeated(command_id)
        if repeated:
            return repeated
        state = instance.state
        now = max(at or timezone.now(), _last_instant(state))
        return _apply(instance, state, kernel.Command(kind, actor, dict(data or {})), command_id, now)


def locked(instance_id: uuid.UUID) -> Instance:
    """The case, locked until the transaction ends."""
    return Instance.objects.select_for_update(of=("self",), no_key=True).get(pk=instance_id)


def allowed(instance: Instance, actor: kernel.Actor, at: datetime | None = None) -> list[kernel.Action]:
    """What the actor may do with the case now."""
    now = at or timezone.now()
    return kernel.allowed(definition_of(instance), instance.state, actor, now, PoolsNow(now))


def definition_of(instance: Instance) -> kernel.Definition:
    """The definition that the case keeps to, read once per process: definitions never change."""
    return definition_by_id(instance.definition_id)


@lru_cache(maxsize=256)
def definition_by_id(definition_id: int) -> kernel.Definition:
    return from_json(Definition.objects.only("content").get(pk=definition_id).content)


def _last_instant(state: kernel.State) -> datetime:
    """Time does not run backwards in a case, even when a machine's clock does."""
    instants = [visit.left_at or visit.entered_at for visit in state.visits]
    instants += [seat.ballot.at for seat in state.seats if seat.ballot]
    instants += [pause.ended or pause.started for pause in state.pauses]
    return max(instants, default=state.opened_at)


def _repeated(command_id: uuid.UUID | None) -> Outcome | None:
    if command_id is None:
        return None
    before = Command.objects.select_related("instance").filter(pk=command_id).first()
    if before is None:
        return None
    rows = before.instance.events.filter(sequence__range=(before.first_event, before.last_event))
    return Outcome(before.instance, tuple(event_of(row) for row in rows), repeated=True)


def event_of(row: Event) -> kernel.Event:
    return kernel.Event(row.kind, row.at, kernel.Actor(row.actor, row.actor_label), row.data)


def _apply(
    instance: Instance,
    before: kernel.State | None,
    command: kernel.Command,
    command_id: uuid.UUID | None,
    now: datetime,
) -> Outcome:
    events = kernel.decide(definition_of(instance), before, command, now, PoolsNow(now))
    return _write(instance, before, command, events, command_id, now)


def _write(
    instance: Instance,
    before: kernel.State | None,
    command: kernel.Command,
    events: Sequence[kernel.Event],
    command_id: uuid.UUID | None,
    now: datetime,
    *,
    under: kernel.Definition | None = None,
) -> Outcome:
    """Write what the kernel has decided; `under` is the definition of before, where the command has changed it."""
    definition = definition_of(instance)
    first = instance.version + 1
    seats, state = _seat_changes(before, events)
    rows = _chained(instance, events)
    _save(instance, state, new=before is None)
    Event.objects.bulk_create(rows)
    Command.objects.bulk_create(
        [
            Command(
                id=command_id or uuid.uuid4(), instance=instance, kind=command.kind, actor=command.actor.person, at=now,
                first_event=first, last_event=instance.version,
            )
        ]
    )  # fmt: skip
    _project(instance, under or definition, before, definition, state, seats)
    _incidents(instance, before, events, now)
    for effect in kernel.effects(events):
        outbox.put(effect=effect.name, key=effect.key, payload={"instance": str(instance.pk)})
    registry.listeners.tell(instance, events)
    return Outcome(instance, tuple(events))


def move_to(
    instance: Instance, definition: Definition, stage: str, *, actor: kernel.Actor, reason: str, at: datetime
) -> Outcome:
    """Move a locked case to a stage of another version of its definition; its seats and clocks there begin anew."""
    before = instance.state
    now = max(at, _last_instant(before))
    data = {"version": definition.version, "digest": definition.digest, "stage": stage, "reason": reason}
    command = kernel.Command("migrate", actor, data)
    events = kernel.migrated(definition_by_id(definition.pk), before, command, now, PoolsNow(now))
    old = definition_of(instance)
    instance.definition = definition
    instance.save(update_fields=["definition"])
    return _write(instance, before, command, events, None, now, under=old)


def write_projections(instance: Instance, events: Sequence[kernel.Event]) -> None:
    """Write snapshot, seats and timers from a whole history; the rows of before are gone already."""
    seats, state = _seat_changes(None, events)
    _save(instance, state, new=False)
    _project(instance, definition_of(instance), None, definition_of(instance), state, seats)


def _seat_changes(
    before: kernel.State | None, events: Iterable[kernel.Event]
) -> tuple[dict[tuple[str, int, str], Any], kernel.State]:
    """The seats that the events changed, by stage, round and key; and the state in the end."""
    changed: dict[tuple[str, int, str], Any] = {}
    state = before
    for event in events:
        known = {(seat.key): seat for seat in state.seats} if state and event.kind != "stage_entered" else {}
        state = kernel.evolve(state, event)
        for seat in state.seats:
            if known.get(seat.key) != seat:
                changed[(state.stage, state.round, seat.key)] = seat
    if state is None:
        raise ValueError("a command without events")
    return changed, state


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
    return hashlib.sha256(
        json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def _chained(instance: Instance, events: Sequence[kernel.Event]) -> list[Event]:
    rows = []
    for event in events:
        instance.version += 1
        instance.head = digest(instance.head, instance.pk, instance.version, event)
        rows.append(
            Event(
                instance=instance, sequence=instance.version, kind=event.kind, at=event.at, actor=event.actor.person,
                actor_label=event.actor.label, data=event.data, hash=instance.head,
            )
        )  # fmt: skip
    return rows


def _save(instance: Instance, state: kernel.State, *, new: bool) -> None:
    instance.snapshot = state.to_json()
    instance.stage, instance.round, instance.end = state.stage, state.round, state.end
    instance.incident, instance.closed_at, instance.entered_at = state.incident, state.closed_at, state.entered_at
    fields = ["version", "head", "snapshot", "stage", "round", "end", "incident", "closed_at", "entered_at"]
    if new:
        instance.save(force_insert=True)
    else:
        instance.save(update_fields=fields)


def _project(
    instance: Instance,
    under: kernel.Definition,
    before: kernel.State | None,
    definition: kernel.Definition,
    state: kernel.State,
    seats: Mapping[tuple[str, int, str], Any],
) -> None:
    """Write the seats and timers that differ from before; what did not change costs no query."""
    if seats:
        Seat.objects.bulk_create(
            [seat_row(instance, *place, seat) for place, seat in seats.items()],
            update_conflicts=True,
            unique_fields=["instance", "stage", "round", "key"],
            update_fields=SEAT_FIELDS,
        )
    was = {timer.key: timer.due_at for timer in kernel.timers(under, before)} if before else {}
    now = {timer.key: timer.due_at for timer in kernel.timers(definition, state)}
    if gone := was.keys() - now.keys():
        Timer.objects.filter(instance=instance, key__in=gone).delete()
    if changed := {key: due for key, due in now.items() if was.get(key) != due}:
        Timer.objects.bulk_create(
            [Timer(instance=instance, key=key, due_at=due) for key, due in changed.items()],
            update_conflicts=True,
            unique_fields=["instance", "key"],
            update_fields=["due_at"],
        )


def seat_row(instance: Instance, stage: str, round_: int, key: str, seat: Any) -> Seat:
    ballot = seat.ballot
    return Seat(
        instance=instance, stage=stage, round=round_, key=key, pool=seat.pool, status=seat.status.value, opened_at=seat.opened_at,
        holder=seat.holder, choice=ballot.choice if ballot else "", voted_at=ballot.at if ballot else None,
    )  # fmt: skip


def _incidents(instance: Instance, before: kernel.State | None, events: Sequence[kernel.Event], now: datetime) -> None:
    """Incidents of a case follow its events: opened by one, over when the case goes on."""
    opened = [event for event in events if event.kind == "incident_opened"]
    if before and before.incident and (opened or not instance.incident):
        Incident.objects.filter(instance=instance, resolved_at__isnull=True).update(resolved_at=now)
    if opened:
        Incident.objects.bulk_create(
            Incident(instance=instance, what=event.data["what"], why=event.data["why"], opened_at=now)
            for event in opened
        )
