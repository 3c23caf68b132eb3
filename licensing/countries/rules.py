"""Finding a country from what somebody typed, as pure functions."""

import unicodedata
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process

CLOSE = 75.0


def folded(text: str) -> str:
    """Letters and digits only, without accents and case: `Côte d'Ivoire` and `cote divoire` are the same."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def index(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Folded name to code, from each code's names."""
    return {folded(name): code for code, called in names.items() for name in (code, *called) if name}


def nearest(text: str, known: Mapping[str, str], limit: int = 3) -> list[str]:
    """Codes of the countries whose names look most like the text, the best first."""
    found = process.extract(folded(text), known.keys(), scorer=fuzz.WRatio, score_cutoff=CLOSE, limit=limit * 3)
    return list(dict.fromkeys(known[name] for name, _, _ in found))[:limit]
