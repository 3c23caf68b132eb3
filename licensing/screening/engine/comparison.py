"""One party's name against one listed name: score, features and a sentence. Pure; the same input gives the same bytes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from licensing.screening.engine import THRESHOLD
from licensing.screening.engine.alignment import Alignment, align
from licensing.screening.engine.names import Folded
from licensing.screening.engine.parties import Entry, Listed, Match, ScreeningQuery
from licensing.screening.engine.qualifiers import qualifiers

Align = Callable[[Folded, Folded, str], Alignment]
ADDRESS, DOMAIN = 0.85, 0.90
_WORDING = {
    "same": "{query} = {listed}",
    "abbreviation": "{query} = {listed} (abbreviation)",
    "typing": "{query} ≈ {listed} (typing)",
    "stem": "{query} ~ {listed} (same stem)",
    "sound": "{query} ≈ {listed} (sounds alike)",
    "script": "{query} ≈ {listed} (another script)",
    "initial": "{query} ~ {listed} (initial)",
    "joined": "{query} ≈ {listed} (written as one word)",
    "form": "{query}{listed}: legal form or title",
    "extra_query": "{query} only in the party's name",
    "extra_listed": "{listed} only in the listed name",
}


def kind_of(entry: Entry, query: ScreeningQuery) -> str:
    """Whether names are compared as those of people: as the party says, else as the list does."""
    return "person" if "person" in (query.kind, entry.kind if not query.kind else "") else "company"


def by_name(
    listed: Listed, theirs: Folded, query: ScreeningQuery, name: str, folded: Folded, least: float, align: Align = align
) -> Match | None:
    """The match of two names, or None when it stays below `least`."""
    entry = listed.entry
    # A weak alias is no ground for an alarm of its own (OFAC FAQ 124): only as it is written, and then just enough to be looked at.
    if listed.weak and sorted(folded.words) != sorted(theirs.words):
        return None
    alignment = align(folded, theirs, kind_of(entry, query))
    moved = qualifiers(entry, query)
    score = alignment.score + sum(moved.values())
    score = round(max(0.0, min(1.0, score, THRESHOLD if listed.weak else 1.0)), 4)
    if score < least:
        return None
    features = {
        "field": "name", "name": alignment.score, "words": alignment.words(), "qualifiers": moved, "weak_alias": listed.weak,
        "legal_forms": [list(folded.forms), list(theirs.forms)], "sentence": sentence(alignment, moved),
    }  # fmt: skip
    return Match(entry.entity_id, listed.name, name, score, features)


def by_identifier(entry: Entry, query: ScreeningQuery, identifier: str) -> Match:
    """Two that carry one number are one, whatever they are called."""
    features = {
        "field": "identifier",
        "identifier": identifier,
        "words": [],
        "qualifiers": {},
        "sentence": f"Both carry the identifier {identifier}.",
    }
    return Match(entry.entity_id, entry.name, query.name, 1.0, features)


def by_place(
    entry: Entry, query: ScreeningQuery, field: str, given: str, theirs: str, likeness: float, least: float
) -> Match | None:
    """An address or web domain that a listed entity has too, exactly or nearly."""
    score = round(likeness * (ADDRESS if field == "address" else DOMAIN), 4)
    if score < least:
        return None
    said = "is also" if likeness == 1.0 else "is near"
    features = {
        "field": field, "given": given, "listed": theirs, "words": [], "qualifiers": {},
        "sentence": f"The {field} {given} {said} that of the listed entity: {theirs}.",
    }  # fmt: skip
    return Match(entry.entity_id, entry.name, query.name, score, features)


def sentence(alignment: Alignment, moved: Mapping[str, float]) -> str:
    """Word by word, then what moved the score; parts stand apart with `; `."""
    parts: Iterable[str] = (_worded(word) for word in alignment.words())
    return "; ".join([*parts, *(f"{name.replace('_', ' ')} {value:+.2f}" for name, value in moved.items())]) + "."


def _worded(word: dict[str, Any]) -> str:
    return _WORDING[word["how"]].format(**word)
