"""Finding a country from what somebody typed, what a code meant on a day, and who is on a list on a day, as pure functions."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from rapidfuzz import fuzz, process

CLOSE = 75.0
LONGEST_CODE = 3
DAYS = ("from", "until", "as_of", "verified_on")
CONFIDENCE = ("high", "medium", "low")
# What a row of a list's content may say besides its code. What it leaves out of the last five, the list says for all its members.
INHERITED = ("source", "as_of", "confidence", "verified_by", "verified_on")
PARTS = ("from", "until", "note", *INHERITED)


@dataclass(frozen=True)
class Meaning:
    """What a code meant up to a day that it does not count: `iso` is its code of ISO 3166-3, empty where only the name has changed."""

    code: str
    name: str
    until: date
    since: date | None = None
    iso: str = ""
    successors: tuple[str, ...] = ()

    def holds(self, day: date) -> bool:
        return (self.since or date.min) <= day < self.until

    def __str__(self) -> str:
        since = f" from {self.since}" if self.since else ""
        return f"{self.code} meant {self.name}{since} until {self.until}"


def folded(text: str) -> str:
    """Letters and digits only, without accents and case: `Côte d'Ivoire` and `cote divoire` are the same."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def index(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Folded name to code, from each code's names."""
    return {folded(name): code for code, called in names.items() for name in (code, *called) if name}


def nearest(text: str, known: Mapping[str, str], limit: int = 3) -> list[str]:
    """Codes of the countries whose names look most like the text, the best first. What is longer than a code is no misspelt code."""
    wanted = folded(text)
    names = [name for name in known if len(name) > LONGEST_CODE or len(wanted) <= LONGEST_CODE]
    found = process.extract(wanted, names, scorer=fuzz.WRatio, score_cutoff=CLOSE, limit=limit * 3)
    return list(dict.fromkeys(known[name] for name, _, _ in found))[:limit]


def members_at(content: Mapping[str, Any], day: date) -> frozenset[str]:
    """Codes of the members of a version of a list on a day: from `from`, until before `until`; a date left out is open."""
    return frozenset(row["code"] for row in content.get("members", ()) if is_member(row, day))


def is_member(row: Mapping[str, Any], day: date) -> bool:
    """Whether a row of a list's content holds on a day."""
    return str(row.get("from") or "") <= day.isoformat() < str(row.get("until") or "9999")


def faults(said: Mapping[str, Any], today: date) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the parts of a member, or those that a list says for all: part, value, mend."""
    days: dict[str, date] = {}
    for part in DAYS:
        if said.get(part):
            try:
                days[part] = date.fromisoformat(str(said[part]))
            except ValueError:
                yield part, str(said[part]), "Write the day as 2026-12-25."
    if "from" in days and "until" in days and days["until"] <= days["from"]:
        yield "until", str(said["until"]), "A membership ends after it begins."
    for part in ("as_of", "verified_on"):
        if part in days and days[part] > today:
            yield part, str(said[part]), "This day is still to come."
    if said.get("confidence") and said["confidence"] not in CONFIDENCE:
        yield "confidence", str(said["confidence"]), f"Choose one of {', '.join(CONFIDENCE)}."
    for part, other in (("verified_by", "verified_on"), ("verified_on", "verified_by")):
        if said.get(part) and not said.get(other):
            yield other, "", "Say who verified it and on which day, or neither."


def content_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A list of `fixtures/countries/lists.json` as the content of a publication: members now, and those of before with their dates."""
    members = [{"code": code, "note": ""} for code in row["members"]] + list(row.get("formerly", ()))
    return {
        "name": row["name"],
        "description": row.get("note", ""),
        "as_of": row["as_of"],
        "source": row["source"],
        "confidence": row["confidence"],
        "members": sorted(members, key=lambda member: member["code"]),
    }


def holds_from(row: Mapping[str, Any]) -> str:
    """The day from which a list of the fixtures holds: what it was read from may be older than the day of reading."""
    return str(row.get("holds_from") or row["as_of"])
