"""Timing something many times, and the table that all workloads print."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import mean, quantiles

from django.db import connection
from django.test.utils import CaptureQueriesContext


@dataclass
class Row:
    """One measurement: what, how often a second or how long, and what it is to be held against."""

    what: str
    queries: str = ""
    mean_ms: float = 0.0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    rate: str = ""
    note: str = ""


def timed(what: str, act: Callable[[int], object], times: int, *, warm: int = 3, note: str = "") -> Row:
    """Call `act(number)` so many times after warming up; milliseconds."""
    for number in range(-warm, 0):
        act(number)
    return _row(what, [_spent(act, number) for number in range(times)], note)


def in_turn(acts: Mapping[str, Callable[[int], object]], times: int, *, warm: int = 3) -> list[Row]:
    """The same for several that are compared: each in turn, so that a noisy machine is as noisy for all."""
    for number in range(-warm, 0):
        for act in acts.values():
            act(number)
    spent: dict[str, list[float]] = {what: [] for what in acts}
    for number in range(times):
        for what in list(acts)[:: -1 if number % 2 else 1]:  # who comes first sweeps up after nobody
            spent[what].append(_spent(acts[what], number))
    return [_row(what, mine) for what, mine in spent.items()]


def _spent(act: Callable[[int], object], number: int) -> float:
    began = time.perf_counter()
    act(number)
    return 1000 * (time.perf_counter() - began)


def _row(what: str, spent: list[float], note: str = "") -> Row:
    cuts = quantiles(spent, n=20, method="inclusive")
    return Row(what, mean_ms=mean(spent), p50_ms=cuts[9], p95_ms=cuts[18], note=note)


def queries_of(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def show(title: str, rows: list[Row]) -> str:
    """The rows as text, under a title."""
    lines = [title, f"  {'':44} {'queries':>8} {'mean ms':>9} {'p50 ms':>9} {'p95 ms':>9} {'rate':>14}  held against"]
    for row in rows:
        figures = [f"{value:9.2f}" if value else " " * 9 for value in (row.mean_ms, row.p50_ms, row.p95_ms)]
        lines.append(f"  {row.what:44} {row.queries:>8} {' '.join(figures)} {row.rate:>14}  {row.note}")
    return "\n".join(lines)
