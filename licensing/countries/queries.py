"""Reads of countries, of what their codes meant, and of lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from licensing.countries import rules
from licensing.countries.models import Country, CountryList, PastMeaning
from licensing.countries.rules import Meaning
from licensing.publishing.models import Publication
from licensing.publishing.queries import all_in_force, in_force

KIND = "country_list"


@dataclass(frozen=True)
class Found:
    """The country that a text names, or those that it may mean."""

    country: Country | None
    suggestions: Sequence[Country] = ()


@dataclass(frozen=True)
class Member:
    """A member of a version, with what is said of it alone: parts of `rules.PARTS`."""

    code: str
    name: str
    said: Mapping[str, Any]


def find(text: str) -> Found:
    """A country by its code (two or three letters) or any name it goes by; else those that followed it, or the nearest names."""
    countries, known, meanings = _index(edition())
    code = known.get(rules.folded(text))
    if code:
        return Found(countries[code])
    followed = [code for meaning in _meant(text, meanings) for code in meaning.successors]
    near = followed or (rules.nearest(text, known) if text.strip() else [])
    return Found(None, [countries[code] for code in near])


def _meant(text: str, meanings: Sequence[Meaning]) -> list[Meaning]:
    """What a code that is used no more, or a name, meant."""
    folded = rules.folded(text)
    return [row for row in meanings if folded in (rules.folded(row.code), rules.folded(row.name))]


def code_of(text: str, until: str = "") -> tuple[str, list[str]]:
    """The code of the country that a text names; else "" with the nearest names and their codes.

    A code that is used no more, or its name, counts for a membership that ended (`until`) while it still meant something.
    """
    found = find(text)
    if found.country is not None:
        return found.country.code, []
    meant = _meant(text, past())
    if until and any(until <= row.until.isoformat() for row in meant):
        return meant[0].code, []
    then = f", after {meant[-1].name} (until {meant[-1].until})" if meant else ""
    return "", [f"{country.name} ({country.code}){then}" for country in found.suggestions]


def meaning(code: str, day: date) -> str:
    """The name of the country that a code meant on a day; "" when it meant none."""
    before = next((row.name for row in past() if row.code == code and row.holds(day)), "")
    country = _index(edition())[0].get(code)
    return before or (country.name if country and (country.valid_from or date.min) <= day else "")


def past() -> Sequence[Meaning]:
    """Everything that codes meant before, by code and day."""
    return _index(edition())[2]


def called(day: date | None = None) -> dict[str, str]:
    """Name by code, with codes that are used no more; on a day of the past, by the names of then."""
    gone = {row.code: row.name for row in past()}
    then = {row.code: row.name for row in past() if day and row.holds(day)}
    return gone | names() | then


def choices() -> list[tuple[str, str]]:
    """Code and name of every country and territory, by name."""
    return [(code, country.name) for code, country in _index(edition())[0].items()]


def names() -> dict[str, str]:
    """Name by code."""
    return dict(choices())


def edition() -> int:
    """What the cached table, and all that is made from it, hangs on: countries are only ever added or corrected by the seed, which
    clears it too.
    """
    return _table_version


_table_version = 0


def forget() -> None:
    """Read the table of countries again: after a seed."""
    global _table_version
    _table_version += 1


@lru_cache(maxsize=1)
def _index(stamp: int) -> tuple[dict[str, Country], dict[str, str], tuple[Meaning, ...]]:
    countries = {country.code: country for country in Country.objects.order_by("name")}
    called = {code: (row.name, row.official_name, row.alpha3, *row.names) for code, row in countries.items()}
    meanings = (
        Meaning(row.code, row.name, row.valid_until, row.valid_from, row.iso, tuple(row.successors))
        for row in PastMeaning.objects.all()
    )
    return countries, rules.index(called), tuple(meanings)


def members(list_key: str, at: datetime, known_at: datetime | None = None) -> frozenset[str]:
    """Codes of the countries on a list at an instant; none when no version is in force."""
    version = in_force(KIND, list_key, at, known_at)
    return rules.members_at(version.content, at.date()) if version else frozenset()


def draft_members(publication: Publication) -> list[Member]:
    """The members of one version, by name."""
    named = called()
    rows = publication.content.get("members", ())
    found = [Member(row["code"], named.get(row["code"], row["code"]), row) for row in rows]
    return sorted(found, key=lambda member: member.name)


def list_names() -> dict[str, str]:
    """Every list that has been published, by key."""
    return dict(CountryList.objects.values_list("key", "name"))


def end_of(day: date) -> datetime:
    """The last instant of a day: who was on a list on that day, with all that was published during it."""
    return datetime.combine(day, time.max, UTC)


def standing(day: date, known_at: datetime | None = None) -> dict[str, frozenset[str]]:
    """Members of every list on a day, by list; lists of which no version was in force are left out. One query."""
    rows = all_in_force(KIND, end_of(day), known_at)
    return {key: rules.members_at(row.content, day) for key, row in rows.items()}


@dataclass(frozen=True)
class Moved:
    """What changed on a list between two days: codes that came and went."""

    key: str
    came: tuple[str, ...]
    went: tuple[str, ...]

    def of(self, only: Collection[str]) -> "Moved":
        """The same for these countries alone, where there are any."""
        came, went = ([code for code in codes if not only or code in only] for codes in (self.came, self.went))
        return Moved(self.key, tuple(came), tuple(went))


def moved(first: date, second: date) -> list[Moved]:
    """Every list whose members differ between two days, by key."""
    before, after = standing(first), standing(second)
    found = (
        Moved(key, tuple(sorted(after.get(key, frozenset()) - before.get(key, frozenset()))),
              tuple(sorted(before.get(key, frozenset()) - after.get(key, frozenset()))))
        for key in sorted(before.keys() | after.keys())
    )  # fmt: skip
    return [row for row in found if row.came or row.went]
