"""How much a word says about who is meant, from 0 to 1. Frozen with the engine, so that a score depends on two names alone.

`data/words.csv` counts words in the names of the public lists of the United States (July 2026), with common words of commerce beside them.
A word that nobody has seen weighs 1, unless it is a common one with a typing error.
"""

import math
from functools import lru_cache

from licensing.screening.engine import abjad, tables

FORM, INITIAL, PARTICLE, SHORT = 0.04, 0.25, 0.08, 0.6
RARE, COMMON = 8, 4000
LEAST_TWO = 10  # letters of two forms written as one
TITLES = frozenset(tables.words("titles.txt"))
FORMS = frozenset(tables.words("forms.txt"))  # legal forms in many languages, titles, and words that bind others
PARTICLES = frozenset(tables.words("particles.txt"))
RANKS = frozenset(["general", "president", "colonel", "minister", "captain", "major", "brigadier"])


@lru_cache(maxsize=1)
def _counts() -> dict[str, int]:
    return {row["word"]: int(row["count"]) for row in tables.rows("words.csv")}


@lru_cache(maxsize=1)
def _misspelled() -> dict[str, str]:
    """Common words by what is left when a letter is missing: two words that differ by one edit share one of these."""
    found: dict[str, str] = {}
    for word in (*_counts(), *sorted(FORMS)):
        if len(word) >= 6:
            for place in range(len(word)):
                found.setdefault(word[:place] + word[place + 1 :], word)
            found.setdefault(word, word)
    return found


def _common(word: str) -> str:
    """The common word of which this one is a misspelling; the word itself when it is none."""
    if len(word) < 6 or not word.isalpha():
        return word
    known = _misspelled()
    cut = (word[:place] + word[place + 1 :] for place in range(len(word)))
    return next((known[key] for key in (word, *cut) if key in known), word)


def is_form(word: str, person: bool = False) -> bool:
    """A legal form, a title, or a word that binds others; with a typing error too. People have no legal form."""
    if person:
        return word in TITLES
    return word in FORMS or (word not in _counts() and (_common(word) in FORMS or _two_forms(word)))


def _two_forms(word: str) -> bool:
    """`limitedliability`: two of them with the space lost."""
    places = range(1, len(word)) if len(word) >= LEAST_TWO else ()
    return any(word[:place] in FORMS and word[place:] in FORMS for place in places)


@lru_cache(maxsize=200_000)
def weight(word: str, person: bool = False) -> float:
    if abjad.is_abjad(word):
        return _abjad_weight(word)
    if is_form(word, person):
        return FORM
    if word in PARTICLES:
        return PARTICLE
    if len(word) == 1:
        return INITIAL
    counts = _counts()
    count = counts.get(word) or counts.get(_common(word), 0)
    rare = 1 - 0.75 * max(0.0, math.log(max(count, 1) / RARE)) / math.log(COMMON / RARE)
    return round(min(rare, SHORT) if len(word) == 2 else rare, 3)


@lru_cache(maxsize=1)
def _by_skeleton() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in _counts():
        if len(word) > 2 and word not in FORMS:
            found.setdefault(abjad.latin_skeleton(word), []).append(word)
    return found


def _abjad_weight(word: str) -> float:
    """That of the lightest common word in Latin letters that may be this one."""
    known = _by_skeleton()
    near = (
        latin
        for key in abjad.skeletons(word)
        for latin in known.get(key, ())
        if abjad.likeness(word, latin) == abjad.CLOSE
    )
    return min((weight(latin) for latin in near), default=0.9)


__all__ = ["FORM", "INITIAL", "PARTICLE", "RANKS", "is_form", "weight"]
