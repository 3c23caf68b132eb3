"""The lists as one index for parties. Pure.

It finds every pair that may reach the threshold and then compares the pair, as `screening.segments` does from the other side.
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


def asked_names(query: ScreeningQuery) -> Iterator[tuple[str, Folded]]:
    """A party's names in every way in which they are read."""
    for name in (query.name, *query.aliases):
        for folded in variants(name, query.kind == "person"):
            yield name, folded


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
