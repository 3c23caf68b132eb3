"""Clocks and timers of a case: derived from its state and definition, never stored as the truth."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workflows.kernel.clocks import Interval, calendar
from workflows.kernel.definition import Clock, Definition, Expiry
from workflows.kernel.state import SeatStatus, State
from workflows.kernel.types import Timer


@dataclass(frozen=True)
class Running:
    """A clock of this case. `stage` is None for one that counts the whole case; `pauses` are the intervals in which it stands still."""

    key: str
    stage: str | None
    clock: Clock
    start: datetime
    pauses: tuple[Interval, ...]

    def elapsed(self, at: datetime) -> float:
        return calendar(self.clock.unit, self.clock.calendar).elapsed(self.start, at, self.pauses)

    def due(self, days: float | None = None) -> datetime | None:
        return calendar(self.clock.unit, self.clock.calendar).due(self.start, days or self.clock.limit, self.pauses)

    @property
    def stands_still(self) -> bool:
        return any(end is None for _, end in self.pauses)


@dataclass(frozen=True)
class Alarm:
    """A timer with what it is for: `kind` is warn, expiry, question, appeal, claim or hold."""

    timer: Timer
    kind: str
    subject: str = ""
    expiry: Expiry = field(default_factory=Expiry)


def running(definition: Definition, state: State) -> list[Running]:
    """Every clock that counts now: those of the case, and that of the stage it is in."""
    clocks = [
        Running(f"clock:{key}", None, clock, state.opened_at, pauses(state, clock.pauses_on, None))
        for key, clock in definition.clocks.items()
    ]
    stage = definition.stages.get(state.stage)
    if stage and stage.clock and not state.closed:
        own = pauses(state, stage.clock.pauses_on, state.stage)
        start = state.opened_at if stage.clock.starts else state.entered_at
        clocks.append(Running(f"{state.stage}:{state.round}", state.stage, stage.clock, start, own))
    return clocks


def pauses(state: State, reasons: Sequence[str], stage: str | None) -> tuple[Interval, ...]:
    """Intervals in which a clock that names these reasons stands still. A stage's clock stops for the stage's own questions."""
    return tuple(
        (pause.started, pause.ended)
        for pause in state.pauses
        if pause.reason in reasons and (pause.reason == "hold" or stage is None or pause.stage == stage)
    )


def alarms(definition: Definition, state: State) -> list[Alarm]:
    """Everything that will move or mark the case by itself, as things stand. None of a closed case."""
    if state.closed or not state.stage:
        return []
    found = [alarm for clock in running(definition, state) for alarm in _of_clock(clock, state)]
    found += _of_questions(definition, state) + _of_appeal(definition, state) + _of_hold(definition, state)
    found += _of_claims(definition, state)
    return [alarm for alarm in found if alarm.timer.key not in state.fired]


def timers(definition: Definition, state: State) -> list[Timer]:
    """The timers alone, soonest first."""
    return sorted((alarm.timer for alarm in alarms(definition, state)), key=lambda timer: (timer.due_at, timer.key))


def _of_clock(clock: Running, state: State) -> list[Alarm]:
    if clock.stage is not None and state.provisional:
        return []
    rows = [(days, "warn", f"{clock.key}:warn:{days}") for days in clock.clock.warn]
    if clock.clock.at_expiry != Expiry():
        rows.append((clock.clock.limit, "expiry", f"{clock.key}:expiry"))
    found = []
    for days, kind, key in rows:
        due = None if key in state.fired else clock.due(days)
        if due is not None:
            found.append(Alarm(Timer(key, due), kind, clock.key, clock.clock.at_expiry))
    return found


def _of_questions(definition: Definition, state: State) -> list[Alarm]:
    found = []
    for question in state.open_questions():
        rfi = definition.stages[question.stage].rfi
        if rfi is not None:
            due = calendar(rfi.unit, rfi.calendar).due(question.asked_at, rfi.limit, ())
            if due is not None:
                found.append(Alarm(Timer(f"question:{question.id}", due), "question", question.id))
    return found


def _of_appeal(definition: Definition, state: State) -> list[Alarm]:
    appeal = definition.stages[state.stage].appeal
    if not state.provisional or appeal is None:
        return []
    due = calendar(appeal.unit, appeal.calendar).due(state.provisional.since, appeal.window, ())
    return [Alarm(Timer(f"{state.stage}:{state.round}:appeal", due), "appeal")] if due else []


def _of_claims(definition: Definition, state: State) -> list[Alarm]:
    claim = definition.stages[state.stage].claim
    found = []
    for seat in state.seats:
        if claim and seat.status is SeatStatus.CLAIMED and seat.claimed_at:
            due = calendar(claim.unit, claim.calendar).due(seat.claimed_at, claim.limit, ())
            if due is not None:
                key = f"{state.stage}:{state.round}:claim:{seat.key}:{seat.claimed_at.isoformat()}"
                found.append(Alarm(Timer(key, due), "claim", seat.key))
    return found


def _of_hold(definition: Definition, state: State) -> list[Alarm]:
    hold = definition.hold
    if hold is None:
        return []
    holds = [pause for pause in state.pauses if pause.reason == "hold"]
    if not holds or holds[-1].ended is not None:
        return []
    due = calendar(hold.unit, None).due(holds[-1].started, hold.max, ())
    return [Alarm(Timer(f"hold:{len(holds)}", due), "hold")] if due else []
