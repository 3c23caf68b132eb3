"""Formats of our own: CSV, one entity a row; JSON lines in one shape for benches; denials that allies share."""

import json
from collections.abc import Mapping

from licensing.screening import listfile
from licensing.screening.formats.tables import BadList, Loaded, entity, merged, one_file, records, split, text_of

KINDS = {"Person": "person", "Vessel": "vessel", "Airplane": "aircraft"}  # anything else is a company
DENIALS = (
    "reference", "regime_reg_ref", "name", "address", "notifying_government", "country", "denial_cle", "item_description", "end_use",
    "reason_for_refusal", "entity_type",
)  # fmt: skip


def read(files: Mapping[str, bytes]) -> Loaded:
    """The neutral CSV of `fixtures/screening`."""
    name, content = one_file(files)
    text_of(name, content)
    try:
        return Loaded(listfile.read(content))
    except listfile.BadList as bad:
        raise BadList(f"{name}, {bad}") from None


def read_unified(files: Mapping[str, bytes]) -> Loaded:
    """JSON lines: `id, list, schema, names, weak, dob, country, ids, programs`."""
    name, content = one_file(files)
    rows = []
    for number, line in enumerate(text_of(name, content).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            names, kind = list(row["names"]), KINDS.get(row.get("schema", ""), "company")
            made = entity(
                f"{name}, line {number}", row["id"], kind, names[0], aliases=names[1:], weak_aliases=row.get("weak") or [],
                birth_dates=row.get("dob") or [], countries=[str(code).upper() for code in row.get("country") or []],
                identifiers=row.get("ids") or [], programs=split(row.get("programs") or ""),
            )  # fmt: skip
        except BadList:
            raise
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise BadList(f"{name}, line {number}: {error}: each line is one entity as JSON") from None
        rows.append(made)
    return Loaded(rows)


def read_denials(files: Mapping[str, bytes]) -> Loaded:
    """Denials of allied governments, in the columns in which they are exchanged (`docs/glossary.md`); one may name several parties."""
    name, content = one_file(files)
    rows = []
    for line, row in records(name, text_of(name, content), DENIALS):
        remarks = "; ".join(filter(None, (row["item_description"], row["end_use"], row["reason_for_refusal"])))
        rows.append(entity(
            f"{name}, line {line}", row["regime_reg_ref"], "company", row["name"], countries=[row["country"]], addresses=[row["address"]],
            programs=[f"denial by {row['notifying_government']}"], remarks=remarks,
        ))  # fmt: skip
    return Loaded(merged(rows))
