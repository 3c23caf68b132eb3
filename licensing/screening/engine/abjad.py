"""Words written with consonants: Arabic, Persian and Hebrew letters against the many ways to write them in Latin ones. Pure.

No table says how a name is romanized: each letter has the Latin spellings that occur (English, French, Persian, Pashto and Urdu use;
`data/letters.csv`), short vowels are free, and long ones have to be there for the best likeness. A skeleton of consonant classes
finds the words to be looked at.
"""

import re
from functools import lru_cache
from itertools import product

from licensing.screening.engine import tables

LETTERS = "\u05d0-\u05ea\u0621-\u064a\u0671-\u06d3"
HEH = "\u0647"
ARTICLE = "\u0671"  # stands where the article was: its letter is often written like the next one, or not at all
CLOSE, LOOSE = 0.96, 0.88
MOST_SKELETONS = 48
SURE = 3  # consonants that are enough where the long vowels are not those that are written

_ABJAD = re.compile(f"[{LETTERS}]")
_MARKS = re.compile(r"[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]")
_SAME = str.maketrans({row["letter"]: row["same"] for row in tables.rows("same_letters.csv")})
_VOWELS = "[aeiouy]*"
_SHORT = "[aeiou]{0,2}"
_LONG = frozenset("اوي")
_SERVANT = "عبد"  # of names such as Abd al-Rahman: the article is often written with it
# Each letter: the Latin spellings, and the classes of consonants that they fall into ("" for none).
_SPELLED = {row["letter"]: (row["spellings"], row["classes"].split("|")) for row in tables.rows("letters.csv")}
_LATIN = re.compile(r"(kh|gh|sh|ch|dj|dh|th|ph|zh|[a-z])\1*")
_BREATHED = re.compile(r"([kgscdtz])h")
_CLASSES = {row["letters"]: row["class"] for row in tables.rows("classes.csv")}


def written(text: str) -> bool:
    """Whether a text has such letters."""
    return _ABJAD.search(text) is not None


def is_abjad(word: str) -> bool:
    """Whether a folded word has them: all other words are in Latin letters by then."""
    return not word.isascii()


def plain(word: str) -> str:
    """Without points and stretching, each letter in one form."""
    return re.sub(f"[^{LETTERS}a-z0-9]+", " ", _MARKS.sub("", word).translate(_SAME)).strip()


def parts(word: str) -> list[str]:
    """A word as its parts: `عبدالرحمن` is two, and the article is marked rather than spelled."""
    found = re.fullmatch(r"(عبد|.{2,}?)(ال.{3,}|الله|الدين)", word)
    if found and (found[1] == _SERVANT or found[2] in ("الله", "الدين")):
        return [found[1], _marked(found[2])]
    return [_marked(word)]


def _marked(word: str) -> str:
    if word == "الله":
        return f"{ARTICLE}له"
    return ARTICLE + word[2:] if word.startswith("ال") and len(word) >= 5 else word


@lru_cache(maxsize=50_000)
def latin_skeleton(word: str) -> str:
    """The classes of its consonants; `h` at the end, and vowels, say nothing."""
    return "".join(_CLASSES.get(found[1], "") for found in _LATIN.finditer(word.rstrip("h")))


def latin_skeletons(word: str) -> set[str]:
    """Its consonants; and where two letters may be one sound or two (`is-hak`), those read apart."""
    return {latin_skeleton(word), latin_skeleton(_BREATHED.sub(r"\1'h", word))}


@lru_cache(maxsize=50_000)
def skeletons(word: str) -> tuple[str, ...]:
    """All skeletons that a Latin spelling of this word may have."""
    options = [_SPELLED[letter][1] for letter in word if letter in _SPELLED]
    if word == _SERVANT:
        options.append(["", "L"])
    if word[-1:] == HEH:
        options[-1] = [""]
    elif options and "H" in options[-1]:
        options[-1] = [*options[-1], ""]  # `latin_skeleton` does not read it at the end
    return tuple(dict.fromkeys("".join(way) for way, _ in zip(product(*options), range(MOST_SKELETONS), strict=False)))


@lru_cache(maxsize=50_000)
def _patterns(word: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    spelled = [(letter, _SPELLED[letter][0]) for letter in word if letter in _SPELLED]
    start = "(?:[aeu]l)?" if word.startswith(ARTICLE) else ""
    end = "(?:[aeiou]{1,2}[lrnsdtz]?)?" if word == _SERVANT else "a?h?" if word[-1:] == "ي" else "[aeiou]?h?"
    close = start + _SHORT + _SHORT.join(f"(?:{way})" for _, way in spelled) + end
    loose = (
        start + _VOWELS + _VOWELS.join(f"(?:{way}|)" if letter in _LONG else f"(?:{way})" for letter, way in spelled)
    )
    return re.compile(close), re.compile(loose + _VOWELS + "h?")


@lru_cache(maxsize=50_000)
def likeness(word: str, latin: str) -> float:
    """How well a word in Latin letters may be this one: CLOSE with its long vowels, LOOSE with its consonants alone, or 0."""
    close, loose = _patterns(word)
    if close.fullmatch(latin):
        return CLOSE
    return LOOSE if len(latin_skeleton(latin)) >= SURE and loose.fullmatch(latin) else 0.0
