"""What is known besides the name, and moves the score; what is not known moves nothing. Pure."""

from collections.abc import Iterator

from licensing.screening.engine.dates import birth_dates, iso_date
from licensing.screening.engine.parties import Entry, ScreeningQuery

COUNTRY_DIFFERS = -0.03  # goods are diverted through third countries: another country says little
KIND_DIFFERS = -0.10
GENDER_DIFFERS = -0.15
BORN_SAME, BORN_SAME_YEAR = 0.05, 0.02
BORN_OTHER_DAY, BORN_YEAR_APART, BORN_YEARS_APART = -0.08, -0.10, -0.25


def qualifiers(entry: Entry, query: ScreeningQuery) -> dict[str, float]:
    """By name, how much each moves the score."""
    return dict(_moved(entry, query))


def _moved(entry: Entry, query: ScreeningQuery) -> Iterator[tuple[str, float]]:
    if query.country and entry.countries and query.country not in entry.countries:
        yield "country_differs", COUNTRY_DIFFERS
    # Some lists call everybody a company; those that tell people apart say so.
    if query.kind == "company" and entry.kind == "person":
        yield "kind_differs", KIND_DIFFERS
    genders = {query.gender.lower(), entry.gender.lower()}
    if genders == {"male", "female"}:
        yield "gender_differs", GENDER_DIFFERS
    if query.birth_date and entry.birth_dates and (born := iso_date(query.birth_date)):
        moves = [_born(born, given) for listed in entry.birth_dates for given in birth_dates(listed)]
        if moves:
            yield "birth_date", max(moves)


def _born(one: str, other: str) -> float:
    apart = abs(int(one[:4]) - int(other[:4]))
    if apart:
        return BORN_YEAR_APART if apart == 1 else BORN_YEARS_APART
    if len(one) == 4 or len(other) == 4:
        return BORN_SAME_YEAR
    if one == other or sorted((one[5:7], one[8:])) == sorted((other[5:7], other[8:])):
        return BORN_SAME
    return BORN_OTHER_DAY if one[5:7] != other[5:7] else 0.0
