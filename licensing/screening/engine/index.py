"""The lists as one index for parties, and the parties as one index for changed entries: the same names, asked from either side. Pure.

Both find every pair that may reach the threshold and then compare the pair, so that both find the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from licensing.screening.engine import comparison
from licensing.screening.engine.alignment import DISTINCTIVE
from licensing.screening.engine.lookup import BACKWARD, FORWARD, Lookup
from licensing.screening.engine.names import Folded, fold, usable, variants
from licensing.screening.engine.parties import Entry, Match, ScreeningQuery, UnusableName
from licensing.screening.engine.places import Places
from licensing.screening.engine.qualifiers import BORN_SAME

THRESHOLD = 0.80
LIMIT = 20


@dataclass(frozen=True)
class Listed:
    """One name of an entry."""

    entry: Entry
    name: str
    folded: Folded
    weak: bool


@dataclass
class Index:
    """The names of a set of entries. Built once for a process and never changed."""

    names: list[Listed]
    lookup: Lookup
    by_identifier: dict[str, list[Entry]] = field(default_factory=dict)
    places: Places = field(default_factory=Places)

    @classmethod
    def build(cls, entries: Iterable[Entry]) -> "Index":
        """Index every name, alias, identifier, address and domain."""
        entries = list(entries)
        names = [listed for entry in entries for listed in _names(entry)]
        identifiers: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            for identifier in entry.identifiers:
                identifiers[plain_identifier(identifier)].append(entry)
        return cls(names, Lookup.build([listed.folded for listed in names]), dict(identifiers), Places.of(entries))

    def search(self, query: ScreeningQuery, *, threshold: float = THRESHOLD, limit: int = LIMIT) -> list[Match]:
        """The best match for each listed entity, at or above the threshold, best first.

        Raises UnusableName for a name or alias that says nothing: nobody can be cleared by it.
        """
        require_usable(query)
        return best(self._all(query, threshold), limit)

    def _all(self, query: ScreeningQuery, threshold: float) -> Iterator[Match]:
        for identifier in sorted({plain_identifier(given) for given in query.identifiers}):
            for entry in self.by_identifier.get(identifier, ()):
                yield comparison.by_identifier(entry, query, identifier)
        least = threshold - (BORN_SAME if query.birth_date else 0.0)
        distinctive = DISTINCTIVE if query.kind == "company" else 0.0
        for name in (query.name, *query.aliases):
            for folded in variants(name, query.kind == "person"):
                near = self.lookup.near(folded, least, FORWARD, distinctive)
                for listed in (self.names[number] for number in near):
                    match = comparison.by_name(
                        listed.entry, listed.name, listed.folded, listed.weak, query, name, folded, threshold
                    )
                    if match is not None:
                        yield match
        yield from self.places.near(query, threshold)


@dataclass
class PartyIndex:
    """Parties, to be asked which of them a changed entry is near to: exactly what `Index.search` finds for each of them."""

    parties: list[ScreeningQuery]
    names: list[tuple[int, str, Folded]]  # number of the party, name, folded
    lookup: Lookup
    removed: set[str] = field(default_factory=set)
    added: dict[str, ScreeningQuery] = field(default_factory=dict)

    @classmethod
    def build(cls, queries: Iterable[ScreeningQuery]) -> "PartyIndex":
        parties = list(queries)
        names = [
            (number, name, folded)
            for number, query in enumerate(parties)
            for name in (query.name, *query.aliases)
            for folded in variants(name, query.kind == "person")
        ]
        return cls(parties, names, Lookup.build([folded for _, _, folded in names]))

    def add(self, query: ScreeningQuery) -> None:
        """Take a party in, in place of what was known under its reference."""
        self.removed.add(query.ref)
        self.added[query.ref] = query

    def remove(self, ref: str) -> None:
        self.removed.add(ref)
        self.added.pop(ref, None)

    def search_back(self, entries: Iterable[Entry], *, threshold: float = THRESHOLD) -> list[tuple[str, Match]]:
        """Every party and entry at or above the threshold: by reference, best first."""
        entries = list(entries)
        index = Index.build(entries)
        near = {number for listed in index.names for number in self._near(listed.folded, threshold)}
        near |= self._same_elsewhere(index)
        asked = [self.parties[number] for number in sorted(near) if self.parties[number].ref not in self.removed]
        limit = max(1, len(entries))
        return [
            (query.ref, match)
            for query in sorted([*asked, *self.added.values()], key=lambda query: query.ref)
            for match in index.search(query, threshold=threshold, limit=limit)
        ]

    def _near(self, folded: Folded, threshold: float) -> Iterator[int]:
        found = self.lookup.near(folded, threshold - BORN_SAME, BACKWARD)
        return (self.names[number][0] for number in found)

    def _same_elsewhere(self, index: Index) -> set[int]:
        """Parties with an identifier, address or domain: these are few, and are asked whatever they are called."""
        return {
            number
            for number, query in enumerate(self.parties)
            if query.addresses
            or query.domains
            or any(plain_identifier(given) in index.by_identifier for given in query.identifiers)
        }


def best(matches: Iterable[Match], limit: int) -> list[Match]:
    found: dict[str, Match] = {}
    for match in matches:
        known = found.get(match.entity_id)
        if known is None or match.score > known.score:
            found[match.entity_id] = match
    return sorted(found.values(), key=lambda match: (-match.score, match.entity_id))[:limit]


def require_usable(query: ScreeningQuery) -> None:
    for name in (query.name, *query.aliases):
        if not usable(name):
            raise UnusableName(query.ref, name)


def plain_identifier(identifier: str) -> str:
    return "".join(letter for letter in identifier.upper() if letter.isalnum())


def _names(entry: Entry) -> Iterator[Listed]:
    strong = dict.fromkeys((entry.name, *entry.aliases), False)
    for name, weak in {**dict.fromkeys(entry.weak_aliases, True), **strong}.items():
        folded = fold(name, entry.kind == "person")
        if folded.words:
            yield Listed(entry, name, folded, weak)
