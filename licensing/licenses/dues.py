"""When the reports that a condition asks for are due: plain Python, days of the calendar."""

from collections.abc import Iterator
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

MONTHS = {"quarterly": 3, "half_yearly": 6, "yearly": 12}


def report_dues(*, cadence: str, days: int, begins: date, ends: date) -> Iterator[tuple[date, date, date]]:
    """First day, last day and due day of every period on which a licensee reports, the first and the last cut to the license.

    Periods are those of the calendar year; a report is due `days` after its period.
    """
    months = MONTHS[cadence]
    first = begins
    following = date(begins.year, (begins.month - 1) // months * months + 1, 1) + relativedelta(months=months)
    while first <= ends:
        last = min(following - timedelta(days=1), ends)
        yield first, last, last + timedelta(days=days)
        first, following = following, following + relativedelta(months=months)
