"""What a case tells about its time: clocks, stages, timeline. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows import engine
from workflows.kernel import Event, State, evolve, running
from workflows.kernel.clocks import Interval, merged
from workflows.kernel.state import LIVE, SeatStatus
from workflows.kernel.timers import Running, pauses
from workflows.models import Instance


@dataclass(frozen=True)
class ClockReading:
    """A clock at an instant. `stage` is None for the whole case; amounts are days of the clock's unit; `intervals` are its pauses."""

    key: str
    stage: str | None
    limit: float
    unit: str
    elapsed: float
    remaining: float
    running: bool
    due_at: datetime | None
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class StageTime:
    """One stay in a stage: how long its clock ran, and how long it stood still for questions or a hold."""

    stage: str
    round: int
    entered_at: datetime
    left_at: datetime | None
    outcome: str
    running: timedelta
    stopped: timedelta


@dataclass(frozen=True)
class SeatTime:
    """One seat of one stay: how long it waited for somebody, how long somebody was at it, and how long a question or hold stopped it.

    A seat counts from when it opened to its last vote, or to the end of the stay; what was stopped counts neither as waiting nor as work.
    """

    stage: str
    round: int
    seat: str
    waited: timedelta
    worked: timedelta
    stopped: timedelta


def clocks(instance: Instance, at: datetime) -> list[ClockReading]:
    """Every clock of the case at an instant; those of the case itself first. A closed case's stand where they stood."""
    state = instance.state
    until = min(at, state.closed_at) if state.closed_at else at
    return [_reading(clock, until, closed=state.closed) for clock in running(engine.definition_of(instance), state)]


def _reading(clock: Running, at: datetime, *, closed: bool) -> ClockReading:
    elapsed = clock.elapsed(at)
    stopped = closed or clock.stands_still
    return ClockReading(
        key=clock.key.removeprefix("clock:"),
        stage=clock.stage,
        limit=clock.clock.limit,
        unit=clock.clock.unit,
        elapsed=elapsed,
        remaining=max(0.0, clock.clock.limit - elapsed),
        running=not stopped,
        due_at=None if stopped else clock.due(),
        intervals=clock.pauses,
    )


def stage_times(instance: Instance, at: datetime) -> list[StageTime]:
    """Every stay in a stage, in order, with time running and time stopped."""
    state = instance.state
    stopped = pauses(state, ("rfi", "hold"), None)
    return [
        StageTime(
            visit.stage,
            visit.round,
            visit.entered_at,
            visit.left_at,
            visit.outcome,
            *_spent(visit.entered_at, visit.left_at or at, stopped),
        )
        for visit in state.visits
    ]


def _spent(start: datetime, until: datetime, stopped: Sequence[Interval]) -> tuple[timedelta, timedelta]:
    still = sum((end - begin for begin, end in merged(stopped, start, until)), timedelta())
    return until - start - still, still


def seat_times(instance: Instance, at: datetime) -> list[SeatTime]:
    """Waiting, work and standstill of every seat of every stay, in the order in which they opened. Seats that never opened are left out."""
    spans: dict[tuple[str, int, str], list[tuple[datetime, SeatStatus]]] = {}
    state: State | None = None
    for event in timeline(instance):
        state = evolve(state, event)
        for seat in state.seats:
            span = spans.setdefault((state.stage, state.round, seat.key), [])
            if not span or span[-1][1] is not seat.status:
                span.append((event.at, seat.status))
    stopped = pauses(instance.state, ("rfi", "hold"), None)
    return [
        SeatTime(*place, *_shares(span, at, stopped))
        for place, span in spans.items()
        if any(status in LIVE for _, status in span)
    ]


def _shares(
    span: Sequence[tuple[datetime, SeatStatus]], at: datetime, stopped: Sequence[Interval]
) -> tuple[timedelta, timedelta, timedelta]:
    waited = worked = still = timedelta()
    ends = [start for start, _ in span[1:]] + [at]
    for (start, status), end in zip(span, ends, strict=True):
        if status not in LIVE:
            continue
        ran, stood = _spent(start, end, stopped)
        still += stood
        if status is SeatStatus.OPEN:
            waited += ran
        else:
            worked += ran
    return waited, worked, still


def timeline(instance: Instance) -> list[Event]:
    """Everything that happened to the case, in order."""
    return [engine.event_of(row) for row in instance.events.all()]
