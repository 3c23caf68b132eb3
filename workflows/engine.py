"""Moving cases: one command, one transaction. The public face of the engine, together with `registry`, `outbox` and `reports`."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from workflows import kernel, registry
from workflows.kernel.checks import check
from workflows.kernel.load import from_json
from workflows.models import Definition, Event, Instance, Timer
from workflows.writing import Change, write

SYSTEM = kernel.SYSTEM_ACTOR
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What a command brought about. `repeated` says that it was accepted before, under the same id."""

    instance: Instance
    events: tuple[kernel.Event, ...]
    repeated: bool = False


class PoolsNow:
    """The world at one instant, as the application knows it; each pool is asked for once."""

    def __init__(self, at: datetime, parent: uuid.UUID | None) -> None:
        self._at = at
        self._parent = parent
        self._members: dict[str, frozenset[str]] = {}
        self._substitutes: dict[str, frozenset[str]] = {}
        self._stewards: frozenset[str] | None = None
        self._before: frozenset[str] | None = None

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
        if self._before is None:
            self._before = took_part_before(self._parent)
        return self._before


def took_part_before(instance_id: uuid.UUID | None) -> frozenset[str]:
    """Everybody who acted in a seat of the case, or of one that it reviews."""
    people: set[str] = set()
    while instance_id is not None:
        instance = Instance.objects.only("parent", "snapshot").get(pk=instance_id)
        people.update(*instance.state.acted.values())
        instance_id = instance.parent_id
    return frozenset(people)


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
    parent: uuid.UUID | None = None,
    command_id: uuid.UUID | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Open a case under the newest published version of a definition. `reference` is the application's, and unique.

    Nobody who acted in the case `parent`, or in one that that one reviews, may act in this one.
    """
    with transaction.atomic(savepoint=False):
        if command_id:
            _alone_with(command_id)
        repeated = _repeated(command_id)
        if repeated:
            return repeated
        row = newest(key)
        now = at or timezone.now()
        instance = Instance(definition=row, reference=reference, parent_id=parent, opened_at=now, entered_at=now)
        command = kernel.Command("start", actor, {"reference": reference, "facts": dict(facts)})
        return _written(_change(instance, None, command, command_id, now))


def newest(key: str) -> Definition:
    """The version of a definition under which a case opens today. Raises LookupError when none is published."""
    row = Definition.objects.filter(key=key, retired_at__isnull=True).defer("content").order_by("-version").first()
    if row is None:
        raise LookupError(f"no workflow {key!r} is published")
    return row


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
        return _written(_change(instance, state, kernel.Command(kind, actor, dict(data or {})), command_id, now))


def _alone_with(command_id: uuid.UUID) -> None:
    """Wait for whoever opens a case under the same id at this instant: there is no row yet that could be locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(command_id)])


def expire(due: Sequence[tuple[uuid.UUID, str]]) -> int:
    """Fire timers (case, key), each of another case, in one transaction; returns how many moved their case.

    What the kernel refuses (a decision came first) leaves no trace. Any other error is raised, and then none has fired.
    """
    with transaction.atomic(savepoint=False):
        ids = [instance_id for instance_id, _ in due]
        instances = Instance.objects.select_for_update(of=("self",), no_key=True).order_by("pk").in_bulk(ids)
        changes = [change for instance_id, key in due if (change := _expiry(instances[instance_id], key))]
        if changes:
            write(changes)
    return len(changes)


def _expiry(instance: Instance, key: str) -> Change | None:
    state = instance.state
    now = max(timezone.now(), _last_instant(state))
    try:
        return _change(instance, state, kernel.Command("expire", SYSTEM, {"timer": key}), None, now)
    except kernel.Refused as refused:
        if refused.code is kernel.Code.NOT_DUE:
            _put_off(instance, state, key)
        log.debug("workflow.timer_refused", instance=str(instance.pk), timer=key, code=refused.code)
        return None


def _put_off(instance: Instance, state: kernel.State, key: str) -> None:
    """A day off was proclaimed since the timer was written: it is due later."""
    due = {timer.key: timer.due_at for timer in kernel.timers(definition_of(instance), state)}
    Timer.objects.filter(instance=instance, key=key).update(due_at=due[key])


def locked(instance_id: uuid.UUID) -> Instance:
    """The case, locked until the transaction ends."""
    return Instance.objects.select_for_update(of=("self",), no_key=True).get(pk=instance_id)


def allowed(instance: Instance, actor: kernel.Actor, at: datetime | None = None) -> list[kernel.Action]:
    """What the actor may do with the case now."""
    now = at or timezone.now()
    return kernel.allowed(definition_of(instance), instance.state, actor, now, PoolsNow(now, instance.parent_id))


def rescues(instance: Instance, actor: kernel.Actor, at: datetime | None = None) -> list[kernel.Action]:
    """What the actor may do for the case as a steward now."""
    now = at or timezone.now()
    return kernel.rescues(definition_of(instance), instance.state, actor, now, PoolsNow(now, instance.parent_id))


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
    rows = list(Event.objects.select_related("instance").filter(command=command_id).order_by("sequence"))
    return Outcome(rows[0].instance, tuple(event_of(row) for row in rows), repeated=True) if rows else None


def event_of(row: Event) -> kernel.Event:
    return kernel.Event(row.kind, row.at, kernel.Actor(row.actor, row.actor_label), row.data)


def _change(
    instance: Instance,
    before: kernel.State | None,
    command: kernel.Command,
    command_id: uuid.UUID | None,
    now: datetime,
) -> Change:
    definition = definition_of(instance)
    events = tuple(kernel.decide(definition, before, command, now, PoolsNow(now, instance.parent_id)))
    return Change(instance, before, definition, definition, events, command_id or uuid.uuid4(), now)


def _written(change: Change) -> Outcome:
    write([change])
    return Outcome(change.instance, change.events)


def move_to(
    instance: Instance, definition: Definition, stage: str, *, actor: kernel.Actor, reason: str, at: datetime
) -> Outcome:
    """Move a locked case to a stage of another version of its definition; its seats and clocks there begin anew."""
    before = instance.state
    now = max(at, _last_instant(before))
    data = {"version": definition.version, "digest": definition.digest, "stage": stage, "reason": reason}
    command = kernel.Command("migrate", actor, data)
    events = kernel.migrated(definition_by_id(definition.pk), before, command, now, PoolsNow(now, instance.parent_id))
    change = Change(
        instance, before, definition_of(instance), definition_by_id(definition.pk), tuple(events), uuid.uuid4(), now
    )
    instance.definition = definition
    instance.save(update_fields=["definition"])
    return _written(change)
