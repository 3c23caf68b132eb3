"""The words of many names: which of them are like a word, and in which names they stand. Pure."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from licensing.screening.engine.likeness import (
    MOST_EDITS,
    compared,
    compared_as_one,
    cuts,
    keys,
    run_keys,
    sound_code,
    stem_code,
)

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
MOST_CACHED = 20_000


Scored = tuple[int, str, float, str]  # number of a word, the word, how well it is met, and how


class Alike(NamedTuple):
    """The words that are like one, the best last; how well; and how."""

    numbers: Ints
    worths: Floats
    how: dict[str, tuple[float, str]]


@dataclass
class Grouped:
    """Values by key: sorted keys, and for each the place where its values begin."""

    keys: NDArray[np.uint32]
    starts: Ints
    values: Ints

    @classmethod
    def of(cls, found_keys: "array[int]", values: "array[int]") -> "Grouped":
        unsorted = np.array(found_keys, dtype=np.uint32)
        order = np.argsort(unsorted, kind="stable")
        distinct, starts = np.unique(unsorted[order], return_index=True)
        return cls(
            distinct,
            np.append(starts, len(unsorted)).astype(np.int32),
            np.array(values, dtype=np.int32)[order],
        )

    def at(self, asked: Iterable[int]) -> tuple[Ints, NDArray[np.int64]]:
        """All values under these keys, and for each the number of the key that found it."""
        wanted = np.fromiter(asked, dtype=np.uint32)
        if not len(self.keys):
            return np.empty(0, np.int32), np.empty(0, np.int64)
        places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        met = np.flatnonzero(self.keys[places] == wanted)
        begin = self.starts[places[met]]
        sizes = self.starts[places[met] + 1] - begin
        return self.values[spans(begin, sizes)], np.repeat(met, sizes)


def spans(starts: NDArray[Any], sizes: NDArray[Any]) -> NDArray[np.int64]:
    """The numbers of several spans, one after the other."""
    if not len(starts):
        return np.empty(0, dtype=np.int64)
    ends = np.cumsum(sizes)
    found: NDArray[np.int64] = np.arange(ends[-1]) + np.repeat(starts - ends + sizes, sizes)
    return found


@dataclass
class Vocabulary:
    """Words, or runs of neighboring words written as one, by number."""

    words: Sequence[str]
    by_key: Grouped  # word numbers
    sounds: NDArray[np.uint32]  # of each word
    stems: NDArray[np.uint32]
    weights: Floats  # the most that the word weighs in any name
    starts: Ints  # of each word's names
    names: Ints
    _alike: dict[str, Alike] = field(default_factory=dict)

    @classmethod
    def of(cls, weights: Mapping[str, float], spelled: Ints, names: Ints, *, runs: bool = False) -> "Vocabulary":
        """Words with their weights, in the order of their numbers; and which of them stands in which name, at the same place of the two."""
        found_keys, found_words = array("I"), array("i")
        for at, word in enumerate(weights):
            found = sorted(run_keys(word) if runs else keys(word) | cuts(word))
            found_keys.extend(found)
            found_words.extend([at] * len(found))
        pairs = np.unique(spelled.astype(np.int64) << 32 | names)
        return cls(
            [*weights], Grouped.of(found_keys, found_words), np.array([*map(sound_code, weights)], np.uint32),
            np.array([0 if runs else stem_code(word) for word in weights], np.uint32),
            np.array([*weights.values()], np.float32),
            np.searchsorted(pairs >> 32, np.arange(len(weights) + 1)).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32),
        )  # fmt: skip

    def named(self, numbers: Ints) -> tuple[NDArray[np.int64], Ints]:
        """How many names each of these words has, and all of them."""
        begin = self.starts[numbers]
        sizes = self.starts[numbers + 1] - begin
        return sizes, self.names[spans(begin, sizes)]

    def alike(self, word: str) -> Alike:
        """The words that are like this one."""
        return self._alike.get(word) or self._kept(word, self._near(word))

    def same(self, run: str) -> Alike:
        """The words that are this run, or the runs that are this word, when it is written as one."""
        return self._alike.get(f"+{run}") or self._kept(f"+{run}", self._as_one(run))

    def known(self, word: str) -> dict[str, tuple[float, str]] | None:
        """How alike others are to a word that was asked for; None for one that was not."""
        found = self._alike.get(word)
        return None if found is None else found.how

    def _near(self, word: str) -> Iterator[Scored]:
        """The words that share a key and, where it is one of letters cut off, have few edits."""
        sure = keys(word, asked=True)
        numbers, found_by = self.by_key.at([*sure, *cuts(word)])
        certain = set(numbers[found_by < len(sure)].tolist())
        for at, other, edits, same_sound, same_stem in self._beside(word, numbers):
            if edits <= MOST_EDITS or at in certain:
                yield at, other, *compared(word, other, edits, same_sound, same_stem)

    def _as_one(self, run: str) -> Iterator[Scored]:
        numbers, _ = self.by_key.at(run_keys(run, asked=True))
        for at, other, edits, same_sound, _ in self._beside(run, numbers):
            yield at, other, compared_as_one(run, other, edits, same_sound), "joined"

    def _beside(self, word: str, numbers: Ints) -> Iterator[tuple[int, str, int, bool, bool]]:
        """Each of these words with its number, its edits from this one, and whether sound and stem are the same."""
        if not len(numbers):
            return iter(())
        numbers = np.array([*set(numbers.tolist())])
        others = [self.words[at] for at in numbers.tolist()]
        edits = cdist([word], others, scorer=OSA.distance, dtype=np.int32)[0].tolist()
        sounds, stems = ((held[numbers] == code) & (code > 0) for held, code in (
            (self.sounds, sound_code(word)), (self.stems, stem_code(word)),
        ))  # fmt: skip
        return zip(numbers.tolist(), others, edits, sounds.tolist(), stems.tolist(), strict=True)

    def _kept(self, key: str, scored: Iterable[Scored]) -> Alike:
        if len(self._alike) >= MOST_CACHED:
            self._alike.clear()
        best = sorted((worth, at, other, how) for at, other, worth, how in scored if worth)
        found = self._alike[key] = Alike(
            np.array([at for _, at, _, _ in best], np.int32), np.array([worth for worth, _, _, _ in best], np.float32),
            {other: (worth, how) for worth, _, other, how in best},
        )  # fmt: skip
        return found


class Numbers:
    """Words as they come in, each with a number, and the most that it weighs."""

    def __init__(self) -> None:
        self.weights: dict[str, float] = {}
        self._at: dict[str, int] = {}

    def of(self, word: str, weight: float) -> int:
        self.weights[word] = max(weight, self.weights.get(word, 0.0))
        return self._at.setdefault(word, len(self._at))
