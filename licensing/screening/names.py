"""Folding a name: what remains when spelling, script, order and legal form are taken away. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

LONGEST = 1000  # real names are below 300 letters; a longer one is no name, and is never cut and cleared

# Legal forms, folded: "co" and "company" are dropped with them.
LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "aktiengesellschaft",
        "aktiebolag",
        "ao",
        "aps",
        "as",
        "asa",
        "bhd",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "doo",
        "eirl",
        "fze",
        "fzco",
        "fzllc",
        "gk",
        "gmbh",
        "inc",
        "incorporated",
        "jsc",
        "kft",
        "kg",
        "kk",
        "limited",
        "limitada",
        "llc",
        "llp",
        "lp",
        "ltd",
        "ltda",
        "nv",
        "oao",
        "ooo",
        "oy",
        "oyj",
        "pao",
        "pjsc",
        "plc",
        "pt",
        "pte",
        "pty",
        "pvt",
        "sa",
        "sae",
        "sarl",
        "sas",
        "sasu",
        "sdn",
        "se",
        "sl",
        "spa",
        "spol",
        "srl",
        "sro",
        "srls",
        "tbk",
        "tmi",
        "ug",
        "zao",
        "zrt",
    ]
)
# Forms of several words or with points, joined before the words are split.
JOINED_FORMS = (
    ("s a r l", "sarl"),
    ("s a s", "sas"),
    ("s p a", "spa"),
    ("s r l", "srl"),
    ("s r o", "sro"),
    ("d o o", "doo"),
    ("l l c", "llc"),
    ("l l p", "llp"),
    ("g m b h", "gmbh"),
    ("a s", "as"),
    ("a g", "ag"),
    ("a b", "ab"),
    ("b v", "bv"),
    ("n v", "nv"),
    ("s a", "sa"),
    ("p l c", "plc"),
    ("k k", "kk"),
)
TITLES = frozenset(
    ["mr", "mrs", "ms", "miss", "dr", "prof", "sir", "dame", "herr", "frau", "the", "of", "and", "und", "et"]
)

_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u034f\u180e]")
_APOSTROPHES = re.compile(r"(?<=\w)['`\u2019\u02bc\u02bb\u00b4](?=\w)")
_OTHER = re.compile(r"[^a-z0-9]+")
_LETTERS = re.compile(r"[a-z]")
# Letters of other alphabets that look Latin, met inside Latin words.
_LOOK_ALIKE = str.maketrans("аеорсухіјѕһԁԛԝοαντρκ", "aeopcyxijshdqwoavtpk")


@dataclass(frozen=True)
class Folded:
    """Words in alphabetical order, the same words joined as they were written, and the legal forms taken away."""

    words: tuple[str, ...]
    joined: str
    forms: tuple[str, ...]


@lru_cache(maxsize=20_000)
def fold(name: str) -> Folded:
    """`NORDLYS-Computing, A/S` and `Nordlys Computing AS` give the same words."""
    text = " ".join(_latin(word) for word in _visible(name).split())
    text = _OTHER.sub(" ", text.casefold()).strip()
    for spelled, joined in JOINED_FORMS:
        text = re.sub(rf"\b{spelled}\b", joined, text)
    words = text.split()
    forms = tuple(sorted(word for word in words if word in LEGAL_FORMS))
    kept = [word for word in words if word not in LEGAL_FORMS and word not in TITLES]
    said = kept if any(_LETTERS.search(word) for word in kept) else words
    return Folded(tuple(sorted(said)), "".join(said), forms if kept else ())


def _visible(name: str) -> str:
    text = unicodedata.normalize("NFKC", name)
    return _APOSTROPHES.sub("", _INVISIBLE.sub("", text)).replace("&", " and ")


def _latin(word: str) -> str:
    """The word in Latin letters; look-alike letters in a word that is otherwise Latin count as what they look like."""
    folded = word.casefold()
    if any("a" <= letter <= "z" for letter in folded):
        folded = folded.translate(_LOOK_ALIKE)
    return anyascii(folded)


def comparable(name: str) -> bool:
    """True when a listed name has something to compare: two letters or digits. Lists hold ships that are called 7-28."""
    return len(name) <= LONGEST and len(fold(name).joined) >= 2


def usable(name: str) -> bool:
    """True when something is left to compare: two letters or more, or one with two digits (M23), and no more than a name can have."""
    if len(name) > LONGEST:
        return False
    words = fold(name).words
    letters = sum(len(_LETTERS.findall(word)) for word in words)
    return letters >= 2 or (letters == 1 and sum(map(len, words)) >= 3)
