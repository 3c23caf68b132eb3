"""Reads of countries and lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from licensing.countries import rules
from licensing.countries.models import Country
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
    code: str
    name: str
    note: str
    dates: str = ""


def find(text: str) -> Found:
    """A country by its code (two or three letters) or any name it goes by; else the nearest names."""
    countries, known = _index(_stamp())
    code = known.get(rules.folded(text))
    if code:
        return Found(countries[code])
    return Found(None, [countries[near] for near in rules.nearest(text, known)] if text.strip() else [])


def code_of(text: str) -> tuple[str, list[str]]:
    """The code of the country that a text names; else "" with the nearest names and their codes."""
    found = find(text)
    if found.country is not None:
        return found.country.code, []
    return "", [f"{country.name} ({country.code})" for country in found.suggestions]


def choices() -> list[tuple[str, str]]:
    """Code and name of every country and territory, by name."""
    return [(code, country.name) for code, country in _index(_stamp())[0].items()]


def names() -> dict[str, str]:
    """Name by code."""
    return dict(choices())


def _stamp() -> int:
    """What the cached table hangs on: countries are only ever added or corrected by the seed, which clears it too."""
    return _table_version


_table_version = 0


def forget() -> None:
    """Read the table of countries again: after a seed."""
    global _table_version
    _table_version += 1


@lru_cache(maxsize=1)
def _index(stamp: int) -> tuple[dict[str, Country], dict[str, str]]:
    countries = {country.code: country for country in Country.objects.order_by("name")}
    called = {code: (row.name, row.official_name, row.alpha3, *row.names) for code, row in countries.items()}
    return countries, rules.index(called)


def members(list_key: str, at: datetime, known_at: datetime | None = None) -> frozenset[str]:
    """Codes of the countries on a list at an instant; none when no version is in force."""
    version = in_force(KIND, list_key, at, known_at)
    return rules.members_at(version.content, at.date()) if version else frozenset()


def in_force_versions(at: datetime) -> Mapping[str, Publication]:
    """The version of every list that is in force."""
    return all_in_force(KIND, at)


def members_with_notes(list_key: str, at: datetime) -> list[Member]:
    version = in_force(KIND, list_key, at)
    there = rules.members_at(version.content, at.date()) if version else frozenset()
    return [member for member in draft_members(version) if member.code in there] if version else []


def draft_members(publication: Publication) -> list[Member]:
    """The members of one version, by name."""
    called = names()
    rows = publication.content.get("members", ())
    found = [
        Member(row["code"], called.get(row["code"], row["code"]), row.get("note", ""), _dates(row)) for row in rows
    ]
    return sorted(found, key=lambda member: member.name)


def _dates(row: Mapping[str, Any]) -> str:
    return " ".join(f"{part} {row[part]}" for part in ("from", "until") if row.get(part))


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


def moved(first: date, second: date) -> list[Moved]:
    """Every list whose members differ between two days, by key."""
    before, after = standing(first), standing(second)
    found = (
        Moved(key, tuple(sorted(after.get(key, frozenset()) - before.get(key, frozenset()))),
              tuple(sorted(before.get(key, frozenset()) - after.get(key, frozenset()))))
        for key in sorted(before.keys() | after.keys())
    )  # fmt: skip
    return [row for row in found if row.came or row.went]
