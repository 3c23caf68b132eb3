"""The lists as one index for parties, and the parties as one index for changed entries: the same names, asked from either side. Pure.

Both find every pair that may reach the threshold and then compare the pair, so that both find the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from licensing.screening.engine import THRESHOLD, comparison
from licensing.screening.engine.lookup import Lookup
from licensing.screening.engine.names import Folded, usable, variants
from licensing.screening.engine.numbers import numbers
from licensing.screening.engine.parties import Entry, Listed, Match, ScreeningQuery, UnusableName
from licensing.screening.engine.places import Places
from licensing.screening.engine.qualifiers import BORN_SAME

LIMIT = 20


@dataclass
class Index:
    """The names of a set of entries. Built once for a process and never changed."""

    entries: list[Entry]
    names: list[Listed]
    lookup: Lookup
    places: Places
    by_identifier: dict[str, list[Entry]]

    @classmethod
    def build(cls, entries: Iterable[Entry]) -> "Index":
        """Index every name, alias, identifier, address and domain."""
        entries = list(entries)
        names = names_of(entries)
        lookup = Lookup.build((listed.folded() for listed in names), (listed.entry.kind for listed in names))
        return cls(entries, names, lookup, Places.of(entries), identifiers_of(entries))

    def search(self, query: ScreeningQuery, *, threshold: float = THRESHOLD, limit: int = LIMIT) -> list[Match]:
        """The best match for each listed entity, at or above the threshold, best first.

        Raises UnusableName for a name or alias that says nothing: nobody can be cleared by it.
        """
        require_usable(query)
        return best([*self._elsewhere(query, threshold), *self._named(query, threshold)], limit)

    def _elsewhere(self, query: ScreeningQuery, threshold: float) -> Iterator[Match]:
        for identifier in sorted(numbers(query.identifiers)):
            for entry in self.by_identifier.get(identifier, ()):
                yield comparison.by_identifier(entry, query, identifier)
        yield from self.places.near(query, threshold)

    def _named(self, query: ScreeningQuery, threshold: float) -> Iterator[Match]:
        for name, folded in asked_names(query):
            for number, merging in self.lookup.near(folded, _least(query, threshold), query.kind):
                listed, theirs = self.names[number], self.lookup.folded(number)
                align = self.lookup.aligner(merging=merging)
                if match := comparison.by_name(listed, theirs, query, name, folded, threshold, align):
                    yield match


@dataclass
class PartyIndex:
    """Parties, to be asked which of them a changed entry is near to: exactly what `Index.search` finds for each of them."""

    parties: list[ScreeningQuery]
    names: list[tuple[int, str]]  # number of the party, and one of its names, once for each of its variants
    lookup: Lookup
    elsewhere: list[int]  # parties with identifiers, addresses or domains, which are compared too
    by_ref: dict[str, int]
    indexed: int  # parties that `lookup` knows; those after them were added

    @classmethod
    def build(cls, queries: Iterable[ScreeningQuery]) -> "PartyIndex":
        parties = list(queries)
        names: list[tuple[int, str]] = []
        lookup = Lookup.build(_read(parties, names), (parties[number].kind for number, _ in names))
        elsewhere = [
            number for number, query in enumerate(parties) if query.identifiers or query.addresses or query.domains
        ]
        return cls(
            parties, names, lookup, elsewhere, {query.ref: number for number, query in enumerate(parties)}, len(parties)
        )

    def add(self, query: ScreeningQuery) -> None:
        """Take a party in, in place of what was known under its reference; `build` again when many have been added."""
        self.remove(query.ref)
        self.by_ref[query.ref] = len(self.parties)
        self.parties.append(query)

    def remove(self, ref: str) -> None:
        self.by_ref.pop(ref, None)

    def search_back(self, entries: Iterable[Entry], *, threshold: float = THRESHOLD) -> list[tuple[str, Match]]:
        """Every party and entry at or above the threshold: by reference, best first."""
        entries = list(entries)
        index = Index.build(entries)
        found: dict[int, list[Match]] = defaultdict(list)
        for number in self.elsewhere:
            found[number] += index._elsewhere(self.parties[number], threshold)
        for listed in index.names:
            for number, match in self._named(listed, threshold):
                found[number].append(match)
        for number in range(self.indexed, len(self.parties)):
            found[number] += index.search(self.parties[number], threshold=threshold, limit=len(entries))
        known = sorted((self.parties[number].ref, number) for number in found if self._is_known(number))
        return [(ref, match) for ref, number in known for match in best(found[number], len(entries))]

    def _is_known(self, number: int) -> bool:
        return self.by_ref.get(self.parties[number].ref) == number

    def _named(self, listed: Listed, threshold: float) -> Iterator[tuple[int, Match]]:
        folded = listed.folded()
        for at, merging in self.lookup.near(folded, threshold - BORN_SAME, listed.entry.kind, back=True):
            number, name = self.names[at]
            query = self.parties[number]
            align = self.lookup.aligner(merging=merging, back=True)
            if match := comparison.by_name(listed, folded, query, name, self.lookup.folded(at), threshold, align):
                yield number, match


def asked_names(query: ScreeningQuery) -> Iterator[tuple[str, Folded]]:
    """A party's names in every way in which they are read."""
    for name in (query.name, *query.aliases):
        for folded in variants(name, query.kind == "person"):
            yield name, folded


def _read(parties: Iterable[ScreeningQuery], names: list[tuple[int, str]]) -> Iterator[Folded]:
    """Every name of these parties in every way in which it is read; whose it is goes into `names`."""
    for number, query in enumerate(parties):
        for name, folded in asked_names(query):
            names.append((number, name))
            yield folded


def _least(query: ScreeningQuery, threshold: float) -> float:
    """What a name has to reach by itself: a date of birth may add to it."""
    return threshold - (BORN_SAME if query.birth_date else 0.0)


def best(matches: Iterable[Match], limit: int) -> list[Match]:
    found: dict[str, Match] = {}
    for match in matches:
        known = found.get(match.entity_id)
        if known is None or match.score > known.score:
            found[match.entity_id] = match
    return sorted(found.values(), key=lambda match: (-match.score, match.entity_id))[:limit]


def require_usable(query: ScreeningQuery) -> None:
    for name in (query.name, *query.aliases):
        if not usable(name, query.kind == "person"):
            raise UnusableName(query.ref, name)


def names_of(entries: Iterable[Entry]) -> list[Listed]:
    """Every name; one that is also a strong alias is not a weak one."""
    found = []
    for entry in entries:
        strong = dict.fromkeys((entry.name, *entry.aliases), False)
        both = dict.fromkeys(entry.weak_aliases, True) | strong
        found += [Listed(entry, name, weak) for name, weak in both.items()]
    return found


def identifiers_of(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        for number in numbers(entry.identifiers):
            found[number].append(entry)
    return dict(found)
