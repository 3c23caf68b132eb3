"""Which words of two names go together, and what that is worth. Pure: the score depends on the two names alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from licensing.screening.engine.likeness import as_one, likeness
from licensing.screening.engine.names import Folded
from licensing.screening.engine.weights import INITIAL, PARTICLE, RANKS, is_form

# What a word without a counterpart costs, as a share of its weight: of the party's name, and of the listed one.
EXTRA_QUERY = 0.9
EXTRA_LISTED = {"person": 0.2, "company": 0.35}
FIRST = 1.0  # a person's first name, by which one is called, costs so many times more than the others
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
JOINED, MOST_JOINED, LEAST_MERGED, SOUNDS = 0.98, 4, 3, 4
SAYING = 0.1  # words that weigh less are legal forms and particles
MOST_LETTERS = 24  # of a run of words that may be written as one


class Likenesses(NamedTuple):
    """How alike two words are; and a word and several of the other side, written as one."""

    single: Callable[[str, str], tuple[float, str]]
    joined: Callable[[str, str], float]


PLAIN = Likenesses(likeness, as_one)
Run = tuple[str, tuple[int, ...]]  # neighboring words written as one, and their places
_PATRONYMIC = ("ovich", "evich", "ovna", "evna", "ovic", "ichna")


class Pair(NamedTuple):
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


def align(query: Folded, listed: Folded, kind: str, alike: Likenesses = PLAIN, *, merging: bool = True) -> Alignment:
    """Pair the words, best pairs first; what is paired, by weight, less what is left over on either side.

    Who knows already how alike the words are passes that in `alike`; who knows that no words are written as one, leaves `merging` out.
    """
    pairs = _chosen(query, listed, kind, alike, merging)
    score = _score(query, listed, pairs, kind)
    return Alignment(round(max(0.0, min(1.0, score)), 4), query, listed, pairs)


def _chosen(query: Folded, listed: Folded, kind: str, alike: Likenesses, merging: bool) -> list[Pair]:
    """Equal words first, then what is left, best pairs first; of several the one that stands where the other does."""
    ours, theirs = set(range(len(query.words))), set(range(len(listed.words)))
    chosen = []
    for one in sorted(ours, reverse=True):
        same = [other for other in theirs if listed.words[other] == query.words[one]]
        if same:
            other = min(same, key=lambda at: _apart(one, at, query, listed, kind))
            chosen.append(Pair((one,), (other,), "same", 1.0, (query.weights[one] + listed.weights[other]) / 2))
            ours.discard(one)
            theirs.discard(other)
    if ours and theirs:
        chosen += _best(query, listed, ours, theirs, kind, alike, merging)
    return chosen


def _apart(one: int, other: int, query: Folded, listed: Folded, kind: str) -> int:
    """How far two words stand from each other, seen from where each name ends, or where that of a company begins."""
    return abs(one - other + (len(listed.words) - len(query.words) if kind == "person" else 0))


def _best(
    query: Folded, listed: Folded, ours: set[int], theirs: set[int], kind: str, alike: Likenesses, merging: bool
) -> Iterator[Pair]:
    found = [*_single(query, listed, ours, theirs, kind, alike)]
    if merging and len(ours) + len(theirs) >= LEAST_MERGED:
        found += _merged(query, listed, ours, theirs, alike)
    found.sort(
        key=lambda pair: (
            -pair.worth,
            -pair.weight,
            _apart(pair.query[-1], pair.listed[-1], query, listed, kind),
            pair.query,
            pair.listed,
        )
    )
    for pair in found:
        if ours.issuperset(pair.query) and theirs.issuperset(pair.listed):
            ours.difference_update(pair.query)
            theirs.difference_update(pair.listed)
            yield pair


def _single(
    query: Folded, listed: Folded, ours: set[int], theirs: set[int], kind: str, alike: Likenesses
) -> Iterator[Pair]:
    for one in ours:
        for other in theirs:
            worth, how = alike.single(query.words[one], listed.words[other])
            if worth:
                if query.read != listed.read:
                    worth = round(worth * READ.get(how, 1.0), 4)
                lighter, heavier = sorted((query.weights[one], listed.weights[other]))
                weight = (lighter + heavier) / 2
                if how == "initial":
                    if lighter < INITIAL or kind != "person":
                        continue
                    weight = lighter
                yield Pair((one,), (other,), how, worth, weight)


def _merged(query: Folded, listed: Folded, ours: set[int], theirs: set[int], alike: Likenesses) -> Iterator[Pair]:
    """Words that one side writes as one."""
    for one, word in _long(query, ours):
        for name, others in _within(listed, theirs):
            if worth := alike.joined(word, name):
                yield _as_one(query, listed, (one,), others, worth)
    for other, name in _long(listed, theirs):
        for word, places in _within(query, ours):
            if worth := alike.joined(word, name):
                yield _as_one(query, listed, places, (other,), worth)


def _long(folded: Folded, left: set[int]) -> list[tuple[int, str]]:
    return [(at, folded.words[at]) for at in left if len(folded.words[at]) >= SOUNDS]


def _within(folded: Folded, left: set[int]) -> list[Run]:
    return [(word, places) for word, places in runs(folded) if left.issuperset(places)]


def _as_one(query: Folded, listed: Folded, places: tuple[int, ...], others: tuple[int, ...], worth: float) -> Pair:
    weight = (sum(query.weights[at] for at in places) + sum(listed.weights[at] for at in others)) / 2
    return Pair(places, others, "joined", round(worth * JOINED, 4), weight)


@lru_cache(maxsize=20_000)
def runs(folded: Folded) -> list[Run]:
    """Two and more neighboring words as one; forms and particles alone are none."""
    count, found = len(folded.words), []
    for length in range(2, min(MOST_JOINED, count) + 1):
        for start in range(count - length + 1):
            word = "".join(folded.words[start : start + length])
            if len(word) <= MOST_LETTERS and sum(folded.weights[start : start + length]) > SAYING * length:
                found.append((word, tuple(range(start, start + length))))
    return found


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
    if kind == "person":
        extra_listed += FIRST * _first(listed, paired)
    score = gained / (weight + EXTRA_QUERY * extra_query + share * extra_listed)
    if lone:
        only = max(pairs, key=lambda pair: pair.weight)
        score -= (1 - only.worth) * (LONE_TYPING if only.how == "typing" else LONE)
    if kind == "person" and max(pair.worth for pair in pairs) < SURE:
        score -= UNSURE
    if kind == "company" and score < SAME and not _distinctive(query, listed, pairs):
        score = min(score, UNDISTINCT)
    return score


def _first(listed: Folded, paired: set[int]) -> float:
    """The weight of the first of a person's names, when the party does not have it."""
    saying = (at for at, word in enumerate(listed.words) if listed.weights[at] > PARTICLE and word not in RANKS)
    first = next(saying, None)
    return 0.0 if first is None or first in paired else listed.weights[first]


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
