"""How alike two words are: typing errors, ways of transliteration, initials, numbers, scripts. Pure.

`keys` are what two words share when they may be alike: an index of them finds every such word.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

from rapidfuzz.distance import OSA

from licensing.screening.engine import abjad, tables

STEM, GENDERED = 0.93, 0.60
SOUND, LEAST_SOUND, LEAST_JOINED = 0.50, 0.70, 0.85
LONG, LONGER, STEM_LETTERS = 4, 7, 5
MOST_EDITS, TWO_CUTS, LEAST_HEARD = 2, 15, 2
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
UNLIKE = (0.0, "")
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=50_000)
def likeness(one: str, other: str) -> tuple[float, str]:
    """From 0 to 1, and how: same, abbreviation, initial, script, typing, sound, stem."""
    same_sound, same_stem = (code(one) == code(other) > 0 for code in (sound_code, stem_code))
    return compared(one, other, OSA.distance(one, other), same_sound, same_stem)


def compared(one: str, other: str, edits: int, same_sound: bool, same_stem: bool) -> tuple[float, str]:
    """Their likeness, for who knows already how many edits apart they are, and which codes they share."""
    if one == other:
        return 1.0, "same"
    if not (one.isascii() and other.isascii()):
        return _across(one, other)
    if (one in ABBREVIATIONS or other in ABBREVIATIONS) and _long(one) == _long(other):
        return 1.0, "abbreviation"
    if not (one.isalpha() and other.isalpha()):
        return UNLIKE  # a number is another one when a digit differs
    if len(one) == 1 or len(other) == 1:
        return (0.9, "initial") if one[0] == other[0] else UNLIKE
    return _typed(one, other, edits, same_sound, same_stem)


def _long(word: str) -> str:
    return ABBREVIATIONS.get(word, word)


def _typed(one: str, other: str, edits: int, same_sound: bool, same_stem: bool) -> tuple[float, str]:
    shorter, longer = min(len(one), len(other)), max(len(one), len(other))
    typing = 1 - edits / max(longer, LONG - 1 + edits / 2) if edits <= most_edits(shorter) else 0.0
    if typing and one[:-1] == other[:-1] and {one[-1], other[-1]} == {"a", "o"}:
        return GENDERED, "typing"  # Antonia is not Antonio
    if typing < STEM and same_stem:
        return STEM, "stem"
    sound = _heard(shorter, longer, edits) if same_sound else 0.0
    if typing >= sound:
        return (round(typing, 4), "typing") if typing else UNLIKE
    return sound, "sound"


def _heard(shorter: int, longer: int, edits: int) -> float:
    """How alike two words are that have the same consonants by sound: the less, the more letters differ."""
    worth = round(1 - SOUND * edits / longer, 4)
    return worth if shorter >= LONG - 1 and worth >= LEAST_SOUND else 0.0


def as_one(run: str, other: str) -> float:
    """How alike neighboring words written as one are to a word, or to other ones."""
    return compared_as_one(run, other, OSA.distance(run, other), sound_code(run) == sound_code(other) > 0)


def compared_as_one(run: str, other: str, edits: int, same_sound: bool) -> float:
    """The same, for who knows already how many edits apart they are, and whether they sound alike."""
    if run == other:
        return 1.0
    if run.isascii() is not other.isascii():
        latin = run if run.isascii() else other
        return _across(run, other)[0] if len(abjad.latin_skeleton(latin)) >= abjad.SURE else 0.0
    if not (same_sound and run.isascii() and run.isalpha() and other.isalpha()):
        return 0.0
    shorter, longer = sorted((len(run), len(other)))
    worth = _heard(shorter, longer, edits)
    return worth if worth >= LEAST_JOINED else 0.0


def _across(one: str, other: str) -> tuple[float, str]:
    if abjad.is_abjad(one) and abjad.is_abjad(other):
        shorter, longer = sorted((len(one), len(other)))
        edits = OSA.distance(one, other, score_cutoff=1)
        return (round(1 - edits / longer, 4), "typing") if edits <= 1 and shorter >= LONG else (0.0, "")
    word, latin = (one, other) if abjad.is_abjad(one) else (other, one)
    worth = abjad.likeness(word, latin)
    return (worth, "script") if worth else (0.0, "")


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


@lru_cache(maxsize=100_000)
def sound_code(word: str) -> int:
    """The same for words that sound alike; 0 where the sound says too little."""
    sound = sounds(word)
    return crc32(f"~{sound}".encode()) if len(sound) >= LEAST_HEARD else 0


def stem_code(word: str) -> int:
    """The same for words of one stem; 0 for short ones."""
    return crc32(f"<{stem(word)}".encode()) if len(word) > STEM_LETTERS else 0


def keys(word: str, *, asked: bool = False) -> set[int]:
    """What this word shares with every word that is like it, but for typing errors: sound, stem, abbreviation, skeleton."""
    if abjad.is_abjad(word):
        return hashed(_skeletons(word, asked))
    found = hashed({ABBREVIATIONS.get(word, word), *_skeletons(word, asked)})
    return found | ({sound_code(word), stem_code(word)} - {0})


def run_keys(run: str, *, asked: bool = False) -> set[int]:
    """What words written as one share with those written apart: the spelling, the sound, and the consonants across scripts."""
    return hashed({run, *_skeletons(run, asked, abjad.SURE)}) | ({sound_code(run)} - {0})


def _skeletons(word: str, asked: bool, least: int = 0) -> set[str]:
    """The consonants, for words of the other script: who asks looks for those that the other side holds."""
    script = "^" if abjad.is_abjad(word) is asked else "^^"
    found = abjad.skeletons(word) if abjad.is_abjad(word) else abjad.latin_skeletons(word)
    return {script + skeleton for skeleton in found if len(skeleton) >= least}


def hashed(spelled: Iterable[str]) -> set[int]:
    return {crc32(key.encode()) for key in spelled}


def cuts(word: str) -> set[int]:
    """The word, and what is left of it when one letter or two are missing, as many as it may differ in."""
    found = {word}
    if len(word) >= LONG - 1 and not any(map(str.isdigit, word)):
        once = {word[:place] + word[place + 1 :] for place in range(len(word))}
        found |= once
        if LONGER - 1 <= len(word) <= TWO_CUTS:
            found |= {cut[:place] + cut[place + 1 :] for cut in once for place in range(len(cut))}
    return hashed(found)


def most_edits(shorter: int) -> int:
    """How many typing errors two words may have of which the shorter has so many letters."""
    return 0 if shorter < LONG - 1 else 1 if shorter < LONGER - 1 else MOST_EDITS
