"""The engine among many: 100,000 timers and seats, long histories, a large definition."""

import time
from datetime import timedelta

from django.utils import timezone

from bench.decisions import POOLS, SEATS, begin, engine_alone, ours, vote
from bench.table import Row, queries_of, timed
from workflows import engine, kernel, verification
from workflows.kernel import Actor
from workflows.kernel.checks import check
from workflows.models import Event, Instance, Seat, Timer
from workflows.tasks import fire_due_timers

CROWD = 100_000
DUE = 1_000
LONG = 500  # events
STAGES = 40


def measure() -> list[Row]:
    with engine_alone():
        return [_checks(), _long_history(), _replay(), *_crowd()]


def _definition(stages: int) -> str:
    seats = ", ".join(f"{name}: {{pool: bench.{name}}}" for name in SEATS)
    middle = "\n".join(
        f"  s{number}:\n    seats: {{{seats}}}\n    decide: {{rule: unanimous, on_split: against}}\n"
        f"    route: {{favor: {f's{number + 1}' if number < stages else 'done'}, against: done}}\n"
        "    clock: {limit: 30, unit: calendar_days, at_expiry: {alert: late}}"
        for number in range(1, stages + 1)
    )
    return (
        f"key: bench-{stages}\nversion: 1\nstart: s1\nvotes: {{favor: [approve], against: [deny]}}\n"
        f"stages:\n{middle}\n  done: {{end: done}}\n"
    )


def _checks() -> Row:
    loaded = kernel.load(_definition(STAGES))
    assert check(loaded, POOLS) == []
    return timed(
        f"static checks, {STAGES} stages of four seats", lambda number: check(loaded, POOLS), 20, note="target: 50 ms"
    )


def _long_case() -> Instance:
    """A case with a long history: one seat, claimed and released over and over."""
    case = begin()
    who = Actor("one", "one")
    while case.version < LONG:
        for kind in ("claim", "release"):
            case = engine.execute(instance_id=case.pk, kind=kind, actor=who, data={"seat": "one"}).instance
    return case


def _long_history() -> Row:
    cases = [_long_case() for _ in range(5)]
    calls = [(case, seat) for case in cases for seat in SEATS[:3]]
    row = timed(f"one decision after {LONG} events", lambda number: vote(*calls[number]), len(calls), warm=0)
    row.queries = str(queries_of(lambda: vote(cases[0], "four")))
    row.note = "target: as after none"
    return row


def _replay() -> Row:
    for _ in range(100):
        ours()
    events, cases = Event.objects.count(), Instance.objects.count()
    began = time.perf_counter()
    breaches = list(verification.verify())
    rate = events / (time.perf_counter() - began)
    assert breaches == [], breaches[:3]
    return Row(f"verify, {events:,} events of {cases} cases", rate=f"{rate:,.0f} events/s", note="target: 20,000")


def _crowd() -> list[Row]:
    """Rows for 100,000 timers and seats; 1,000 of the timers are of true cases and due."""
    now = timezone.now()
    due = [begin(at=now - timedelta(days=31)) for _ in range(DUE)]
    others = due[:50]
    Timer.objects.bulk_create(
        (Timer(instance=others[n % 50], key=f"bench:{n}", due_at=now + timedelta(days=1 + n % 300)) for n in range(CROWD - DUE)),
        batch_size=5000,
    )  # fmt: skip
    Seat.objects.bulk_create(
        (
            Seat(
                instance=others[n % 50], stage="bench", round=n // 50, key="x", pool=f"bench.p{n % 20}", status="open",
                opened_at=now - timedelta(minutes=n),
            )
            for n in range(CROWD)
        ),
        batch_size=5000,
    )  # fmt: skip
    inbox = timed(
        f"inbox of 50 among {CROWD:,} open seats",
        lambda number: list(Seat.objects.open_for(["bench.p1", "bench.p2"], "one").select_related("instance")[:50]), 30,
    )  # fmt: skip
    began = time.perf_counter()
    fired = fire_due_timers()
    assert fired == DUE
    sweep = Row(
        f"sweep of {CROWD:,} timers, {fired:,} due", mean_ms=1000 * (time.perf_counter() - began), note="target: 2 s"
    )
    return [inbox, sweep]
