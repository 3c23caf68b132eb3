"""The reviewer's case page: everything needed to decide, and the actions that the engine offers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflows.kernel import Action
from workflows.reports import ClockReading, StageTime


@dataclass(frozen=True)
class SeatActions:
    """What one seat offers to the person who looks."""

    seat: str
    stage: str
    votes: tuple[tuple[str, str], ...]
    proposals: tuple[tuple[str, str], ...]
    may_claim: bool
    may_release: bool
    may_ask: bool
    may_countersign: bool
    may_recuse: bool

    @property
    def any(self) -> bool:
        return bool(self.votes or self.proposals or self.may_claim or self.may_ask or self.may_countersign)


def by_seat(actions: Iterable[Action]) -> list[SeatActions]:
    """The offered actions, grouped by seat, in the engine's order."""
    seats: dict[str, list[Action]] = {}
    for action in actions:
        if action.seat:
            seats.setdefault(action.seat, []).append(action)
    return [_seat(seat, offered) for seat, offered in seats.items()]


def _seat(seat: str, offered: list[Action]) -> SeatActions:
    kinds = {action.kind for action in offered}
    return SeatActions(
        seat=seat,
        stage=offered[0].stage,
        votes=tuple((action.choice or "", action.label) for action in offered if action.kind == "vote"),
        proposals=tuple((action.choice or "", action.label) for action in offered if action.kind == "propose"),
        may_claim="claim" in kinds,
        may_release="release" in kinds,
        may_ask="ask" in kinds,
        may_countersign="agree" in kinds,
        may_recuse="recuse" in kinds,
    )


@dataclass(frozen=True)
class ClockLine:
    """A clock as people read it; `share` is the part of the limit that is used, in percent."""

    label: str
    elapsed: str
    limit: str
    share: int
    running: bool
    due_at: datetime | None


def clock_lines(readings: Iterable[ClockReading]) -> list[ClockLine]:
    return [
        ClockLine(
            label=(reading.stage or reading.key).replace("_", " "),
            elapsed=days(reading.elapsed),
            limit=days(reading.limit),
            share=min(100, int(100 * reading.elapsed / reading.limit)) if reading.limit else 100,
            running=reading.running,
            due_at=reading.due_at,
        )
        for reading in readings
    ]


def days(amount: float) -> str:
    """A number of days as people say it: `1 day`, `8.5 days`."""
    rounded = round(float(amount), 1)
    shown = f"{rounded:g}"
    return f"{shown} day" if shown == "1" else f"{shown} days"


def duration(span: timedelta) -> str:
    """A time span in its largest sensible unit: `3.2 days`, `4 h 05 min`, `12 s`."""
    seconds = int(span.total_seconds())
    if seconds >= 86_400:
        return days(seconds / 86_400)
    if seconds >= 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 60} min {seconds % 60:02d} s" if seconds >= 60 else f"{seconds} s"


@dataclass(frozen=True)
class StageLine:
    stage: str
    round: int
    entered_at: datetime
    left_at: datetime | None
    running: str
    stopped: str


def stage_lines(times: Iterable[StageTime]) -> list[StageLine]:
    return [
        StageLine(
            stage=time.stage.replace("_", " "),
            round=time.round,
            entered_at=time.entered_at,
            left_at=time.left_at,
            running=duration(time.running),
            stopped=duration(time.stopped),
        )
        for time in times
    ]
