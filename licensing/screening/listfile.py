"""Reading a restricted-party list in the neutral format of `fixtures/screening`: CSV, UTF-8, one entity a row. Pure.

Columns: `entity_id, kind, name, aliases, weak_aliases, countries, addresses, birth_dates, identifiers, programs,
license_requirement, license_policy, remarks`; several values in one column stand apart with `|`.
"""

import csv
import io
from typing import Any

from licensing.screening.engine.names import usable

MANY = ("aliases", "weak_aliases", "countries", "addresses", "birth_dates", "identifiers", "programs")
COLUMNS = ("entity_id", "kind", "name", *MANY, "license_requirement", "license_policy", "remarks")
KINDS = frozenset({"company", "person", "government", "vessel", "aircraft"})


class BadList(ValueError):
    """The file is refused whole; the sentence names the line and the mend."""


def read(content: bytes) -> list[dict[str, Any]]:
    """Every entity of the file. Raises BadList: a list that is half read is worse than the one before."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadList(f"byte {error.start} is not UTF-8: save the file as UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise BadList(
            f"line 1: the columns are {', '.join(reader.fieldnames or ())}; they must be {', '.join(COLUMNS)}"
        )
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    try:
        for number, row in enumerate(reader, start=2):
            rows.append(_entity(number, row, seen))
    except csv.Error as error:
        raise BadList(f"line {reader.line_num}: {error}: correct the quotes") from None
    if not rows:
        raise BadList("the file has no entity: an empty list is never loaded")
    return rows


def _entity(number: int, row: dict[str, Any], seen: set[str]) -> dict[str, Any]:
    if None in row or None in row.values():
        raise BadList(f"line {number}: the number of columns is not that of the heading: correct the row")
    entity = {
        name: [part.strip() for part in row[name].split("|") if part.strip()] if name in MANY else row[name].strip()
        for name in COLUMNS
    }
    if not entity["entity_id"] or not entity["name"]:
        raise BadList(f"line {number}: entity_id and name are needed: fill them in")
    if entity["kind"] not in KINDS:
        raise BadList(f"line {number}: the kind {entity['kind']!r} is unknown: use one of {', '.join(sorted(KINDS))}")
    for name in (entity["name"], *entity["aliases"], *entity["weak_aliases"]):
        if not usable(name):
            raise BadList(f"line {number}: {name[:60]!r} is no name that parties can be screened against: correct it")
    if entity["entity_id"] in seen:
        raise BadList(f"line {number}: {entity['entity_id']} stands twice: remove one")
    seen.add(str(entity["entity_id"]))
    return entity
