"""A name as words that can be compared: spelling, script and punctuation are taken away, the order is kept. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from licensing.screening.engine import abjad, tables
from licensing.screening.engine.weights import FORMS, is_form, weight

LONGEST = 1000  # real names are below 300 letters; a longer one is no name, and is never cut and cleared
MOST_WORDS = 40  # a party's name of as many is no name either

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    r"\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_APOSTROPHES = re.compile(r"['`\u2018\u2019\u02bc\u02bb\u00b4\u02bf\u02be]")
_WORDS = re.compile(rf"[a-z0-9]+|[{abjad.LETTERS}]+")
_LETTERED = re.compile(r"(?:\b[a-z]\b ?){2,}")
_SPACED = re.compile(r"(?:(?<![^\W_])[a-zA-Z0-9\u00c0-\u052f](?![^\W_])[\W_]*){5,}")
_KNOWN_AS = re.compile(
    r"\b(?:(?:[afn][./]?k[./]?a|d[./]?b[./]?a)\b\.?|(?:t/a|(?:also|formerly) known as|formerly|trading as|doing business as)\b)[,:]?",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\([^()]*\)")
_READ = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_CHARACTERS = re.compile(r"[\u4e00-\u9fff]+|[\uac00-\ud7a3]+")
_KOREAN = re.compile(r"[\uac00-\ud7a3]")
# Letters of other alphabets that look Latin, met inside Latin words, and the other way round inside Cyrillic ones.
_LOOKS = [(row["latin"], row["other"]) for row in tables.rows("look_alikes.csv")]
_LATIN_LOOK = str.maketrans({other: latin for latin, other in _LOOKS})
_MIXED = re.compile(r"(?=.*[A-Za-z])(?=.*[\u0370-\u052f])|(?=.*[\u0370-\u03ff])(?=.*[\u0400-\u052f])", re.DOTALL)
_OVERRIDDEN = re.compile(r"\u202e([^\u202c]*)")
_CYRILLIC_LOOK = str.maketrans({latin: other for latin, other in reversed(_LOOKS) if other >= "\u0400"})


@dataclass(frozen=True)
class Folded:
    """Words in their order, each with its weight from 0 to 1; `forms` are those that are legal forms, titles and the like."""

    words: tuple[str, ...]
    weights: tuple[float, ...]
    read: bool = False  # from characters or syllables (Han, Kana, Hangul): a reading has no typing errors

    @property
    def joined(self) -> str:
        return "".join(self.words)

    @property
    def mass(self) -> float:
        return sum(self.weights)

    @property
    def forms(self) -> tuple[str, ...]:
        return tuple(word for word in self.words if is_form(word))


@lru_cache(maxsize=20_000)
def fold(name: str, person: bool = False) -> Folded:
    """`NORDLYS-Computing, A/S` and `Nordlys Computing AS` give the same words."""
    said = _visible(turned(name) if person else name).split()
    text = " ".join(_plain(part) for word in said for part in (_syllables(word) if person else [word]))
    found = _WORDS.findall(text if person else _LETTERED.sub(_form, text))
    return _weighed(
        tuple(part for word in found for part in _parts(word))[:MOST_WORDS], person, _READ.search(name) is not None
    )


def latin_looking(text: str) -> str:
    """Letters that look Latin as the Latin ones."""
    return text.translate(_LATIN_LOOK)


def _syllables(word: str) -> list[str]:
    """A person's name in two to four characters: the first is that of the family."""
    return [word[0], word[1:]] if 2 <= len(word) <= 4 and _CHARACTERS.fullmatch(word) else [word]


def _weighed(words: tuple[str, ...], person: bool, read: bool) -> Folded:
    return Folded(words, tuple(weight(word, person) for word in words), read)


@lru_cache(maxsize=20_000)
def variants(name: str, person: bool = False) -> tuple[Folded, ...]:
    """The ways to read a party's name: as it stands, as it looks where it is written backwards or in mixed scripts, with spaced letters as
    words, without what is in brackets, each of several names ("formerly …"), and Korean also as it was romanized before 2000.
    """
    found = [fold(name, person)]
    if "\u202e" in name:
        found.append(fold(_OVERRIDDEN.sub(lambda written: written[1][::-1], name), person))
    if _MIXED.search(name):
        found.append(fold(latin_looking(name), person))
    if (closed := _SPACED.sub(_word, _INVISIBLE.sub("", name))) != name:
        found.append(fold(closed, person))
    if len(parts := _KNOWN_AS.split(name)) > 1:
        found += [fold(part, person) for part in parts if comparable(part) and (not person or len(part.split()) > 1)]
    if "(" in name and (plain := fold(_BRACKETS.sub(" ", name), person)).words:
        found.append(plain)
    if _KOREAN.search(name):
        found.append(_weighed(tuple(_korean(word) for word in found[0].words), person, True))
    return tuple(dict.fromkeys(found))


def _word(found: re.Match[str]) -> str:
    """`N O R D` is a word; two spaces or marks end one, and a space does where other marks part its letters."""
    marked = re.search(r"[^\w\s]|_", found[0].strip())
    words = re.split(r"\s+|[\W_]{2,}" if marked else r"[\W_]{2,}", found[0])
    return " ".join("".join(filter(str.isalnum, word)) for word in words) + " "


def turned(name: str) -> str:
    """`SURNAME, Given` of a person in the order in which it is said."""
    surname, comma, given = name.partition(",")
    return f"{given} {surname}" if comma and "," not in given and "(" not in name else name


def _korean(word: str) -> str:
    """From the romanization of 2000 to that of McCune and Reischauer, roughly: `gimjeongeun` is `kimjongun`."""
    word = re.sub("c(?!h)", "ch", word.replace("eo", "o").replace("eu", "u"))
    word = {"i": "ri", "bak": "pak", "no": "ro", "yu": "ryu", "im": "rim"}.get(word, word)
    return {"g": "k", "d": "t", "b": "p"}.get(word[:1], word[:1]) + word[1:]


def _parts(word: str) -> list[str]:
    return abjad.parts(word) if abjad.is_abjad(word) else [word]


def _form(found: re.Match[str]) -> str:
    """`s a r l` is a legal form; other letters stay apart."""
    word = found[0].replace(" ", "")
    return f"{word} " if word in FORMS else found[0]


def _visible(name: str) -> str:
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", name))
    return _APOSTROPHES.sub("", text).replace("&", " and ").replace("/", "")


def _plain(word: str) -> str:
    """The word in Latin letters, or in those of an abjad; look-alike letters in a word count as what they look like."""
    folded = word.casefold()
    if abjad.written(folded):
        return abjad.plain(folded)
    latin = sum("a" <= letter <= "z" for letter in folded)
    if latin and latin < len(folded):
        cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in folded)
        folded = folded.translate(_LATIN_LOOK if latin >= cyrillic else _CYRILLIC_LOOK)
    return re.sub(r"[^a-z0-9]+", " ", _DOTS.sub("", anyascii(folded).casefold())).strip()


_DOTS = re.compile(r"(?<=\b[a-z])\.(?=[a-z]\b)")


def comparable(name: str) -> bool:
    """True when a listed name has something to compare: two letters or digits. Lists hold ships that are called 7-28."""
    return len(name) <= LONGEST and len(fold(name).joined) >= 2


def usable(name: str, person: bool = False) -> bool:
    """True when something is left to compare: two letters or more, or one with two digits (M23), and no more than a name can have."""
    if len(name) > LONGEST:
        return False
    folded = fold(name, person)
    joined = folded.joined
    if len(folded.words) >= MOST_WORDS:
        return False
    letters = sum(letter.isalpha() for letter in joined)
    return letters >= 2 or (letters == 1 and len(joined) >= 3)
