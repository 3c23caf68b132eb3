"""How long a license holds, as the practice of an authority says: plain Python, figures and sources are published data."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from licensing.audit.refusals import Problem
from licensing.publishing.shape import listed, parts, text
from workflows.kernel.clocks import CALENDARS, DAY, WorkingDays

MOST_MONTHS = 120  # what anybody may write where the law names no limit
LATEST_START = timedelta(days=366)
DAYS_OFF = ("", "holidays", "days_off")
JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True)
class Period:
    """For so many months, with `most` as the limit, when an approved item is under one of the `entries`; without any, for all.

    `months` of 0: the practice names none.
    """

    months: int
    citation: str
    most: int = MOST_MONTHS
    entries: tuple[str, ...] = ()

    def fits(self, entries: Collection[str]) -> bool:
        """An entry stands for its subparagraphs: 3A090 for 3A090.a."""
        return not self.entries or any(
            entry == each or entry.startswith(f"{each}.") for entry in entries for each in self.entries
        )


@dataclass(frozen=True)
class End:
    """The instant at which a license ends; `moved_from` is the day off from which it was moved, and `kept` what that day is."""

    at: datetime
    moved_from: date | None = None
    kept: str = ""


@dataclass(frozen=True)
class Validity:
    """`periods`: the first that fits. `over`: an end on a holiday, or on any day off, moves to midnight after the next working day.

    `emergency` cites what an emergency license ends under; without it there is none.
    """

    periods: Sequence[Period] = (Period(months=0, citation=""),)
    emergency: str = ""
    over: str = ""
    calendars: tuple[str, ...] = ()
    citation: str = ""

    def period(self, entries: Collection[str]) -> Period:
        return next(period for period in self.periods if period.fits(entries))

    def after(self, begins: datetime, months: int) -> End:
        """The same day and minute of a later month, or its last day; moved when that day is off (15 CFR 750.7(g))."""
        return self.moved(begins + relativedelta(months=months))

    def after_emergency(self, issued_at: datetime) -> End:
        """The end of the last day of the month after the month of issue (15 CFR 750.7(g))."""
        days = self._days
        issued_on = days[0].day_of(issued_at) if days else issued_at.date()
        last = issued_on + relativedelta(months=2, day=1) - DAY
        end = days[0].end_of(last) if days else datetime.combine(last + DAY, datetime.min.time(), UTC)
        return self.moved(end)

    def moved(self, end: datetime) -> End:
        """An end as the law has it: as it is, or at midnight after the next working day."""
        days = self._days
        if not self.over or not days:
            return End(end)
        day = days[0].day_of(end - JUST_BEFORE)
        kept = next(filter(None, (each.holiday(day) for each in days)), "")
        if not kept and (self.over == "holidays" or all(each.works(day) for each in days)):
            return End(end)
        following = day
        while not all(each.works(following) for each in days):
            following += DAY
        return End(days[0].end_of(following), moved_from=day, kept=kept or f"{day:%A}")

    @property
    def _days(self) -> list[WorkingDays]:
        return [CALENDARS[name] for name in self.calendars]


def read(content: Mapping[str, Any] | None) -> Validity:
    """The part `validity` of a practice; without one, months are the officer's to choose, and no end moves."""
    if not content:
        return Validity()
    periods = [Period(**{**row, "entries": tuple(row.get("entries", ()))}) for row in content["periods"]]
    end = content.get("end", {})
    return Validity(
        periods=periods,
        emergency=content.get("emergency", {}).get("citation", ""),
        over=end.get("over", ""),
        calendars=tuple(end.get("calendars", ())),
        citation=end.get("citation", ""),
    )


def problems(content: Any) -> Iterator[Problem]:
    """What is wrong with the part `validity` of a practice: shape, numbers, calendars that nobody knows."""
    found = list(SHAPE("validity", content))
    yield from found
    if found:
        return
    periods = content["periods"]
    for position, row in enumerate(periods):
        yield from _period_problems(f"validity.periods[{position}]", row)
    if not periods or periods[-1].get("entries"):
        yield Problem("validity.periods", "", "Let the last period have no entries: it is the one for everything else.")
    end = content.get("end", {})
    if end.get("over", "") not in DAYS_OFF:
        yield Problem("validity.end.over", end["over"], f"Choose one of {', '.join(filter(None, DAYS_OFF))}.")
    for name in end.get("calendars", ()):
        if name not in CALENDARS:
            yield Problem("validity.end.calendars", name, f"Choose among {', '.join(sorted(CALENDARS))}.")


def _period_problems(place: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    months, most = row["months"], row.get("most", MOST_MONTHS)
    for name, value in (("months", months), ("most", most)):
        if not _months(value):
            yield Problem(f"{place}.{name}", str(value), f"Give whole months, from 1 to {MOST_MONTHS}.")
    if _months(months) and _months(most) and months > most:
        yield Problem(f"{place}.months", str(months), "Give no more than the most.")
    if set(row) - {"months", "most", "entries", "citation"}:
        yield Problem(place, ", ".join(row), "Give months, citation, and where there are any most and entries.")


def _months(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_MONTHS


SHAPE = parts(
    {
        "periods": listed(parts({"entries": listed(text), "citation": text}, ("months", "citation"))),
        "emergency": parts({"citation": text}, ("citation",)),
        "end": parts({"over": text, "calendars": listed(text), "citation": text}, ("over", "calendars", "citation")),
    },
    ("periods",),
)
