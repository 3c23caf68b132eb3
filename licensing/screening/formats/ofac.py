"""OFAC's SDN and non-SDN lists: up to four CSV files without a header, `-0-` for nothing, 0x1A at the end."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from licensing.screening.engine.dates import birth_dates
from licensing.screening.formats.tables import BadList, Loaded, entity, split, western

WIDTHS = {"prim": 12, "alt": 5, "add": 6, "comments": 2}
KINDS = {"individual": "person", "vessel": "vessel", "aircraft": "aircraft"}
_WEAK = re.compile(r"(?:a|f|n)\.k\.a\. '([^;]+?)'(?=[;.]|$)")
_BORN = re.compile(r"(?:alt\. )?DOB ([^;.]+)")
_NUMBERED = (
    "Passport|Cedula No\\.|National ID No\\.|Tax ID No\\.|Registration Number|Registration ID|Identification Number|IMO|RFC|NIT #|"
    "D-U-N-S Number|LEI"
)
_NUMBER = re.compile(rf"(?:{_NUMBERED})\s+([A-Z0-9][A-Z0-9./-]{{3,}})")
_NATION = re.compile(r"(?:nationality|citizen) ([A-Z][A-Za-z ]+)")


def read(files: Mapping[str, bytes]) -> Loaded:
    """`sdn.csv` or `cons_prim.csv`, and, by their names, alt, add and comments. Weak aliases stand in the remarks, in quotes (FAQ 122)."""
    parts = {_part(name): (name, content) for name, content in files.items()}
    if "prim" not in parts or len(parts) < len(files):
        raise BadList(
            f"give one of sdn.csv or cons_prim.csv, and at most one alt, add and comments file; given were {', '.join(files)}"
        )
    tables = {part: list(_rows(part, *found)) for part, found in parts.items()}
    aliases: dict[str, list[str]] = defaultdict(list)
    addresses: dict[str, list[list[str]]] = defaultdict(list)
    comments: dict[str, str] = defaultdict(str)
    for _, row in tables.get("alt", ()):
        aliases[row[0]].append(row[3])
    for _, row in tables.get("add", ()):
        addresses[row[0]].append(row[2:5])
    for _, row in tables.get("comments", ()):
        comments[row[0]] += f" {row[1]}"
    rows = []
    for place, row in tables["prim"]:
        remarks = f"{row[11]}{comments[row[0]]}".strip()
        where = addresses[row[0]]
        rows.append(entity(
            place, f"OFAC-{row[0]}", KINDS.get(row[2].casefold(), "company"), _turned(row[1], row[2]),
            aliases=[_turned(alias, row[2]) for alias in aliases[row[0]]], weak_aliases=_WEAK.findall(remarks),
            addresses=[", ".join(filter(None, part)) for part in where], birth_dates=sum(map(birth_dates, _BORN.findall(remarks)), ()),
            countries=[*(part[2] for part in where), *_NATION.findall(remarks), row[9]], identifiers=_NUMBER.findall(remarks),
            programs=split(row[3].replace("] [", ";").strip("[]")), remarks=remarks,
        ))  # fmt: skip
    return Loaded(rows)


def _turned(name: str, kind: str) -> str:
    """`SURNAME, Given` of a person, in the order in which it is said."""
    surname, comma, given = name.partition(", ")
    return f"{given} {surname}" if comma and kind.casefold() == "individual" else name


def _part(name: str) -> str:
    plain = name.casefold()
    return next((part for part in ("alt", "add", "comments") if part in plain), "prim")


def _rows(part: str, name: str, content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Rows as they stand; a last line that is cut off, or another width, refuses the file."""
    text = western(name, content.rstrip(b"\x1a\r\n \t"))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=False)
    seen = set()
    try:
        for cells in reader:
            place = f"{name}, line {reader.line_num}"
            if cells[:1] in (["ent_num"], ["\x1a"]):
                continue  # copies of the lists bring a header; the end of a file may stand in a line of its own
            row = ["" if cell.strip() in ("-0-", "null") else cell.strip() for cell in cells]
            if len(row) != WIDTHS[part]:
                raise BadList(
                    f"{place}: {len(row)} columns where {part} has {WIDTHS[part]}: the file is cut off, or of another list"
                )
            if not row[0].isdigit():
                raise BadList(f"{place}: {row[0][:20]!r} is no entity number: the format has changed")
            if part == "prim" and row[0] in seen:
                raise BadList(f"{place}: the entity {row[0]} stands twice: fetch the file again")
            seen.add(row[0])
            yield place, row
    except csv.Error as error:
        raise BadList(f"{name}, line {reader.line_num}: {error}: the file is cut off") from None
