"""Names in numpy arrays, and the question which of them may reach a score. Pure.

A word of the asked name finds the words that are like it by shared keys, and those find their names. What the words gain, and what
would be left over on either side, bounds the score: the names above the bound are aligned, the others cannot reach it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from licensing.screening.engine import abjad
from licensing.screening.engine.alignment import (
    EXTRA_LISTED,
    EXTRA_QUERY,
    JOINED,
    LEADING,
    MOST_EXTRA,
    MOST_JOINED,
    SAME,
    SOUNDS,
    least_cost,
)
from licensing.screening.engine.likeness import heard, keys, likeness, sounds
from licensing.screening.engine.names import Folded

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
MARGIN = 0.03  # the bound is a sum of singles; words that could be paired in two ways move it by less than this
MOST_CACHED = 50_000
SAYING = 0.1  # words that weigh less are legal forms and particles: they find nothing
MOST_LETTERS = 24  # of a run of words that may be written as one


@dataclass(frozen=True)
class Sides:
    """What is left over of the asked and of the held names costs at least: shares, and the most that counts."""

    asked: float
    asked_most: float
    held: float
    held_most: float


_LISTED = min(LEADING, *EXTRA_LISTED.values())
FORWARD = Sides(EXTRA_QUERY, np.inf, _LISTED, MOST_EXTRA)
BACKWARD = Sides(_LISTED, MOST_EXTRA, EXTRA_QUERY, np.inf)


def runs(folded: Folded) -> dict[str, float]:
    """Two and more neighboring words as one, with their weight."""
    found: dict[str, float] = {}
    count = len(folded.words)
    for length in range(2, min(MOST_JOINED, count) + 1):
        for start in range(count - length + 1):
            word = "".join(folded.words[start : start + length])
            weight = sum(folded.weights[start : start + length])
            if weight > SAYING * length and len(word) <= MOST_LETTERS:
                found[word] = max(found.get(word, 0.0), weight)
    return found


def run_keys(word: str) -> set[int]:
    """What words written as one share with those written apart: the spelling, and the sound."""
    heard = sounds(word)
    return {crc32(word.encode()), crc32(("~" + heard).encode())} if len(heard) >= SOUNDS else {crc32(word.encode())}


@dataclass
class _Grouped:
    """Values by key: sorted keys, and for each the place where its values begin."""

    keys: NDArray[np.uint32]
    values: Ints
    weights: Floats

    @classmethod
    def of(cls, found_keys: list[int], values: list[int], weights: list[float] | None = None) -> "_Grouped":
        unsorted = np.array(found_keys, dtype=np.uint32)
        order = np.argsort(unsorted, kind="stable")
        given = np.array(weights if weights is not None else [], dtype=np.float32)
        return cls(unsorted[order], np.array(values, dtype=np.int32)[order], given[order] if len(given) else given)

    def at(self, asked: Mapping[int, float] | Iterable[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places of all values under these keys, and for each the number of the key that found it."""
        wanted = np.fromiter(asked, dtype=np.uint32)
        begin, end = np.searchsorted(self.keys, wanted, "left"), np.searchsorted(self.keys, wanted, "right")
        met = np.flatnonzero(end > begin)
        sizes = end[met] - begin[met]
        return _spans(begin[met], sizes), np.repeat(met, sizes)


def _spans(starts: NDArray[Any], sizes: NDArray[Any]) -> NDArray[np.int64]:
    """The numbers of several spans, one after the other."""
    if not len(starts):
        return np.empty(0, dtype=np.int64)
    ends = np.cumsum(sizes)
    found: NDArray[np.int64] = np.arange(ends[-1]) + np.repeat(starts - ends + sizes, sizes)
    return found


@dataclass
class Lookup:
    """The words of many names, and where they stand."""

    words: list[str]
    by_key: _Grouped  # word numbers
    starts: Ints  # of each word's names
    names: Ints
    joins: _Grouped  # name numbers, with the weight of the run
    word_weights: Floats
    masses: Floats  # of each name
    _alike: dict[str, tuple[list[int], list[float]]] = field(default_factory=dict)

    @classmethod
    def build(cls, folded: Sequence[Folded]) -> "Lookup":
        postings: dict[str, list[int]] = {}
        weights: dict[str, float] = {}
        join_found: list[tuple[int, int, float]] = []
        for number, name in enumerate(folded):
            for word, weight in zip(name.words, name.weights, strict=True):
                known = postings.setdefault(word, [])
                if not known or known[-1] != number:
                    known.append(number)
                weights[word] = weight
            join_found += [(key, number, weight) for run, weight in runs(name).items() for key in run_keys(run)]
        words = list(postings)
        key_found = [(key, at) for at, word in enumerate(words) for key in keys(word)]
        joined = [*zip(*join_found, strict=True)] or [(), (), ()]
        sizes = [0, *(len(names) for names in postings.values())]
        return cls(
            words=words, by_key=_Grouped.of([key for key, _ in key_found], [at for _, at in key_found]),
            starts=np.cumsum(sizes, dtype=np.int32), names=np.array([n for names in postings.values() for n in names], dtype=np.int32),
            joins=_Grouped.of(list(joined[0]), list(joined[1]), list(joined[2])),
            word_weights=np.array([weights[word] for word in words], dtype=np.float32),
            masses=np.array([_mass(name) for name in folded], dtype=np.float32),
        )  # fmt: skip

    def near(self, asked: Folded, least: float, sides: Sides, distinctive: float = 0.0) -> list[int]:
        """The numbers of the names whose score may be `least` or more, and that share a word of that weight, in order."""
        count = len(self.masses)
        forms = sum(weight for weight in asked.weights if weight < SAYING)
        gained, weight = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
        strongest = np.zeros(count, dtype=np.float32)
        left_asked = np.full(count, _mass(asked), dtype=np.float32)
        left_held = self.masses.copy()
        for names, worth, ours, theirs in self._units(asked):
            pair_weight = (ours + theirs) / 2
            if distinctive:
                strongest[names] = np.maximum(strongest[names], theirs)
            gained[names] += worth * pair_weight
            weight[names] += pair_weight
            left_asked[names] -= ours
            left_held[names] -= theirs
        touched = np.flatnonzero(weight > 0)
        extra = sides.asked * np.clip(left_asked[touched], 0, sides.asked_most)
        extra += sides.held * np.clip(left_held[touched], 0, sides.held_most)
        bound = (gained[touched] + forms) / (weight[touched] + forms + extra)
        reaching = (bound >= least - MARGIN) & ((strongest[touched] >= distinctive) | (bound >= SAME - MARGIN))
        found: list[int] = touched[reaching].tolist()
        return found

    def _units(self, asked: Folded) -> Iterator[tuple[Ints, Any, Any, Any]]:
        """Names, how well a word or run of the asked name is met in each, and what the two weigh."""
        words = dict(zip(asked.words, asked.weights, strict=True))
        saying = {word: weight for word, weight in words.items() if weight >= SAYING} or words
        for word, weight in saying.items():
            yield from self._met(*self.alike(word), weight)
        joined = runs(asked)
        for run, weight in joined.items():
            yield from self._met(*self.alike_run(run), weight)
        yield from self._joined(
            {
                key: weight
                for word, weight in {**saying, **joined}.items()
                if len(word) >= SOUNDS
                for key in run_keys(word)
            }
        )

    def _met(self, alike: list[int], worths: list[float], weight: float) -> Iterator[tuple[Ints, Any, Any, Any]]:
        """The names with these words; of two in one name the last counts, which is the best."""
        if alike:
            begin = self.starts[alike]
            sizes = self.starts[np.add(alike, 1)] - begin
            yield (
                self.names[_spans(begin, sizes)], np.repeat(np.array(worths, dtype=np.float32), sizes), weight,
                np.repeat(self.word_weights[alike], sizes),
            )  # fmt: skip

    def _joined(self, asked: Mapping[int, float]) -> Iterator[tuple[Ints, Any, Any, Any]]:
        places, found_by = self.joins.at(asked)
        if len(places):
            ours = np.fromiter(asked.values(), dtype=np.float32)[found_by]
            yield self.joins.values[places], JOINED, ours, self.joins.weights[places]

    def alike(self, word: str) -> tuple[list[int], list[float]]:
        """The words like this one and how well, the best last."""
        return self._known(word, lambda: (keys(word), lambda other: likeness(word, other)[0]))

    def alike_run(self, run: str) -> tuple[list[int], list[float]]:
        """The words that are this run written as one."""
        if abjad.is_abjad(run):
            return self.alike(run)
        return self._known("+" + run, lambda: (run_keys(run), lambda other: 1.0 if run == other else heard(run, other)))

    def _known(
        self, key: str, way: Callable[[], tuple[set[int], Callable[[str], float]]]
    ) -> tuple[list[int], list[float]]:
        known = self._alike.get(key)
        if known is None:
            if len(self._alike) >= MOST_CACHED:
                self._alike.clear()
            asked, worth_of = way()
            near = set(self.by_key.values[self.by_key.at(asked)[0]].tolist())
            scored = sorted((worth, at) for at in near for worth in [worth_of(self.words[at])] if worth)
            known = self._alike[key] = ([at for _, at in scored], [worth for worth, _ in scored])
        return known


def _mass(folded: Folded) -> float:
    return sum(map(least_cost, folded.words, folded.weights))
