"""Clocks are derived: a start, a limit, a calendar and the intervals in which it stood still."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import holidays

DAY = timedelta(days=1)
Interval = tuple[datetime, datetime | None]


class Calendar(Protocol):
    def elapsed(self, start: datetime, until: datetime, pauses: Sequence[Interval]) -> float:
        """Days that have counted between two instants, the pauses taken out."""
        ...

    def due(self, start: datetime, limit: float, pauses: Sequence[Interval]) -> datetime | None:
        """The instant at which the limit is reached; None while a pause is open."""
        ...


def merged(pauses: Iterable[Interval], start: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The pauses as intervals that neither overlap nor leave the span; an open one lasts until its end."""
    inside = sorted((max(begin, start), min(end or until, until)) for begin, end in pauses)
    result: list[tuple[datetime, datetime]] = []
    for begin, end in inside:
        if begin >= end:
            continue
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return result


@dataclass(frozen=True)
class CalendarDays:
    """Every day counts, to the second (15 CFR 750.4(a)(1))."""

    def elapsed(self, start: datetime, until: datetime, pauses: Sequence[Interval]) -> float:
        if until <= start:
            return 0.0
        paused = sum((end - begin for begin, end in merged(pauses, start, until)), timedelta())
        return (until - start - paused) / DAY

    def due(self, start: datetime, limit: float, pauses: Sequence[Interval]) -> datetime | None:
        if any(end is None for _, end in pauses):
            return None
        left = timedelta(days=limit)
        here = start
        far = datetime.max.replace(tzinfo=UTC)
        for begin, end in merged(pauses, start, far):
            if here + left <= begin:
                break
            left -= begin - here
            here = end
        return here + left


@dataclass(frozen=True)
class WorkingDays:
    """A working day counts when its cut-off hour passes while the clock runs."""

    country: str
    subdivision: str | None = None
    zone: str = "UTC"
    cutoff_hour: int = 18
    off: frozenset[date] = frozenset()

    def elapsed(self, start: datetime, until: datetime, pauses: Sequence[Interval]) -> float:
        stopped = merged(pauses, start, until)
        return float(sum(1 for tick in self._ticks(start, until) if not _within(tick, stopped)))

    def due(self, start: datetime, limit: float, pauses: Sequence[Interval]) -> datetime | None:
        if any(end is None for _, end in pauses):
            return None
        horizon = start + timedelta(days=3 * limit + 400)
        stopped = merged(pauses, start, horizon + sum((e - b for b, e in pauses if e), timedelta()))
        counted = 0
        for tick in self._ticks(start, horizon):
            if not _within(tick, stopped):
                counted += 1
                if counted >= limit:
                    return tick
        return horizon

    def _ticks(self, start: datetime, until: datetime) -> Iterator[datetime]:
        zone = ZoneInfo(self.zone)
        day = start.astimezone(zone).date()
        while True:
            tick = datetime.combine(day, time(self.cutoff_hour), zone).astimezone(UTC)
            if tick > until:
                return
            if tick > start and self.works(day):
                yield tick
            day += DAY

    def day_of(self, instant: datetime) -> date:
        """The day there, at an instant."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def end_of(self, day: date) -> datetime:
        """Midnight there at the end of a day, in UTC."""
        return datetime.combine(day + DAY, time(), ZoneInfo(self.zone)).astimezone(UTC)

    def holiday(self, day: date) -> str:
        """What is kept on a day, or why it is off; "" for any other day, a weekend among them."""
        return str(_holidays(self.country, self.subdivision).get(day) or ("a day off" if day in self.off else ""))

    def works(self, day: date) -> bool:
        return day.weekday() < 5 and not self.holiday(day)


def _within(instant: datetime, intervals: Iterable[tuple[datetime, datetime]]) -> bool:
    return any(begin <= instant < end for begin, end in intervals)


@lru_cache(maxsize=64)
def _holidays(country: str, subdivision: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision)


CALENDARS: dict[str, WorkingDays] = {}  # whose working days, by name: `calendars.use` fills it
CALENDAR_DAYS = CalendarDays()


def calendar(unit: str, name: str | None) -> Calendar:
    """The calendar of a clock: `calendar_days` need no name, `working_days` name whose. Raises LookupError for an unknown one."""
    return CALENDAR_DAYS if unit == "calendar_days" else CALENDARS[name or ""]
