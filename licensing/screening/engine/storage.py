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
from licensing.screening.engine.lookup import Grouped, Lookup
from licensing.screening.engine.parties import Entry
from licensing.screening.engine.places import Places, places_of

ARRAYS = ("starts", "names", "word_weights", "word_costs", "masses", "starting", "initials", "people")
GROUPED = ("by_key", "joins")
PARTS = ("keys", "values", "weights")


class OtherEngine(ValueError):
    """The bytes were written by another version: build the index anew."""


def to_bytes(index: Index) -> bytes:
    lookups = {"name": index.lookup, **index.places.lookups}
    arrays = {f"{kind}_{name}": array for kind, lookup in lookups.items() for name, array in _arrays(lookup).items()}
    words = {kind: lookup.words for kind, lookup in lookups.items()}
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
    of_groups = {f"{group}_{part}": getattr(getattr(lookup, group), part) for group in GROUPED for part in PARTS}
    return of_groups | {name: getattr(lookup, name) for name in ARRAYS}


def _lookup(words: list[str], held: Mapping[str, Any], kind: str) -> Lookup:
    parts: dict[str, Any] = {group: Grouped(*(held[f"{kind}_{group}_{part}"] for part in PARTS)) for group in GROUPED}
    return Lookup(words=words, **parts, **{name: held[f"{kind}_{name}"] for name in ARRAYS})


def _entry(row: dict[str, Any]) -> Entry:
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Entry(**given)
