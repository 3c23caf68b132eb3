"""Finding a country from what somebody typed, and who is on a list on a day, as pure functions."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from rapidfuzz import fuzz, process

CLOSE = 75.0


def folded(text: str) -> str:
    """Letters and digits only, without accents and case: `Côte d'Ivoire` and `cote divoire` are the same."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def index(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Folded name to code, from each code's names."""
    return {folded(name): code for code, called in names.items() for name in (code, *called) if name}


def nearest(text: str, known: Mapping[str, str], limit: int = 3) -> list[str]:
    """Codes of the countries whose names look most like the text, the best first."""
    found = process.extract(folded(text), known.keys(), scorer=fuzz.WRatio, score_cutoff=CLOSE, limit=limit * 3)
    return list(dict.fromkeys(known[name] for name, _, _ in found))[:limit]


def members_at(content: Mapping[str, Any], day: date) -> frozenset[str]:
    """Codes of the members of a version of a list on a day: from `from`, until before `until`; a date left out is open."""
    return frozenset(row["code"] for row in content.get("members", ()) if is_member(row, day))


def is_member(row: Mapping[str, Any], day: date) -> bool:
    """Whether a row of a list's content holds on a day."""
    return str(row.get("from") or "") <= day.isoformat() < str(row.get("until") or "9999")


def content_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A list of `fixtures/countries/lists.json` as the content of a publication: members now, and those of before with their dates."""
    members = [{"code": code, "note": ""} for code in row["members"]] + list(row.get("formerly", ()))
    return {
        "as_of": row["as_of"],
        "source": row["source"],
        "confidence": row["confidence"],
        "members": sorted(members, key=lambda member: member["code"]),
    }


def holds_from(row: Mapping[str, Any]) -> str:
    """The day from which a list of the fixtures holds: what it was read from may be older than the day of reading."""
    return str(row.get("holds_from") or row["as_of"])
