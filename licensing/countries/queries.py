"""Reads of countries and lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from licensing.countries import rules
from licensing.countries.models import Country, ListMember
from licensing.publishing.models import Publication
from licensing.publishing.queries import all_in_force, in_force

KIND = "country_list"


@dataclass(frozen=True)
class Found:
    """The country that a text names, or those that it may mean."""

    country: Country | None
    suggestions: Sequence[Country] = ()


@dataclass(frozen=True)
class VersionRef:
    key: str
    version: int
    publication: int


@dataclass(frozen=True)
class Member:
    code: str
    name: str
    note: str


def find(text: str) -> Found:
    """A country by its code (two or three letters) or any name it goes by; else the nearest names."""
    countries, known = _index(_stamp())
    code = known.get(rules.folded(text))
    if code:
        return Found(countries[code])
    return Found(None, [countries[near] for near in rules.nearest(text, known)] if text.strip() else [])


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


def lists_of(codes: Iterable[str], at: datetime, known_at: datetime | None = None) -> dict[str, VersionRef]:
    """The lists in force that name at least one of the countries, with their versions."""
    versions = all_in_force(KIND, at, known_at)
    rows = ListMember.objects.filter(publication__in=versions.values(), code__in=set(codes))
    named = set(rows.values_list("publication_id", flat=True))
    return {key: VersionRef(key, row.version, row.pk) for key, row in versions.items() if row.pk in named}


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
    found = [Member(row["code"], called.get(row["code"], row["code"]), row.get("note", "")) for row in rows]
    return sorted(found, key=lambda member: member.name)
