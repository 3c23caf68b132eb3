"""An index as bytes, so that a process loads it and does not build it: numpy arrays and JSON, nothing that runs when it is read. Pure."""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from zipfile import BadZipFile

import numpy as np

from licensing.screening.engine import ENGINE
from licensing.screening.engine.index import Index, identifiers_of, names_of
from licensing.screening.engine.lookup import Lookup
from licensing.screening.engine.parties import Entry
from licensing.screening.engine.places import Places, places_of
from licensing.screening.engine.vocabulary import Grouped, Vocabulary

NAMES = ("word_costs", "begin", "spelled", "weights", "read", "masses", "starting", "initials", "kinds")
VOCABULARIES = ("words", "runs")
WORDS = ("sounds", "stems", "weights", "starts", "names")
KEYS = ("keys", "starts", "values")


class OtherEngine(ValueError):
    """The bytes were written by another version: build the index anew."""


def to_bytes(index: Index) -> bytes:
    lookups = {"name": index.lookup, **index.places.lookups}
    arrays = {f"{kind}_{name}": array for kind, lookup in lookups.items() for name, array in _arrays(lookup).items()}
    words = {
        kind: {name: list(getattr(lookup, name).words) for name in VOCABULARIES} for kind, lookup in lookups.items()
    }
    said = {"engine": ENGINE, "words": words, "entries": [asdict(entry) for entry in index.entries]}
    out = io.BytesIO()
    np.savez(out, said=np.frombuffer(json.dumps(said, ensure_ascii=False).encode(), dtype=np.uint8), **arrays)
    return out.getvalue()


def from_bytes(content: bytes) -> Index:
    """The index that was written. Raises OtherEngine, and ValueError for bytes that are no index."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as held:
            said = json.loads(held["said"].tobytes())
            if said["engine"] != ENGINE:
                raise OtherEngine(f"The index is of the engine {said['engine']!r}, and this is {ENGINE!r}.")
            lookups = {kind: _lookup(words, held, kind) for kind, words in said["words"].items()}
    except (BadZipFile, KeyError, EOFError) as error:
        raise ValueError(f"These bytes are no index: {error}.") from None
    entries = [_entry(row) for row in said["entries"]]
    places = Places(places_of(entries), {kind: lookup for kind, lookup in lookups.items() if kind != "name"})
    return Index(entries, names_of(entries), lookups["name"], places, identifiers_of(entries))


def _arrays(lookup: Lookup) -> dict[str, Any]:
    found = {name: getattr(lookup, name) for name in NAMES}
    for kind in VOCABULARIES:
        vocabulary = getattr(lookup, kind)
        found |= {f"{kind}_{name}": getattr(vocabulary, name) for name in WORDS}
        found |= {f"{kind}_key_{name}": getattr(vocabulary.by_key, name) for name in KEYS}
    return found


def _lookup(words: dict[str, list[str]], held: Mapping[str, Any], kind: str) -> Lookup:
    parts: dict[str, Any] = {name: _vocabulary(words[name], held, f"{kind}_{name}") for name in VOCABULARIES}
    return Lookup(**parts, **{name: held[f"{kind}_{name}"] for name in NAMES})


def _vocabulary(words: list[str], held: Mapping[str, Any], kind: str) -> Vocabulary:
    by_key = Grouped(*(held[f"{kind}_key_{name}"] for name in KEYS))
    return Vocabulary(words, by_key, *(held[f"{kind}_{name}"] for name in WORDS))


def _entry(row: dict[str, Any]) -> Entry:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Entry(**given)
