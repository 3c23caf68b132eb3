"""Names in numpy arrays, and the question which of them may reach a score. Pure.

A word of the asked name finds the words that are like it by shared keys, and those find their names. What the words gain, and what
would be left over on either side, bounds the score: the names above the bound are aligned, the others cannot reach it.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from licensing.screening.engine.likeness import heard, keys, likeness, may_be_alike, sounds
from licensing.screening.engine.names import Folded
from licensing.screening.engine.weights import INITIAL

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
# Names, how well a part of the asked name is met in each, what the two parts weigh, and what they would cost if they were left over.
Unit = tuple[Ints, Any, Any, Any, Any, Any]
MARGIN = 0.03  # the bound is a sum of singles; words that could be paired in two ways move it by less than this
MOST_CACHED = 20_000
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
    """What words written as one share with those written apart: the spelling, the sound, and the consonants across scripts."""
    if abjad.is_abjad(word):
        found = {word, *("^" + skeleton for skeleton in abjad.skeletons(word) if len(skeleton) >= abjad.SURE)}
    else:
        heard, skeleton = sounds(word), abjad.latin_skeleton(word)
        found = (
            {word}
            | ({"~" + heard} if len(heard) >= 2 else set())
            | ({"^" + skeleton} if len(skeleton) >= abjad.SURE else set())
        )
    return {crc32(key.encode()) for key in found}


def letters(words: Iterable[str]) -> int:
    """The first letters of words, a bit each."""
    return sum({1 << (ord(word[0]) - ord("a")) for word in words if "a" <= word[0] <= "z"})


@dataclass
class Grouped:
    """Values by key: sorted keys, and for each the place where its values begin."""

    keys: NDArray[np.uint32]
    values: Ints
    weights: Floats

    @classmethod
    def of(cls, found_keys: "array[int]", values: "array[int]", weights: "array[float]") -> "Grouped":
        unsorted = np.frombuffer(found_keys, dtype=np.uint32) if found_keys else np.empty(0, np.uint32)
        order = np.argsort(unsorted, kind="stable")
        given = np.array(weights, dtype=np.float32)
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
    by_key: Grouped  # word numbers
    starts: Ints  # of each word's names
    names: Ints
    joins: Grouped  # name numbers, with the weight of the run
    word_weights: Floats
    word_costs: Floats  # of each word that is left over, at the least
    masses: Floats  # of each name, in such costs
    starting: NDArray[np.uint32]  # of each name: the letters with which its words begin
    initials: NDArray[np.uint32]  # and those that stand alone
    people: NDArray[np.bool_]  # of each name: whether it is one of a person, who needs no distinctive word
    _alike: dict[str, tuple[list[int], list[float]]] = field(default_factory=dict)

    @classmethod
    def build(cls, folded: Iterable[Folded], people: Iterable[bool]) -> "Lookup":
        postings: dict[str, array[int]] = {}
        weights: dict[str, float] = {}
        masses, starting, initials = array("f"), array("I"), array("I")
        joined, join_names, join_weights = array("I"), array("i"), array("f")
        for number, name in enumerate(folded):
            masses.append(_mass(name))
            starting.append(letters(name.words))
            initials.append(letters(_single_letters(name)))
            for word, weight in zip(name.words, name.weights, strict=True):
                known = postings.setdefault(word, array("i"))
                if not known or known[-1] != number:
                    known.append(number)
                weights[word] = max(weight, weights.get(word, 0.0))
            for run, weight in runs(name).items():
                for key in run_keys(run):
                    joined.append(key)
                    join_names.append(number)
                    join_weights.append(weight)
        words = list(postings)
        found_keys, found_words = array("I"), array("i")
        for at, word in enumerate(words):
            for key in sorted(keys(word)):
                found_keys.append(key)
                found_words.append(at)
        sizes = [0, *(len(names) for names in postings.values())]
        names = (
            np.concatenate([np.frombuffer(held, dtype=np.int32) for held in postings.values()])
            if postings
            else np.empty(0, np.int32)
        )
        return cls(
            words, Grouped.of(found_keys, found_words, array("f")), np.cumsum(sizes, dtype=np.int32), names,
            Grouped.of(joined, join_names, join_weights), np.array([weights[word] for word in words], dtype=np.float32),
            np.array([least_cost(word, weights[word]) for word in words], dtype=np.float32), np.array(masses, dtype=np.float32),
            np.array(starting, dtype=np.uint32), np.array(initials, dtype=np.uint32), np.fromiter(people, dtype=np.bool_),
        )  # fmt: skip

    def near(self, asked: Folded, least: float, sides: Sides, distinctive: float = 0.0) -> list[int]:
        """The numbers of the names whose score may be `least` or more; names of others than people also share a word of that weight."""
        count = len(self.masses)
        forms = sum(weight for weight in asked.weights if weight < SAYING)
        gained, weight, met_asked, met_held, strongest = (np.zeros(count, dtype=np.float32) for _ in range(5))
        for names, worth, ours, theirs, our_cost, their_cost in self._units(asked):
            pair_weight = (ours + theirs) / 2
            gained[names] += worth * pair_weight
            weight[names] += pair_weight
            met_asked[names] += our_cost
            met_held[names] += their_cost
            if distinctive:
                strongest[names] = np.maximum(strongest[names], np.maximum(ours, theirs))
        touched = np.flatnonzero(weight > 0)
        room = (weight[touched] + forms + INITIAL) * (1 / (least - MARGIN) - 1)
        touched = touched[self._in_reach(asked, touched, room, met_asked, met_held, sides)]
        free_asked, free_held, standing = self._initials(asked, touched)
        extra = sides.asked * np.clip(_mass(asked) - met_asked[touched] - free_asked, 0, sides.asked_most)
        extra += sides.held * np.clip(self.masses[touched] - met_held[touched] - free_held, 0, sides.held_most)
        sure = forms + INITIAL * standing
        bound = (gained[touched] + sure) / (weight[touched] + sure + extra)
        saying = (strongest[touched] >= distinctive) | self.people[touched] | (bound >= SAME - MARGIN)
        found: list[int] = touched[(bound >= least - MARGIN) & saying].tolist()
        return found

    def _in_reach(
        self, asked: Folded, touched: Any, room: Any, met_asked: Floats, met_held: Floats, sides: Sides
    ) -> Any:
        """Where what is left over may stay within this room; most names share one word, and are out by this alone."""
        costs_asked = sides.asked * np.clip(_mass(asked) - met_asked[touched], 0, sides.asked_most)
        reach = (costs_asked <= room) | (self.initials[touched] > 0)
        if not _single_letters(asked):
            reach &= sides.held * np.clip(self.masses[touched] - met_held[touched], 0, sides.held_most) <= room
        return reach

    def _initials(self, asked: Folded, touched: NDArray[np.int64]) -> tuple[Any, Any, Any]:
        """What initials may take off the cost of the asked and of the held names, and how many there are at the most."""
        starting, initials = self.starting[touched], self.initials[touched]
        free_asked, free_held = np.zeros(len(touched)), np.zeros(len(touched))
        for letter in _single_letters(asked):
            free_held += starting & letters([letter]) > 0
        if initials.any():
            for word, weight in zip(asked.words, asked.weights, strict=True):
                free_asked += weight * (initials & letters([word]) > 0)
        return free_asked, free_held, free_held + (free_asked > 0)

    def _units(self, asked: Folded) -> Iterator[Unit]:
        """Names, how well a word or run of the asked name is met in each, and what the two weigh."""
        words = dict(zip(asked.words, asked.weights, strict=True))
        saying = {word: weight for word, weight in words.items() if weight >= SAYING} or words
        for word, weight in saying.items():
            yield from self._met(*self.alike(word), weight, least_cost(word, weight))
        joined = runs(asked)
        for run, weight in joined.items():
            yield from self._met(*self.alike_run(run), weight, weight)
        yield from self._joined(
            {
                key: weight
                for word, weight in {**saying, **joined}.items()
                if len(word) >= SOUNDS
                for key in run_keys(word)
            }
        )

    def _met(self, alike: list[int], worths: list[float], weight: float, cost: float) -> Iterator[Unit]:
        """The names with these words; of two in one name the last counts, which is the best."""
        if alike:
            begin = self.starts[alike]
            sizes = self.starts[np.add(alike, 1)] - begin
            yield (
                self.names[_spans(begin, sizes)], np.repeat(np.array(worths, dtype=np.float32), sizes), weight,
                np.repeat(self.word_weights[alike], sizes), cost, np.repeat(self.word_costs[alike], sizes),
            )  # fmt: skip

    def _joined(self, asked: Mapping[int, float]) -> Iterator[Unit]:
        places, found_by = self.joins.at(asked)
        if len(places):
            ours = np.fromiter(asked.values(), dtype=np.float32)[found_by]
            theirs = self.joins.weights[places]
            yield self.joins.values[places], JOINED, ours, theirs, ours, theirs

    def alike(self, word: str) -> tuple[list[int], list[float]]:
        """The words like this one and how well, the best last."""
        return self._known(word, word, keys, lambda other: likeness(word, other)[0])

    def alike_run(self, run: str) -> tuple[list[int], list[float]]:
        """The words that are this run written as one."""
        if abjad.is_abjad(run):
            return self.alike(run)
        return self._known("+" + run, run, run_keys, lambda other: 1.0 if run == other else heard(run, other))

    def _known(
        self, key: str, word: str, shared: Callable[[str], set[int]], worth_of: Callable[[str], float]
    ) -> tuple[list[int], list[float]]:
        known = self._alike.get(key)
        if known is None:
            if len(self._alike) >= MOST_CACHED:
                self._alike.clear()
            near = sorted(set(self.by_key.values[self.by_key.at(shared(word))[0]].tolist()))
            likely = may_be_alike(word, [self.words[at] for at in near])
            scored = sorted((worth, near[at]) for at in likely for worth in [worth_of(self.words[near[at]])] if worth)
            known = self._alike[key] = ([at for _, at in scored], [worth for worth, _ in scored])
        return known


def _single_letters(folded: Folded) -> list[str]:
    return [
        word for word, weight in zip(folded.words, folded.weights, strict=True) if len(word) == 1 and weight >= INITIAL
    ]


def _mass(folded: Folded) -> float:
    return sum(map(least_cost, folded.words, folded.weights))
