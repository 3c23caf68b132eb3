"""Parties in a file against lists in files: what `manage.py screening match` does. Needs no database."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from licensing.screening import formats, match
from licensing.screening.formats.tables import country_code
from licensing.screening.match import Entry, Index, ScreeningQuery

Listed = dict[str, tuple[Entry, str]]  # entity, and the list's name, by an id that is unique among the lists
KINDS = {"person": "person", "organization": "company", "": ""}
LONGEST_ID = 120
_UNFIT = re.compile(r"[\x00\ud800-\udfff]")  # what PostgreSQL keeps in no text
FIELDS = frozenset({"id", "name", "type", "birth_date", "country", "identifiers", "aliases"})


class BadInput(ValueError):
    """A file that cannot be used; the sentence names the place and the mend."""


def answer(index: Index, listed: Listed, query: ScreeningQuery, threshold: float, limit: int) -> dict[str, Any]:
    """One answer. A party that cannot be screened is said so: it is never without hits."""
    began = time.perf_counter()
    try:
        found = index.search(query, limit=limit, threshold=threshold)
    except match.UnusableName as unusable:
        return {"id": query.ref, "error": str(unusable), "seconds": round(time.perf_counter() - began, 6)}
    hits = [
        {
            "list": listed[hit.entity_id][1],
            "entity_id": hit.entity_id.split("\0", 1)[1],
            "listed_name": hit.listed_name,
            "score": hit.score,
            "features": hit.features,
        }
        for hit in found
    ]
    return {"id": query.ref, "hits": hits, "seconds": round(time.perf_counter() - began, 6)}


def entries(given: str) -> Iterator[tuple[str, tuple[Entry, str]]]:
    """The entities of `FILE[,FILE…][:FORMAT]`, each under its list's name and its own id."""
    names, colon, format_ = given.rpartition(":")
    if not colon or "/" in format_:
        names, format_ = given, ""
    paths = [Path(name) for name in names.split(",")]
    try:
        files = {path.name: path.read_bytes() for path in paths}
        loaded = formats.read(format_ or formats.guess([path.name for path in paths]), files)
    except OSError as error:
        raise BadInput(f"{names} cannot be read: {error}") from None
    except (formats.BadList, LookupError) as bad:
        raise BadInput(str(bad.args[0])) from None
    key = paths[0].stem
    for row in loaded.rows:
        entry = match.listed(f"{key}\0{row['entity_id']}", row)
        yield entry.entity_id, (entry, key)


def queries(path: Path) -> Iterator[ScreeningQuery]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield query_of_line(f"{path}, line {number}", line)


def query_of_line(place: str, line: str) -> ScreeningQuery:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadInput(f"{place}: this is not JSON: {error}") from None
    return query_of(place, row)


def query_of(place: str, row: Any) -> ScreeningQuery:
    """A party from a mapping of `FIELDS`; `place` says where it stands. Raises BadInput."""
    if not isinstance(row, dict) or not {"id", "name"} <= row.keys() or row.keys() - FIELDS:
        raise BadInput(f"{place}: give an object with id and name, and of {', '.join(sorted(FIELDS))} what there is")
    kind = KINDS.get(str(row.get("type") or "").casefold())
    many = [row.get(name) or [] for name in ("aliases", "identifiers")]
    if not all(isinstance(values, list) for values in many):
        raise BadInput(f"{place}: aliases and identifiers are lists of texts")
    born = str(row["birth_date"]) if isinstance(row.get("birth_date"), int) else row.get("birth_date") or ""
    texts = [row["name"], born, row.get("country") or "", *many[0], *many[1]]
    if kind is None or not all(isinstance(text, str) for text in texts):
        raise BadInput(f"{place}: type is person or organization, and all else are texts")
    unfit = next((text for text in (str(row["id"]), *texts) if _UNFIT.search(text)), None)
    if unfit is not None or len(str(row["id"])) > LONGEST_ID:
        raise BadInput(
            f"{place}: an id has up to {LONGEST_ID} characters, and no text has a NUL or half a character: correct it"
        )
    return ScreeningQuery(
        ref=str(row["id"]),
        role="",
        kind=kind,
        name=row["name"],
        aliases=tuple(row.get("aliases") or ()),
        country=_country(str(row.get("country") or "")),
        birth_date=born or None,
        identifiers=tuple(row.get("identifiers") or ()),
    )


def _country(text: str) -> str:
    """The code of a country by code or name; what is neither is compared as it stands."""
    return country_code(text) or text.upper()
