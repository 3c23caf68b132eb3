"""Names in numpy arrays, and the question which of them may reach a score. Pure.

A word of the asked name finds the words that are like it by shared keys, and those find their names. What the words gain, and what
would be left over on either side, bounds the score: the names above the bound are aligned, the others cannot reach it.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from licensing.screening.engine.alignment import (
    DISTINCTIVE,
    EXTRA_LISTED,
    EXTRA_QUERY,
    JOINED,
    LEADING,
    LONE_LISTED,
    MOST_EXTRA,
    NOTHING,
    ONE_WORD,
    SAME,
    SAYING,
    SOUNDS,
    Alignment,
    Likenesses,
    align,
    least_cost,
    runs,
)  # fmt: skip
from licensing.screening.engine.likeness import UNLIKE, likeness
from licensing.screening.engine.names import Folded
from licensing.screening.engine.vocabulary import Alike, Floats, Ints, Numbers, Vocabulary
from licensing.screening.engine.weights import INITIAL

MARGIN = 0.03  # the bound is a sum of singles; words that could be paired in two ways move it by less than this
# Whether two names are compared as those of people: as the party says, else as the list does (`comparison.kind_of`).
KINDS = {"company": 0, "person": 1, "": 2}
_PEOPLE = np.array([[False, False, False], [True, True, True], [False, True, False]])  # [of the party][of the entry]
# What each name that a part of the asked one is met in gains by it: worth by weight, weight, what need not be left over of the asked name
# and of its own, whether the part is distinctive, and whether it is written as one.
COLUMNS = 6


class Candidate(NamedTuple):
    """A name by number, and whether words of it may be written as one."""

    number: int
    merging: bool


@dataclass
class Lookup:
    """The words of many names, and where they stand."""

    words: Vocabulary
    runs: Vocabulary  # neighboring words, written as one
    word_costs: Floats  # of each word that is left over, at the least
    begin: Ints  # of each name: where its words begin
    spelled: Ints  # word numbers
    weights: NDArray[np.float64]  # of each word in its name
    read: NDArray[np.bool_]
    masses: Floats  # of each name, in such costs
    starting: NDArray[np.uint32]  # of each name: the letters with which its words begin
    initials: NDArray[np.uint32]  # and those that stand alone
    kinds: NDArray[np.uint8]  # of each name
    _spare: list[Floats] = field(default_factory=list)

    @classmethod
    def build(cls, folded: Iterable[Folded], kinds: Iterable[str]) -> "Lookup":
        words, joined = Numbers(), Numbers()
        spelled, weights, begin, read = array("i"), array("d"), array("i", [0]), array("b")
        masses, starting, initials = array("f"), array("I"), array("I")
        runs_of, run_names = array("i"), array("i")
        for number, name in enumerate(folded):
            masses.append(_mass(name))
            starting.append(letters(name.words))
            initials.append(letters(_single_letters(name)))
            read.append(name.read)
            spelled.extend(map(words.of, name.words, name.weights))
            weights.extend(name.weights)
            begin.append(len(spelled))
            for run, weight in weighed_runs(name).items():
                runs_of.append(joined.of(run, weight))
                run_names.append(number)
        names = np.repeat(np.arange(len(masses), dtype=np.int32), np.diff(begin))
        return cls(
            Vocabulary.of(words.weights, np.array(spelled, np.int32), names),
            Vocabulary.of(joined.weights, np.array(runs_of, np.int32), np.array(run_names, np.int32), runs=True),
            np.array([least_cost(word, weight) for word, weight in words.weights.items()], np.float32), np.array(begin, np.int32),
            np.array(spelled, np.int32), np.array(weights), np.array(read, np.bool_), np.array(masses, np.float32),
            np.array(starting, np.uint32), np.array(initials, np.uint32), np.array([*map(_kind, kinds)], np.uint8),
        )  # fmt: skip

    def folded(self, number: int) -> Folded:
        """The name of this number, as it was given."""
        begin, end = self.begin[number : number + 2].tolist()
        words = [self.words.words[at] for at in self.spelled[begin:end].tolist()]
        return Folded(tuple(words), tuple(self.weights[begin:end].tolist()), bool(self.read[number]))

    def aligner(self, *, merging: bool, back: bool = False) -> Callable[[Folded, Folded, str], Alignment]:
        """`align` for the name that was asked for and a candidate: how alike their words are is known from the lookup."""
        alike = Likenesses(self._single, self._joined)
        if back:
            alike = Likenesses(
                lambda ours, asked: self._single(asked, ours), lambda ours, asked: self._joined(asked, ours)
            )
        return partial(align, alike=alike, merging=merging)

    def _single(self, word: str, held: str) -> tuple[float, str]:
        known = self.words.known(word)
        if known is None or len(word) == 1 or len(held) == 1 or word.isascii() is not held.isascii():
            return likeness(word, held)
        return known.get(held, UNLIKE)

    def _joined(self, asked: str, held: str) -> float:
        known = self.words.known(f"+{asked}") or {}
        return (known.get(held) or (self.runs.known(f"+{asked}") or {}).get(held, UNLIKE))[0]

    def near(self, asked: Folded, least: float, kind: str, *, back: bool = False) -> list[Candidate]:
        """The names whose score may be `least` or more.

        They are those of entries, and a party's is asked; `back` is the other way round. `kind` is that of the asked name.
        """
        self.words.make_room()
        self.runs.make_room()
        units = [*self._units(asked)]
        totals = self._spare.pop() if self._spare else np.zeros((len(self.masses), COLUMNS), np.float32)
        touched = np.concatenate([np.empty(0, np.int32), *(_added(totals, *unit) for unit in units)])
        met = totals[touched]
        totals[touched] = 0
        self._spare.append(totals)
        found = self._in_reach(asked, least, _kind(kind), touched, met, back)
        merging = dict(zip(touched[found].tolist(), (met[found, 5] > 0).tolist(), strict=True))
        return [Candidate(number, merging[number]) for number in sorted(merging)]

    def _in_reach(self, asked: Folded, least: float, kind: int, touched: Ints, met: Floats, back: bool) -> Any:
        """Of each of these names whether its bound is as high as that."""
        gained, weight, met_asked, met_held, strong, _ = met.T
        free_asked, free_held, standing = self._initials(asked, touched)
        sure = sum(weight for weight in asked.weights if weight < SAYING) + INITIAL * standing
        over_asked = np.maximum(_mass(asked) - met_asked - free_asked, 0)
        over_held = np.maximum(self.masses[touched] - met_held - free_held, 0)
        ours, theirs = (over_held, over_asked) if back else (over_asked, over_held)
        kinds = self.kinds[touched]
        people = _PEOPLE[kinds, kind] if back else _PEOPLE[kind, kinds]
        lone = ~people & (weight + sure <= ONE_WORD)
        share = np.where(people, EXTRA_LISTED["person"], np.where(ours < NOTHING, LEADING, EXTRA_LISTED["company"]))
        extra = np.where(lone, LONE_LISTED * theirs, share * np.minimum(theirs, MOST_EXTRA)) + EXTRA_QUERY * ours
        bound = (gained + sure) / (weight + sure + extra)
        return (bound >= least - MARGIN) & ((strong > 0) | people | (bound >= SAME - MARGIN))

    def _initials(self, asked: Folded, touched: Ints) -> tuple[Floats, Floats, Floats]:
        """What initials may take off the cost of the asked and of the held names, and how many there are at the most."""
        free_asked, free_held, standing = (np.zeros(len(touched), np.float32) for _ in range(3))
        for letter in _single_letters(asked):
            met = self.starting[touched] & letters([letter]) > 0
            free_asked += INITIAL * met
            free_held += met
            standing += met
        initials = self.initials[touched]
        if initials.any():
            for word, weight in zip(asked.words, asked.weights, strict=True):
                met = initials & letters([word]) > 0
                free_asked += weight * met
                free_held += INITIAL * met
                standing += met
        return free_asked, free_held, standing

    def _units(self, asked: Folded) -> Iterator[tuple[Ints, Floats]]:
        """Of each word and run of the asked name: the names that it is met in, and a row of columns for each."""
        words = dict(zip(asked.words, asked.weights, strict=True))
        all_light = max(asked.weights, default=0.0) < SAYING
        for (word, weight), alike in zip(words.items(), self.words.alike([*words]), strict=True):
            cost, times = least_cost(word, weight), asked.words.count(word)
            if weight < SAYING and not all_light:
                alike = self._saying(alike)
            yield from _met(self.words, alike, weight, cost, self.word_costs, times=times)
        long = {word: weight for word, weight in words.items() if len(word) >= SOUNDS and weight >= SAYING}
        for weight, alike in zip(long.values(), self.runs.same([*long]), strict=True):
            yield from _met(self.runs, alike, weight, weight, self.runs.weights, JOINED)
        runs = weighed_runs(asked)
        for weight, alike in zip(runs.values(), self.words.same([*runs]), strict=True):
            yield from _met(self.words, alike, weight, weight, self.word_costs, JOINED)

    def _saying(self, alike: Alike) -> Alike:
        """What a legal form or particle may be a spelling of: others of them stand in too many names, and add next to nothing."""
        more = (self.words.weights[alike.numbers] >= SAYING) & (alike.worths < 1)
        return alike._replace(numbers=alike.numbers[more], worths=alike.worths[more])


def _met(
    held: Vocabulary, alike: Alike, weight: float, cost: float, costs: Floats, joined: float = 0.0, times: int = 1
) -> Iterator[tuple[Ints, Floats]]:
    """The names with these words; of two in one name the last counts, which is the best."""
    if len(alike.numbers):
        sizes, names = held.named(alike.numbers)
        theirs = held.weights[alike.numbers]
        rows = np.empty((len(sizes), COLUMNS), np.float32)
        rows[:, 1] = (weight + theirs) / 2
        rows[:, 0] = rows[:, 1] * alike.worths * (joined or 1.0)
        rows[:, 2], rows[:, 3], rows[:, 5] = cost, costs[alike.numbers], joined
        rows[:, 4] = np.maximum(weight, theirs) >= DISTINCTIVE
        yield names, np.repeat(rows * times, sizes, axis=0)


def _added(totals: Floats, names: Ints, rows: Floats) -> Ints:
    """The names that nothing had been added to before."""
    before = totals[names]
    totals[names] = before + rows
    fresh: Ints = names[before[:, 1] == 0]
    return fresh


def weighed_runs(folded: Folded) -> dict[str, float]:
    """Neighboring words as one, with their weight."""
    found: dict[str, float] = {}
    for word, places in runs(folded):
        found[word] = max(found.get(word, 0.0), sum(folded.weights[at] for at in places))
    return found


def letters(words: Iterable[str]) -> int:
    """The first letters of words, a bit each."""
    return sum({1 << (ord(word[0]) - ord("a")) for word in words if "a" <= word[0] <= "z"})


def _kind(kind: str) -> int:
    """Vessels and the like are compared as companies are."""
    return KINDS.get(kind, KINDS["company"])


def _single_letters(folded: Folded) -> list[str]:
    return [
        word for word, weight in zip(folded.words, folded.weights, strict=True) if len(word) == 1 and weight >= INITIAL
    ]


def _mass(folded: Folded) -> float:
    return sum(map(least_cost, folded.words, folded.weights))
