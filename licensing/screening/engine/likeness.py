"""How alike two words are: typing errors, ways of transliteration, initials, numbers, scripts. Pure.

`keys` are what two words share when they may be alike: an index of them finds every such word.
"""

import re
from functools import lru_cache
from zlib import crc32

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from licensing.screening.engine import abjad, tables

STEM, GENDERED = 0.93, 0.60
SOUND, LEAST_SOUND = 0.50, 0.70
LONG, LONGER, STEM_LETTERS = 4, 7, 5
TWO_CUTS = 15
_SOUNDS = [(row["letters"], row["sound"]) for row in tables.rows("sounds.csv")]
_ONE = str.maketrans(
    {
        "q": "k",
        "c": "k",
        "w": "v",
        "f": "v",
        "F": "v",
        "x": "H",
        "h": "H",
        "j": "J",
        "z": "Z",
        "s": "s",
        "S": "S",
        "C": "C",
    }
)
_SILENT = re.compile(r"[aeiouyH]+")
_ENDING = re.compile(r"(?:ations?|ings?|ies|ers?|als?|es|e|y|s)$")
ABBREVIATIONS = {row["short"]: row["long"] for row in tables.rows("abbreviations.csv")}
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=50_000)
def likeness(one: str, other: str) -> tuple[float, str]:
    """From 0 to 1, and how: same, abbreviation, initial, script, typing, sound, stem."""
    if one == other:
        return 1.0, "same"
    if not (one.isascii() and other.isascii()):
        return _across(one, other)
    if ABBREVIATIONS.get(one, one) == ABBREVIATIONS.get(other, other):
        return 1.0, "abbreviation"
    if not (one.isalpha() and other.isalpha()):
        return 0.0, ""  # a number is another one when a digit differs
    if len(one) == 1 or len(other) == 1:
        return (0.9, "initial") if one[0] == other[0] else (0.0, "")
    return _typed(one, other)


def _typed(one: str, other: str) -> tuple[float, str]:
    shorter, longer = sorted((len(one), len(other)))
    allowed = 0 if shorter < LONG - 1 else 1 if shorter < LONGER - 1 else 2
    edits = OSA.distance(one, other, score_cutoff=2)
    typing = 1 - edits / max(longer, LONG - 1 + edits / 2) if edits <= allowed else 0.0
    if typing and one[:-1] == other[:-1] and {one[-1], other[-1]} == {"a", "o"}:
        return GENDERED, "typing"  # Antonia is not Antonio
    if typing < STEM and shorter > STEM_LETTERS and stem(one) == stem(other):
        return STEM, "stem"
    sound = heard(one, other)
    if typing >= sound:
        return (round(typing, 4), "typing") if typing else (0.0, "")
    return sound, "sound"


def heard(one: str, other: str) -> float:
    """How alike two words are that have the same consonants by sound: the less, the more letters differ."""
    sound = sounds(one)
    if sound != sounds(other) or len(sound) < 2 or not (one.isalpha() and other.isalpha()):
        return 0.0
    shorter, longer = sorted((len(one), len(other)))
    worth = round(1 - SOUND * OSA.distance(one, other) / longer, 4)
    return worth if shorter >= LONG - 1 and worth >= LEAST_SOUND else 0.0


def _across(one: str, other: str) -> tuple[float, str]:
    if abjad.is_abjad(one) and abjad.is_abjad(other):
        shorter, longer = sorted((len(one), len(other)))
        edits = OSA.distance(one, other, score_cutoff=1)
        return (round(1 - edits / longer, 4), "typing") if edits <= 1 and shorter >= LONG else (0.0, "")
    word, latin = (one, other) if abjad.is_abjad(one) else (other, one)
    worth = abjad.likeness(word, latin)
    return (worth, "script") if worth else (0.0, "")


@lru_cache(maxsize=100_000)
def sounds(word: str) -> str:
    """The consonants by sound, without vowels, glides and breaths: `mohammad`, `muhamed` and `mukhammad` are `mmd`."""
    for spelled, sound in _SOUNDS:
        word = word.replace(spelled, sound)
    first = "A" if word[:1] in "aeiouy" else ""
    return first + _SILENT.sub("", _TWICE.sub(r"\1", word.translate(_ONE)))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """`compute` and `computing` are `comput`; a word that would lose too much keeps its ending."""
    cut = _ENDING.sub("", word)
    return cut if len(cut) >= STEM_LETTERS else word


def keys(word: str) -> set[int]:
    """What this word shares with every word that is like it: what is left after up to two cuts, its sounds, its skeletons."""
    found = {word, ABBREVIATIONS.get(word, word), "~" + sounds(word), "<" + stem(word)}
    if abjad.is_abjad(word):
        found = {word, *("^" + skeleton for skeleton in abjad.skeletons(word))}
    elif word.isalpha():
        found.add("^" + abjad.latin_skeleton(word))
    if len(word) >= LONG - 1 and not any(map(str.isdigit, word)):
        once = {word[:place] + word[place + 1 :] for place in range(len(word))}
        found |= once
        if LONGER - 1 <= len(word) <= TWO_CUTS:
            found |= {cut[:place] + cut[place + 1 :] for cut in once for place in range(len(cut))}
    return {crc32(key.encode()) for key in found}


def may_be_alike(word: str, others: list[str]) -> list[int]:
    """Which of many words are worth a closer look: those with a few edits, the same sound, stem or abbreviation, or another script."""
    if not others:
        return []
    edits = cdist([word], others, scorer=OSA.distance, score_cutoff=2, dtype=np.uint8)[0].tolist()
    sound, stemmed, long = sounds(word), stem(word), ABBREVIATIONS.get(word, word)
    return [
        at
        for at, other in enumerate(others)
        if edits[at] <= 2
        or sounds(other) == sound
        or stem(other) == stemmed
        or ABBREVIATIONS.get(other, other) == long
        or not (word.isascii() and other.isascii())
    ]
