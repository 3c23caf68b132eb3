"""Addresses and web domains that a party shares with a listed entity, exactly or nearly. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from licensing.screening.domains import domain_of
from licensing.screening.engine import comparison
from licensing.screening.engine.alignment import align
from licensing.screening.engine.likeness import likeness
from licensing.screening.engine.lookup import Lookup, Sides
from licensing.screening.engine.names import Folded, fold
from licensing.screening.engine.parties import Entry, Match, ScreeningQuery

NEAR = {"address": 0.88, "domain": 0.80}
EVEN = Sides(0.2, 1.5, 0.2, 1.5)
LEAST_WORDS = 3  # an address that is a town alone says nothing
OTHER_ENDING = 0.92  # the same name under another top-level domain


@dataclass(frozen=True)
class Place:
    entry: Entry
    text: str
    folded: Folded


@dataclass
class Places:
    """The addresses and the domains of entries."""

    held: dict[str, list[Place]] = field(default_factory=dict)
    lookups: dict[str, Lookup] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Places":
        held: dict[str, list[Place]] = {"address": [], "domain": []}
        for entry in entries:
            held["address"] += [Place(entry, text, folded) for text in entry.addresses if (folded := _address(text))]
            held["domain"] += [Place(entry, text, _domain(text)) for text in entry.domains]
        found = {kind: rows for kind, rows in held.items() if rows}
        return cls(found, {kind: Lookup.build([row.folded for row in rows]) for kind, rows in found.items()})

    def near(self, query: ScreeningQuery, threshold: float) -> Iterator[Match]:
        """Matches at or above the threshold."""
        for text in query.addresses:
            if folded := _address(text):
                yield from self._found("address", text, folded, query, threshold)
        for text in query.domains:
            yield from self._found("domain", text, _domain(text), query, threshold)

    def _found(self, kind: str, text: str, folded: Folded, query: ScreeningQuery, threshold: float) -> Iterator[Match]:
        if kind not in self.lookups:
            return
        for number in self.lookups[kind].near(folded, NEAR[kind], EVEN):
            place = self.held[kind][number]
            worth = _alike(kind, text, folded, place)
            if worth >= NEAR[kind]:
                match = comparison.by_place(place.entry, query, kind, text, place.text, worth, threshold)
                if match is not None:
                    yield match


def _alike(kind: str, text: str, folded: Folded, place: Place) -> float:
    if kind == "domain":
        if domain_of(text) == domain_of(place.text):
            return 1.0
        worth, _ = likeness(folded.words[0], place.folded.words[0])
        return worth * OTHER_ENDING if worth == 1.0 else worth
    if not {word for word in folded.words if word.isdigit()} & {word for word in place.folded.words if word.isdigit()}:
        return 0.0
    return min(align(folded, place.folded, "company").score, align(place.folded, folded, "company").score)


def _address(text: str) -> Folded | None:
    """An address that names a house or a postal code; without a number it is no place that two could share by more than chance."""
    folded = fold(text)
    return folded if len(folded.words) >= LEAST_WORDS and any(word.isdigit() for word in folded.words) else None


def _domain(text: str) -> Folded:
    """The name of a domain without its endings, as one word: `www.example-trade.co.uk` is `exampletrade`."""
    labels = domain_of(text).split(".")
    name = max(labels[:-1] or labels, key=len)
    word = "".join(letter for letter in name if letter.isalnum())
    return Folded((word,), (1.0,))
