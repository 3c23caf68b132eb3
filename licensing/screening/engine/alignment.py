"""Which words of two names go together, and what that is worth. Pure: the score depends on the two names alone."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from licensing.screening.engine import abjad
from licensing.screening.engine.likeness import heard, likeness, sounds
from licensing.screening.engine.names import Folded
from licensing.screening.engine.weights import INITIAL, PARTICLE, RANKS, is_form

# What a word without a counterpart costs, as a share of its weight: of the party's name, and of the listed one.
EXTRA_QUERY = 0.9
EXTRA_LISTED = {"person": 0.25, "company": 0.35}
LEADING = 0.2  # of the listed name, when the party's name is its beginning
ONE_WORD, MOST_EXTRA = (
    1.15,
    1.5,
)  # more than one word's worth is paired; then what is left over counts as no more than this
GENERIC, GENERIC_SHARE = 0.65, 0.5  # words such as "trading" cost less than they weigh
LONE, LONE_TYPING, LONE_LISTED = (
    1.0,
    0.3,
    0.6,
)  # a company of one word: what it lacks counts again, what is left over counts more
READ = {"typing": 0.75, "sound": 0.86, "stem": 0.75}
SURE, UNSURE = 0.9, 0.05  # a person of whose words none is written as on the list
PATRONYMIC = 0.3  # share of the cost of a middle name that only one side has
DISTINCTIVE, ALIKE = 0.5, 0.8  # a company needs one word that says something, and is well matched
NOTHING, SAME = 0.1, 0.98  # less is left over than a word of the company's name costs; the names are the same
UNDISTINCT = 0.70  # the most that a company without one may score
JOINED, MOST_JOINED, SOUNDS = 0.98, 4, 4
_PATRONYMIC = ("ovich", "evich", "ovna", "evna", "ovic", "ichna")


@dataclass(frozen=True)
class Pair:
    """Words of the query and of the listed name that go together: where they stand, how, how well, and what they weigh."""

    query: tuple[int, ...]
    listed: tuple[int, ...]
    how: str
    worth: float
    weight: float


@dataclass(frozen=True)
class Alignment:
    """Score from 0 to 1, and what was paired."""

    score: float
    query: Folded
    listed: Folded
    pairs: list[Pair]

    def words(self) -> list[dict[str, Any]]:
        """Each word with its counterpart, how and how well; those without one at the end."""
        return [
            *self._paired(),
            *self._extra(self.query, "query", "listed"),
            *self._extra(self.listed, "listed", "query"),
        ]

    def _paired(self) -> Iterator[dict[str, Any]]:
        for pair in sorted(self.pairs, key=lambda pair: pair.query):
            said = {
                "query": " ".join(self.query.words[at] for at in pair.query),
                "listed": " ".join(self.listed.words[at] for at in pair.listed),
            }
            yield {**said, "how": pair.how, "worth": pair.worth, "weight": round(pair.weight, 3)}

    def _extra(self, folded: Folded, side: str, other: str) -> Iterator[dict[str, Any]]:
        used = {at for pair in self.pairs for at in getattr(pair, side)}
        for at, word in enumerate(folded.words):
            if at not in used:
                how = "form" if is_form(word) else f"extra_{side}"
                yield {side: word, other: "", "how": how, "worth": 0.0, "weight": folded.weights[at]}


def align(query: Folded, listed: Folded, kind: str) -> Alignment:
    """Pair the words, best pairs first; what is paired, by weight, less what is left over on either side."""
    pairs = _chosen(query, listed)
    score = _score(query, listed, pairs, kind)
    return Alignment(round(max(0.0, min(1.0, score)), 4), query, listed, pairs)


def _chosen(query: Folded, listed: Folded) -> list[Pair]:
    """Equal words first, from the end, where the names of families stand; then what is left, best pairs first."""
    ours, theirs = set(range(len(query.words))), set(range(len(listed.words)))
    chosen = []
    for one in sorted(ours, reverse=True):
        same = [other for other in theirs if listed.words[other] == query.words[one]]
        if same:
            other = min(same, key=lambda at: _apart(one, at, query, listed))
            chosen.append(Pair((one,), (other,), "same", 1.0, (query.weights[one] + listed.weights[other]) / 2))
            ours.discard(one)
            theirs.discard(other)
    if ours and theirs:
        chosen += _best(query, listed, ours, theirs)
    return chosen


def _apart(one: int, other: int, query: Folded, listed: Folded) -> int:
    """How far two words stand from each other, seen from where each name ends."""
    return abs(one - len(query.words) - other + len(listed.words))


def _best(query: Folded, listed: Folded, ours: set[int], theirs: set[int]) -> Iterator[Pair]:
    found = [*_single(query, listed, ours, theirs), *_merged(query, listed, ours, theirs)]
    found.sort(
        key=lambda pair: (
            -pair.worth,
            -pair.weight,
            _apart(pair.query[-1], pair.listed[-1], query, listed),
            pair.query,
            pair.listed,
        )
    )
    for pair in found:
        if ours.issuperset(pair.query) and theirs.issuperset(pair.listed):
            ours.difference_update(pair.query)
            theirs.difference_update(pair.listed)
            yield pair


def _single(query: Folded, listed: Folded, ours: set[int], theirs: set[int]) -> Iterator[Pair]:
    for one in ours:
        for other in theirs:
            worth, how = likeness(query.words[one], listed.words[other])
            if worth:
                if query.read != listed.read:
                    worth = round(worth * READ.get(how, 1.0), 4)
                weight = (query.weights[one] + listed.weights[other]) / 2
                if how == "initial":
                    weight = min(query.weights[one], listed.weights[other])
                    if weight < INITIAL:
                        continue
                yield Pair((one,), (other,), how, worth, weight)


def _merged(query: Folded, listed: Folded, ours: set[int], theirs: set[int]) -> Iterator[Pair]:
    """Words that the other side writes as one, or cuts elsewhere."""
    if len(ours) + len(theirs) < 3:
        return
    across = any(map(abjad.is_abjad, query.words)) != any(map(abjad.is_abjad, listed.words))
    left = defaultdict(list)
    for word, places in _runs(query.words):
        if ours.issuperset(places):
            left["" if across else sounds(word)].append((word, places))
    for name, others in _runs(listed.words):
        if theirs.issuperset(others):
            for word, places in left.get("" if across else sounds(name), ()):
                if len(places) + len(others) > 2:
                    yield from _as_one(query, listed, (word, places), (name, others), across)


def _as_one(
    query: Folded, listed: Folded, run: tuple[str, tuple[int, ...]], other: tuple[str, tuple[int, ...]], across: bool
) -> Iterator[Pair]:
    (word, places), (name, others) = run, other
    if across:
        worth = (
            likeness(word, name)[0]
            if len(abjad.latin_skeleton(name if abjad.is_abjad(word) else word)) >= abjad.SURE
            else 0.0
        )
    else:
        worth = 1.0 if word == name else heard(word, name)
    if worth:
        weight = (sum(query.weights[at] for at in places) + sum(listed.weights[at] for at in others)) / 2
        yield Pair(places, others, "joined", round(worth * JOINED, 4), weight)


@lru_cache(maxsize=20_000)
def _runs(words: tuple[str, ...]) -> list[tuple[str, tuple[int, ...]]]:
    """Neighboring words written as one, with their places."""
    count = len(words)
    spans = (
        (start, start + length)
        for length in range(1, min(MOST_JOINED, count) + 1)
        for start in range(count - length + 1)
    )
    found = (("".join(words[start:stop]), tuple(range(start, stop))) for start, stop in spans)
    return [(word, places) for word, places in found if len(places) > 1 or len(word) >= SOUNDS]


def _score(query: Folded, listed: Folded, pairs: list[Pair], kind: str) -> float:
    if not pairs:
        return 0.0
    gained = sum(pair.worth * pair.weight for pair in pairs)
    weight = sum(pair.weight for pair in pairs)
    extra_query = _left_over(query, {at for pair in pairs for at in pair.query}, kind)
    paired = {at for pair in pairs for at in pair.listed}
    lone = kind == "company" and weight <= ONE_WORD
    extra_listed = _left_over(listed, paired, "" if lone else kind)
    share = LONE_LISTED if lone else EXTRA_LISTED[kind]
    if kind == "company" and extra_query < NOTHING and len(pairs) > 1 and paired == set(range(len(paired))):
        share = LEADING
    if not lone:
        extra_listed = min(extra_listed, MOST_EXTRA)
    score = gained / (weight + EXTRA_QUERY * extra_query + share * extra_listed)
    if lone:
        only = max(pairs, key=lambda pair: pair.weight)
        score -= (1 - only.worth) * (LONE_TYPING if only.how == "typing" else LONE)
    if kind == "person" and max(pair.worth for pair in pairs) < SURE:
        score -= UNSURE
    if kind == "company" and score < SAME and not _distinctive(query, listed, pairs):
        score = min(score, UNDISTINCT)
    return score


def _left_over(folded: Folded, paired: set[int], kind: str) -> float:
    return sum(_cost(folded, at, kind) for at in range(len(folded.words)) if at not in paired)


def _cost(folded: Folded, at: int, kind: str) -> float:
    word, weight = folded.words[at], folded.weights[at]
    if kind == "company":
        return weight * GENERIC_SHARE if weight < GENERIC else weight
    if kind == "person" and at == 0 and word in RANKS:
        return 0.0
    return weight * PATRONYMIC if word.endswith(_PATRONYMIC) else weight


def least_cost(word: str, weight: float) -> float:
    """The least that a word without a counterpart may cost, whoever is asked: what a bound may count on."""
    if word in RANKS or weight <= PARTICLE:
        return 0.0
    if word.endswith(_PATRONYMIC):
        return weight * PATRONYMIC
    return weight * GENERIC_SHARE if weight < GENERIC else weight


def _distinctive(query: Folded, listed: Folded, pairs: list[Pair]) -> bool:
    return any(
        pair.worth >= ALIKE and (max(listed.weights[at] for at in pair.listed) >= DISTINCTIVE or len(pair.listed) > 1)
        for pair in pairs
    )
