"""Addresses and web domains that a party shares with a listed entity, exactly or nearly. Pure."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from licensing.screening.domains import domain_of
from licensing.screening.engine import comparison
from licensing.screening.engine.alignment import align
from licensing.screening.engine.likeness import likeness
from licensing.screening.engine.lookup import Lookup
from licensing.screening.engine.names import Folded, fold, latin_looking
from licensing.screening.engine.parties import Entry, Match, ScreeningQuery

NEAR = {"address": 0.88, "domain": 0.80}
COMPARED_AS = {"address": "company", "domain": "person"}
LEAST_WORDS = 3  # an address that is a town alone says nothing
OTHER_ENDING = 0.92  # the same name under another top-level domain


@dataclass(frozen=True)
class Place:
    entry: Entry
    text: str


@dataclass
class Places:
    """The addresses and the domains of entries."""

    held: dict[str, list[Place]]
    lookups: dict[str, Lookup]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Places":
        held = places_of(entries)
        lookups = {
            kind: Lookup.build((FOLDED[kind](row.text) for row in rows), (COMPARED_AS[kind] for _ in rows))
            for kind, rows in held.items()
        }
        return cls(held, lookups)

    def near(self, query: ScreeningQuery, threshold: float) -> Iterator[Match]:
        """Matches at or above the threshold."""
        for text in filter(_is_place, query.addresses):
            yield from self._found("address", text, query, threshold)
        for text in query.domains:
            yield from self._found("domain", text, query, threshold)

    def _found(self, kind: str, text: str, query: ScreeningQuery, threshold: float) -> Iterator[Match]:
        folded = FOLDED[kind](text)
        for number, _ in self.lookups[kind].near(folded, NEAR[kind], COMPARED_AS[kind]):
            place = self.held[kind][number]
            worth = _alike(kind, text, folded, place)
            if worth >= NEAR[kind]:
                match = comparison.by_place(place.entry, query, kind, text, place.text, worth, threshold)
                if match is not None:
                    yield match


def places_of(entries: Iterable[Entry]) -> dict[str, list[Place]]:
    held: dict[str, list[Place]] = {"address": [], "domain": []}
    for entry in entries:
        held["address"] += [Place(entry, text) for text in entry.addresses if _is_place(text)]
        held["domain"] += [Place(entry, text) for text in entry.domains]
    return held


def _is_place(address: str) -> bool:
    """Whether an address names a house or a postal code; without a number it is no place that two could share but by chance."""
    return len(address.split()) >= LEAST_WORDS and any(letter.isdigit() for letter in address)


def _alike(kind: str, text: str, folded: Folded, place: Place) -> float:
    theirs = FOLDED[kind](place.text)
    if kind == "domain":
        if _looks(text) == _looks(place.text):
            return 1.0
        worth, _ = likeness(folded.words[0], theirs.words[0])
        return worth * OTHER_ENDING if worth == 1.0 else worth
    if not {word for word in folded.words if word.isdigit()} & {word for word in theirs.words if word.isdigit()}:
        return 0.0
    return min(align(folded, theirs, "company").score, align(theirs, folded, "company").score)


def _looks(text: str) -> str:
    """A domain as it looks: letters of other alphabets that look Latin are Latin, and marks on letters are left out."""
    apart = unicodedata.normalize("NFD", latin_looking(domain_of(text)))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _domain(text: str) -> Folded:
    """The name of a domain without its endings, as one word: `www.example-trade.co.uk` is `exampletrade`."""
    labels = _looks(text).split(".")
    name = max(labels[:-1] or labels, key=len)
    word = "".join(letter for letter in name if letter.isalnum())
    return Folded((word,), (1.0,))


FOLDED: dict[str, Callable[[str], Folded]] = {"address": fold, "domain": _domain}
