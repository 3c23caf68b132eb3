"""Faults of servers: Redis emptied, stopped, frozen, restarted; PostgreSQL's connections ended, PostgreSQL restarted."""

import time

import psycopg
from django.conf import settings

from tests.faults.workflows.desk import Desk
from tests.faults.workflows.machines import frozen, without
from tests.faults.workflows.rounds import Line, Stand, disturbed

MOST_WAIT = 5.0  # seconds that a decision may take while Redis is away


def redis_emptied(stand: Stand) -> Line:
    """FLUSHALL while messages wait: the worker is held for a moment, so that they do."""

    def disturb(desk: Desk, names: list[str]) -> None:
        with frozen(stand.plant.worker):
            desk.open(f"{name}b" for name in names)
            stand.plant.empty_redis()
        desk.finish([f"{name}b" for name in names])

    return disturbed(stand, "Redis FLUSHALL", times=stand.times(1, 5), cases=10, disturb=disturb)


def redis_stopped(stand: Stand) -> Line:
    """Redis is away; people go on deciding. None of them may be refused, or wait for long."""
    away = stand.times(3, 60)
    slowest = []

    def disturb(desk: Desk, names: list[str]) -> None:
        with without(stand.plant.redis):
            until = time.monotonic() + away
            while time.monotonic() < until:
                for name, seat in desk.pending(names):
                    if seat:
                        desk.vote_for(name, seat)
                time.sleep(0.1)
        slowest.append(desk.slowest)

    line = disturbed(stand, f"Redis stopped for {away} s", times=1, cases=20, disturb=disturb)
    return _impatient(line, slowest)


def redis_frozen(stand: Stand) -> Line:
    """Redis takes connections and answers nothing: each bell costs a time-out, and no more."""
    slowest = []

    def disturb(desk: Desk, names: list[str]) -> None:
        with frozen(stand.plant.redis):
            desk.open(f"{name}b" for name in names)
        slowest.append(desk.slowest)
        desk.finish([f"{name}b" for name in names])

    line = disturbed(stand, "Redis hangs", times=1, cases=stand.times(2, 5), disturb=disturb, once=False)
    return _impatient(line, slowest)


def _impatient(line: Line, slowest: list[float]) -> Line:
    line.wrong += [f"a decision took {waited:.1f} s" for waited in slowest if waited > MOST_WAIT]
    return line


def redis_restarted(stand: Stand) -> Line:
    """kill -9 of Redis, which keeps nothing on disk, and a new one."""

    def disturb(_desk: Desk, _names: list[str]) -> None:
        stand.plant.redis.kill()
        stand.plant.redis.start()

    return disturbed(stand, "Redis restarted", times=stand.times(1, 10), cases=5, disturb=disturb, once=False)


def connections_ended(stand: Stand) -> Line:
    """Every session of every process is ended, those in the middle of a transaction too."""

    def disturb(_desk: Desk, _names: list[str]) -> None:
        database = settings.DATABASES["default"]
        with psycopg.connect(
            dbname=database["NAME"], user=database["USER"], host=database["HOST"], autocommit=True
        ) as apart:
            for _ in range(3):
                apart.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                )
                time.sleep(0.2)

    return disturbed(
        stand, "all database connections ended", times=stand.times(1, 3), cases=10, disturb=disturb, once=False
    )


def postgres_restarted(stand: Stand) -> Line:
    def disturb(_desk: Desk, _names: list[str]) -> None:
        with without(stand.plant.postgres):
            time.sleep(stand.times(1, 3))

    return disturbed(stand, "PostgreSQL restarted", times=stand.times(1, 2), cases=10, disturb=disturb, once=False)
