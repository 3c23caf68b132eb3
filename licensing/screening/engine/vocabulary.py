"""The words of many names: which of them are like a word, and in which names they stand. Pure."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

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


KeysOf = Callable[[str], tuple[set[int], set[int]]]
Compare = Callable[[str, str, int, bool, bool], tuple[float, str]]


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

    def at(self, wanted: NDArray[np.uint32]) -> tuple[Ints, NDArray[np.int64]]:
        """All values under these keys, and for each the number of the key that found it."""
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

    def alike(self, words: Sequence[str]) -> list[Alike]:
        """For each of these words those that are like it."""
        self._look_up([word for word in words if word not in self._alike], _word_keys, compared, "")
        return [self._alike[word] for word in words]

    def same(self, runs: Sequence[str]) -> list[Alike]:
        """For each of these runs the words that it is, or for each of these words the runs, when they are written as one."""
        self._look_up([run for run in runs if f"+{run}" not in self._alike], _run_keys, _joined, "+")
        return [self._alike[f"+{run}"] for run in runs]

    def known(self, word: str) -> dict[str, tuple[float, str]] | None:
        """How alike others are to a word that was asked for; None for one that was not."""
        found = self._alike.get(word)
        return None if found is None else found.how

    def forget(self) -> None:
        """As if no word had been asked for yet."""
        self._alike.clear()

    def make_room(self) -> None:
        """Forget the words of names before, once they are many: never amid a name, whose candidates are compared by what is kept here."""
        if len(self._alike) >= MOST_CACHED:
            self._alike.clear()

    def _look_up(self, words: Sequence[str], keys_of: KeysOf, compare: Compare, mark: str) -> None:
        """Keep for each word those that it is like: of those that share a key, and have few edits where it is one of letters cut off."""
        if not words:
            return
        asked, numbers, sure = self._sharing([keys_of(word) for word in words])
        ones, others = [words[at] for at in asked.tolist()], [self.words[at] for at in numbers.tolist()]
        edits = cpdist(ones, others, scorer=OSA.distance, dtype=np.int32) if ones else np.empty(0, np.int32)
        sounds, stems = (np.array([code(word) for word in words], np.uint32)[asked] for code in (sound_code, stem_code))
        same_sound = (self.sounds[numbers] == sounds) & (sounds > 0)
        same_stem = (self.stems[numbers] == stems) & (stems > 0)
        found: list[list[tuple[float, int, str, str]]] = [[] for _ in words]
        for at in np.flatnonzero(sure | (edits <= MOST_EDITS)).tolist():
            worth, how = compare(ones[at], others[at], int(edits[at]), bool(same_sound[at]), bool(same_stem[at]))
            if worth:
                found[asked[at]].append((worth, int(numbers[at]), others[at], how))
        for word, scored in zip(words, found, strict=True):
            self._alike[mark + word] = _best(sorted(scored))

    def _sharing(self, asked: Sequence[tuple[set[int], set[int]]]) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Which asked word shares a key with which word, each pair once; and whether with one of the first kind of keys."""
        wanted = np.array([key for both in asked for found in both for key in found], np.uint32)
        counts = [len(found) for both in asked for found in both]
        kinds = np.repeat(np.arange(len(counts)), counts)
        order = np.argsort(wanted)
        numbers, found_by = self.by_key.at(wanted[order])
        kinds = kinds[order][found_by]
        pairs = np.unique(kinds >> 1 << 33 | numbers.astype(np.int64) << 1 | kinds & 1)
        pairs = pairs[np.diff(pairs >> 1, prepend=-1) > 0]
        return (pairs >> 33).astype(np.int32), (pairs >> 1 & 0xFFFFFFFF).astype(np.int32), pairs & 1 == 0


def _word_keys(word: str) -> tuple[set[int], set[int]]:
    return keys(word, asked=True), cuts(word)


def _run_keys(run: str) -> tuple[set[int], set[int]]:
    return run_keys(run, asked=True), set()


def _joined(run: str, other: str, edits: int, same_sound: bool, _: bool) -> tuple[float, str]:
    return compared_as_one(run, other, edits, same_sound), "joined"


def _best(scored: Sequence[tuple[float, int, str, str]]) -> Alike:
    return Alike(
        np.array([at for _, at, _, _ in scored], np.int32), np.array([worth for worth, _, _, _ in scored], np.float32),
        {other: (worth, how) for worth, _, other, how in scored},
    )  # fmt: skip


class Numbers:
    """Words as they come in, each with a number, and the most that it weighs."""

    def __init__(self) -> None:
        self.weights: dict[str, float] = {}
        self._at: dict[str, int] = {}

    def of(self, word: str, weight: float) -> int:
        self.weights[word] = max(weight, self.weights.get(word, 0.0))
        return self._at.setdefault(word, len(self._at))
