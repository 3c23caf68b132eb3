"""A case of four parallel approvals: our engine, the same rows by hand in SQL and through the ORM, and the peer."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from bench.table import Row, in_turn, queries_of, timed
from workflows import engine, registry
from workflows.kernel import Actor
from workflows.models import Event, Instance, Seat

CASES = 60
SEATS = ("one", "two", "three", "four")
DEFINITION = """
key: bench-four
version: 1
start: review
votes: {favor: [approve], against: [deny]}
stages:
  review:
    seats: {one: {pool: bench.one}, two: {pool: bench.two}, three: {pool: bench.three}, four: {pool: bench.four}}
    decide: {rule: unanimous, on_split: against}
    route: {favor: done, against: done}
    clock: {limit: 30, unit: calendar_days, at_expiry: {alert: late}}
  done: {end: done}
"""
PEER = "peer: viewflow, four views and a join"
NO_PEER = "make bench-setup installs viewflow to hold it against"
Act = Callable[[int], None]
NOBODY = Actor("a", "A")
ZEROS = "0" * 64
POOLS = {f"bench.{seat}": frozenset({seat}) for seat in SEATS}
SEAT = {"stage": "review", "round": 1, "pool": "bench.x", "status": "voted", "holder": "a", "choice": "approve"}


def begin(at: datetime | None = None) -> Instance:
    reference = f"B{uuid.uuid4().hex[:12]}"
    with transaction.atomic():
        return engine.start(key="bench-four", reference=reference, facts={}, actor=NOBODY, at=at).instance


def vote(case: Instance, seat: str) -> None:
    with transaction.atomic():
        engine.execute(
            instance_id=case.pk, kind="vote", actor=Actor(seat, seat), data={"seat": seat, "vote": "approve"}
        )


def ours(_number: int = 0) -> None:
    case = begin()
    for seat in SEATS:
        vote(case, seat)


def through_the_orm(_number: int = 0) -> None:
    """The floor of anything that writes these rows with Django: the same five transactions, and not a thought."""
    now = datetime.now(UTC)
    with transaction.atomic():
        case = Instance.objects.create(
            definition_id=_definition(), reference=f"O{uuid.uuid4().hex[:12]}", version=2, head=ZEROS, stage="review",
            round=1, opened_at=now, entered_at=now,
        )  # fmt: skip
        _orm_rows(case, 1, SEATS, now)
    for place, seat in enumerate(SEATS):
        with transaction.atomic():
            case = Instance.objects.select_for_update(no_key=True).get(pk=case.pk)
            case.version, case.snapshot = 4 + 2 * place, {}
            case.save(update_fields=["version", "snapshot"])
            _orm_rows(case, 3 + 2 * place, (seat,), now)


def _orm_rows(case: Instance, first: int, seats: Sequence[str], now: datetime) -> None:
    event = {
        "instance": case,
        "command": uuid.uuid4(),
        "kind": "voted",
        "at": now,
        "actor": "a",
        "actor_label": "A",
        "data": {},
        "hash": ZEROS,
    }
    Event.objects.bulk_create(Event(sequence=sequence, **event) for sequence in (first, first + 1))
    Seat.objects.bulk_create(
        (Seat(instance=case, key=seat, opened_at=now, **SEAT) for seat in seats),
        update_conflicts=True, unique_fields=["instance", "stage", "round", "key"], update_fields=["status"],
    )  # fmt: skip


def by_hand(_number: int = 0) -> None:
    """The floor of the database itself: the same five transactions in SQL."""
    case, now, definition = uuid.uuid4(), datetime.now(UTC), _definition()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO workflows_instance (id, definition_id, reference, version, head, stage, round, "end", incident,'
            " snapshot, opened_at, entered_at) VALUES (%s, %s, %s, 2, %s, 'review', 1, '', '', '{}', %s, %s)",
            [case, definition, f"H{case.hex[:12]}", ZEROS, now, now],
        )
        _sql_rows(cursor, case, now, 1, SEATS)
    for place, seat in enumerate(SEATS):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM workflows_instance WHERE id = %s FOR NO KEY UPDATE", [case])
            cursor.fetchone()
            cursor.execute(
                "UPDATE workflows_instance SET version = %s, snapshot = %s WHERE id = %s",
                [4 + 2 * place, json.dumps({}), case],
            )
            _sql_rows(cursor, case, now, 3 + 2 * place, (seat,))


def _sql_rows(cursor: Any, case: uuid.UUID, now: datetime, first: int, seats: Sequence[str]) -> None:
    command = uuid.uuid4()
    cursor.execute(
        "INSERT INTO workflows_event (instance_id, sequence, command, kind, at, actor, actor_label, data, hash) VALUES"
        " (%s, %s, %s, 'voted', %s, 'a', 'A', '{}', %s), (%s, %s, %s, 'voted', %s, 'a', 'A', '{}', %s)",
        [case, first, command, now, ZEROS, case, first + 1, command, now, ZEROS],
    )
    for seat in seats:
        cursor.execute(
            "INSERT INTO workflows_seat (instance_id, stage, round, key, pool, status, opened_at, holder, choice) VALUES"
            " (%s, 'review', 1, %s, 'bench.x', 'voted', %s, 'a', 'approve')"
            " ON CONFLICT (instance_id, stage, round, key) DO UPDATE SET status = 'voted'",
            [case, seat, now],
        )


def _definition() -> int:
    return int(engine.Definition.objects.values_list("pk", flat=True).get(key="bench-four"))


@contextmanager
def engine_alone() -> Iterator[None]:
    """The engine without the product's pools and listeners, and the definition of this module published."""
    kept = registry.pools, registry.listeners
    registry.pools, registry.listeners = registry.Pools(), registry.Listeners()
    registry.pools.use(lambda pool, at: POOLS.get(pool, frozenset()))
    engine.publish(DEFINITION, actor=NOBODY)
    try:
        yield
    finally:
        registry.pools, registry.listeners = kept


def measure() -> list[Row]:
    acts: dict[str, Act] = {
        "our engine": ours,
        "floor: the same rows through the ORM": through_the_orm,
        "floor: the same rows by hand in SQL": by_hand,
    }
    if settings.PEER:
        from bench.peer.flows import Approving  # noqa: PLC0415 - there only where it is installed

        acts[PEER] = Approving().case
    with engine_alone():
        rows = in_turn(acts, CASES)
        for row in rows:
            row.queries = str(queries_of(lambda row=row: acts[row.what](0)))
            row.rate = f"{1000 / row.mean_ms:.1f} cases/s"
        rows[0].note = f"{rows[-1].p50_ms / rows[0].p50_ms:.1f} times viewflow (target 3)" if settings.PEER else NO_PEER
        return [*rows, _one_decision()]


def _one_decision() -> Row:
    cases = [begin() for _ in range(CASES + 3)]
    row = timed("our engine, one decision, committed", lambda number: vote(cases[number], "one"), CASES)
    row.queries = str(max(queries_of(lambda seat=seat: vote(cases[0], seat)) for seat in SEATS[1:]))
    row.note = "target: p95 under 15 ms; at most 8 queries, and BEGIN and COMMIT"
    return row
