"""Dates of birth as lists and people write them. Pure."""

import re
from functools import lru_cache

MONTHS = dict(
    zip(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], range(1, 13), strict=True)
)

ABOUT, WIDEST = 2, 20  # years
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_ABOUT = re.compile(r"\b(?:circa|approximately|about)\b", re.IGNORECASE)
_SPAN = re.compile(r"\b(?:to|and|between)\b", re.IGNORECASE)


def iso_date(text: str) -> str:
    """A date as ISO, or its year alone, from `12 Oct 1954`, `10/12/1954` (month first), `1954-10-12`, `1954`, `circa 1954`; "" for none."""
    plain = text.strip()
    if found := re.search(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", plain):
        return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"
    if found := re.search(r"\b(\d{1,2}) ([A-Za-z]{3})[a-z]* (\d{4})\b", plain):
        month = MONTHS.get(found[2].casefold())
        return f"{found[3]}-{month:02d}-{int(found[1]):02d}" if month else found[3]
    if (found := re.search(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b", plain)) and int(found[1]) <= 12:
        return f"{found[3]}-{int(found[1]):02d}-{int(found[2]):02d}"
    found = _YEAR.search(plain)
    return found[1] if found else ""


@lru_cache(maxsize=20_000)
def birth_dates(text: str) -> tuple[str, ...]:
    """The date, or each year that is meant: `1955 to 1957` is three, and `circa 1955` reaches `ABOUT` years either way. A span wider
    than `WIDEST` says nothing.

    >>> birth_dates("12 Oct 1954"), birth_dates("01 Jan 1955 to 31 Dec 1957"), birth_dates("circa 1955")[0]
    (('1954-10-12',), ('1955', '1956', '1957'), '1953')
    """
    years = [int(year) for year in _YEAR.findall(text)]
    about = ABOUT if _ABOUT.search(text) else 0
    if not years or not (about or len(set(years)) > 1 or _SPAN.search(text)):
        return tuple(filter(None, [iso_date(text)]))
    first, last = min(years) - about, max(years) + about
    return tuple(map(str, range(first, last + 1))) if last - first <= WIDEST else ()
