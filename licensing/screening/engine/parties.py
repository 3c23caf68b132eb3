"""What goes into the engine and what comes out: parties, listed entities, matches. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from licensing.screening.domains import domains_in
from licensing.screening.engine.names import Folded, fold

_GENDER = re.compile(r"\bGender:? (Male|Female)\b", re.IGNORECASE)


class UnusableName(ValueError):
    """A party that cannot be screened, because one of its names has no letters, or too many."""

    def __init__(self, ref: str, name: str) -> None:
        super().__init__(f"{ref}: {name[:60]!r} is no name that can be screened.")
        self.ref = ref
        self.name = name


@dataclass(frozen=True)
class ScreeningQuery:
    """One party to be screened. `ref` names it for good (`party:12`): decisions hold for that reference.

    `kind` is person, company or ""; `birth_date` is ISO (`1970-01-31`, or a year); `identifiers` are numbers such as an LEI, without
    their scheme; `domains` are web domains such as `example.com`.
    """

    ref: str
    role: str
    kind: str
    name: str
    aliases: Sequence[str] = ()
    country: str = ""
    birth_date: str | None = None
    identifiers: Sequence[str] = ()
    gender: str = ""
    addresses: Sequence[str] = ()
    domains: Sequence[str] = ()


@dataclass(frozen=True)
class Entry:
    """One listed person or organization. `entity_id` is unique among the entries of an index."""

    entity_id: str
    name: str
    aliases: Sequence[str] = ()
    weak_aliases: Sequence[str] = ()
    kind: str = "company"
    countries: Sequence[str] = ()
    birth_dates: Sequence[str] = ()
    identifiers: Sequence[str] = ()
    gender: str = ""
    addresses: Sequence[str] = ()
    domains: Sequence[str] = ()


@dataclass(frozen=True)
class Listed:
    """One name of an entry."""

    entry: Entry
    name: str
    weak: bool

    def folded(self) -> Folded:
        return fold(self.name, self.entry.kind == "person")


def listed(entity_id: str, row: Mapping[str, Any]) -> Entry:
    """An entry from a row of a list; gender and websites are read out of its remarks."""
    remarks = row.get("remarks") or ""
    gender = _GENDER.search(remarks)
    return Entry(
        entity_id, row["name"], tuple(row["aliases"]), tuple(row["weak_aliases"]), row["kind"], tuple(row["countries"]),
        tuple(row["birth_dates"]), tuple(row["identifiers"]), gender[1].lower() if gender else "", tuple(row["addresses"]),
        domains_in(remarks),
    )  # fmt: skip


@dataclass(frozen=True)
class Match:
    """A listed name that a party's name comes near: score from 0 to 1, and how it came about, as JSON."""

    entity_id: str
    listed_name: str
    query_name: str
    score: float
    features: dict[str, Any]
