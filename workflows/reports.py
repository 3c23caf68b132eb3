"""What a case tells about its time: clocks, stages, timeline. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows import engine
from workflows.kernel import Event, running
from workflows.kernel.clocks import Interval, merged
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


def timeline(instance: Instance) -> list[Event]:
    """Everything that happened to the case, in order."""
    return [engine.event_of(row) for row in instance.events.all()]
