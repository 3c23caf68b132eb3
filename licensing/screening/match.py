"""Which listed names are the name of a party. Pure: no database, no clock.

The face is `Index.build(entries)` and `index.search(query, limit, threshold)`. Names are folded (NFKC, case, letters of other
scripts in Latin ones, punctuation, legal forms, order) and their words aligned; an alignment knows typing errors of one or two
letters, joined words and shared stems, and says word by word what it did.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.distance import OSA

from licensing.screening.names import Folded, fold, usable

ENGINE = "folded-words 2"
THRESHOLD = 0.80
LIMIT = 20

# What a word of the query, and a word of the listed name, that has no counterpart costs, as a share of its letters.
EXTRA_QUERY_WORD = 0.8
EXTRA_LISTED_WORD = 0.5
STEM_LETTERS = 5
STEM_WORTH = 0.9
JOINED_LETTERS = 8
COUNTRY_DIFFERS = -0.03
BIRTH_DATE_DIFFERS = -0.20
BIRTH_DATE_SAME = 0.05
DIFFERENT_KIND = -0.10


class UnusableName(ValueError):
    """A party that cannot be screened, because one of its names has no letters, or too many."""

    def __init__(self, ref: str, name: str) -> None:
        super().__init__(f"{ref}: {name[:60]!r} is no name that can be screened.")
        self.ref = ref
        self.name = name


@dataclass(frozen=True)
class ScreeningQuery:
    """One party to be screened. `ref` names it for good (`party:12`): decisions hold for that reference.

    `birth_date` is ISO (`1970-01-31`, or a year); `identifiers` are numbers such as an LEI, without their scheme.
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
class Match:
    """A listed name that a party's name comes near: score from 0 to 1, and how it came about."""

    entity_id: str
    listed_name: str
    query_name: str
    score: float
    features: dict[str, Any]


@dataclass(frozen=True)
class _Listed:
    entry: Entry
    name: str
    folded: Folded
    weak: bool


@dataclass
class Index:
    """The names of a set of snapshots. Built once for a process and never changed."""

    names: list[_Listed] = field(default_factory=list)
    by_key: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    by_identifier: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def build(cls, entries: Iterable[Entry]) -> "Index":
        """Index every name and alias; words of three letters and more are found by pieces of three letters."""
        index = cls()
        for entry in entries:
            strong = [(name, False) for name in (entry.name, *entry.aliases)]
            for name, weak in strong + [(name, True) for name in entry.weak_aliases]:
                folded = fold(name)
                if folded.words:
                    index._add(_Listed(entry, name, folded, weak))
        return index

    def _add(self, listed: _Listed) -> None:
        number = len(self.names)
        self.names.append(listed)
        for key in _keys(listed.folded):
            self.by_key[key].add(number)
        for identifier in listed.entry.identifiers:
            self.by_identifier[_plain_identifier(identifier)].add(number)

    def search(self, query: ScreeningQuery, *, threshold: float = THRESHOLD, limit: int = LIMIT) -> list[Match]:
        """The best match for each listed entity, at or above the threshold, best first.

        Raises UnusableName for a name or alias that says nothing: nobody can be cleared by it.
        """
        for name in (query.name, *query.aliases):
            if not usable(name):
                raise UnusableName(query.ref, name)
        best: dict[str, Match] = {}
        for match in self._all(query):
            known = best.get(match.entity_id)
            if match.score >= threshold and (known is None or match.score > known.score):
                best[match.entity_id] = match
        return sorted(best.values(), key=lambda match: (-match.score, match.entity_id))[:limit]

    def _all(self, query: ScreeningQuery) -> Iterable[Match]:
        identifiers = {_plain_identifier(identifier) for identifier in query.identifiers}
        for identifier in sorted(identifiers):
            for number in sorted(self.by_identifier.get(identifier, ())):
                yield _by_identifier(self.names[number], query, identifier)
        for name in (query.name, *query.aliases):
            folded = fold(name)
            for number in self._candidates(folded):
                match = _compared(self.names[number], name, folded, query)
                if match is not None:
                    yield match

    def _candidates(self, folded: Folded) -> list[int]:
        found: set[int] = set()
        for key in _keys(folded):
            found |= self.by_key.get(key, set())
        return sorted(found)


@dataclass
class PartyIndex:
    """Parties, to be asked which of them a changed entry is near to: exactly what `Index.search` finds for each of them."""

    parties: dict[str, ScreeningQuery] = field(default_factory=dict)

    @classmethod
    def build(cls, queries: Iterable[ScreeningQuery]) -> "PartyIndex":
        index = cls()
        for query in queries:
            index.add(query)
        return index

    def add(self, query: ScreeningQuery) -> None:
        """Take a party in, in place of what was known under its reference."""
        self.parties[query.ref] = query

    def remove(self, ref: str) -> None:
        self.parties.pop(ref, None)

    def search_back(self, entries: Iterable[Entry], *, threshold: float = THRESHOLD) -> list[tuple[str, Match]]:
        """Every party and entry at or above the threshold, by reference, best first."""
        index = Index.build(entries)
        limit = max(1, len(index.names))
        return [
            (ref, match)
            for ref in sorted(self.parties)
            for match in index.search(self.parties[ref], threshold=threshold, limit=limit)
        ]


def _keys(folded: Folded) -> set[str]:
    """Pieces by which names find each other: pieces of three letters of the joined words, and short words whole."""
    keys = {word for word in folded.words if len(word) < 3}
    for word in (*folded.words, folded.joined):
        keys.update(word[start : start + 3] for start in range(len(word) - 2))
    return keys


def _plain_identifier(identifier: str) -> str:
    return "".join(letter for letter in identifier.upper() if letter.isalnum())


def _by_identifier(listed: _Listed, query: ScreeningQuery, identifier: str) -> Match:
    features = {"identifier": identifier, "words": [], "sentence": f"Both carry the identifier {identifier}."}
    return Match(listed.entry.entity_id, listed.name, query.name, 1.0, features)


def _compared(listed: _Listed, name: str, folded: Folded, query: ScreeningQuery) -> Match | None:
    if listed.weak and folded.words != listed.folded.words:
        return None
    alignment = align(folded, listed.folded)
    qualifiers = _qualifiers(listed.entry, query)
    score = alignment.score + sum(qualifiers.values())
    if listed.weak:
        score = min(score, THRESHOLD)
    score = round(max(0.0, min(1.0, score)), 4)
    features = {
        "name": alignment.score,
        "words": alignment.words,
        "legal_forms": [list(folded.forms), list(listed.folded.forms)],
        "qualifiers": qualifiers,
        "weak_alias": listed.weak,
        "sentence": alignment.sentence(qualifiers),
    }
    return Match(listed.entry.entity_id, listed.name, name, score, features)


def _qualifiers(entry: Entry, query: ScreeningQuery) -> dict[str, float]:
    """What is known besides the name, and moves the score; what is not known moves nothing."""
    moved: dict[str, float] = {}
    if query.country and entry.countries and query.country not in entry.countries:
        moved["country_differs"] = COUNTRY_DIFFERS
    if query.kind in ("person", "company") and entry.kind in ("person", "company") and query.kind != entry.kind:
        moved["kind_differs"] = DIFFERENT_KIND
    if query.birth_date and entry.birth_dates:
        same = any(_same_date(query.birth_date, listed) for listed in entry.birth_dates)
        moved["birth_date"] = BIRTH_DATE_SAME if same else BIRTH_DATE_DIFFERS
    return moved


def _same_date(one: str, other: str) -> bool:
    length = min(len(one), len(other))
    return one[:length] == other[:length]


@dataclass(frozen=True)
class Alignment:
    """How the words of two names go together. `words` holds query word, listed word, how and how well."""

    score: float
    words: list[dict[str, Any]]

    def sentence(self, qualifiers: dict[str, float]) -> str:
        parts = [_WORDING[word["how"]].format(**word) for word in self.words]
        parts += [f"{name.replace('_', ' ')} {value:+.2f}" for name, value in qualifiers.items()]
        return "; ".join(parts) + "."


_WORDING = {
    "same": "{query} = {listed}",
    "typing": "{query} ≈ {listed}",
    "stem": "{query} ~ {listed} (same stem)",
    "joined": "{query} ≈ {listed} (written as one word)",
    "extra_query": "{query} only in the party's name",
    "extra_listed": "{listed} only in the listed name",
}


def align(query: Folded, listed: Folded) -> Alignment:
    """Pair the words, best pairs first; the score is what is paired, by letters, less what is left over.

    Written as one word, names may be the same where single words are not: the better of the two counts.
    """
    whole = _as_one(query, listed)
    if whole is not None and whole.score == 1.0:
        return whole
    pairs, left_query, left_listed = _paired(list(query.words), list(listed.words))
    gained = sum(pair["worth"] * _letters(pair) for pair in pairs)
    weight = sum(_letters(pair) for pair in pairs)
    weight += sum(EXTRA_QUERY_WORD * len(word) for word in left_query)
    weight += sum(EXTRA_LISTED_WORD * len(word) for word in left_listed)
    words = [
        *pairs,
        *({"query": word, "listed": "", "how": "extra_query", "worth": 0.0} for word in left_query),
        *({"query": "", "listed": word, "how": "extra_listed", "worth": 0.0} for word in left_listed),
    ]
    aligned = Alignment(round(gained / weight, 4) if weight else 0.0, words)
    return whole if whole is not None and whole.score > aligned.score else aligned


def _as_one(query: Folded, listed: Folded) -> Alignment | None:
    same = query.words == listed.words
    worth = 1.0 if same or query.joined == listed.joined else 0.0
    longer = max(len(query.joined), len(listed.joined))
    if not worth and min(len(query.joined), len(listed.joined)) >= JOINED_LETTERS:
        edits = OSA.distance(query.joined, listed.joined, score_cutoff=2)
        worth = round(1 - edits / longer, 4) if edits <= 2 else 0.0
    if not worth:
        return None
    how = "same" if same else "joined"
    pair = {"query": " ".join(query.words), "listed": " ".join(listed.words), "how": how, "worth": worth}
    return Alignment(worth, [pair])


def _letters(pair: dict[str, Any]) -> float:
    return (len(pair["query"]) + len(pair["listed"])) / 2


def _paired(query: list[str], listed: list[str]) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    scored = [
        (worth, how, one, other)
        for one in dict.fromkeys(query)
        for other in dict.fromkeys(listed)
        for worth, how in [likeness(one, other)]
        if worth > 0
    ]
    scored.sort(key=lambda pair: (-pair[0], pair[2], pair[3]))
    pairs = []
    for worth, how, one, other in scored:
        if one in query and other in listed:
            query.remove(one)
            listed.remove(other)
            pairs.append({"query": one, "listed": other, "how": how, "worth": worth})
    return pairs, query, listed


def likeness(one: str, other: str) -> tuple[float, str]:
    """How alike two folded words are, from 0 to 1, and why: same, typing (one edit in five letters), stem."""
    if one == other:
        return 1.0, "same"
    shorter, longer = sorted((len(one), len(other)))
    edits = OSA.distance(one, other, score_cutoff=2)
    if shorter >= 4 and edits <= max(1, longer // 5) and edits <= 2:
        return round(1 - edits / longer, 4), "typing"
    shared = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    if shared >= STEM_LETTERS and shared >= shorter - 1 and longer - shared <= 4:
        return STEM_WORTH, "stem"
    return 0.0, ""
