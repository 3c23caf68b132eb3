"""What all formats share: bytes to text to rows, countries by name, and one shape for an entity."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from licensing.countries.rules import folded, index
from licensing.screening.engine.names import comparable

COUNTRIES = Path(__file__).parents[3] / "fixtures" / "countries" / "countries.csv"
MOST_BYTES = 200_000_000
MANY = ("aliases", "weak_aliases", "countries", "addresses", "birth_dates", "identifiers", "programs")
ONE = ("license_requirement", "license_policy", "remarks")
_KNOWN_AS = r"\b(?:a\.?k\.?a\.?|f\.?k\.?a\.?|n\.?k\.?a\.?|also known as|formerly known as|formerly)"
_NAMED = re.compile(rf"{_KNOWN_AS}[,:]?\s+([^()]+?)$", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*\(([^()]*)\)\s*")
_ACRONYM = re.compile(r"[A-Z0-9][A-Z0-9&.\- ]{1,14}")
_SAID = re.compile(rf"^(?:[\"“']|{_KNOWN_AS})[\s,.:]*", re.IGNORECASE)


class BadList(ValueError):
    """The file is refused whole; the sentence names the place, what is wrong, and the mend."""


@dataclass(frozen=True)
class Loaded:
    """The entities of a list, in the shape of `licensing.screening.models.ListedParty`, and the day on which it was published."""

    rows: list[dict[str, Any]]
    published_on: date | None = None
    warnings: tuple[str, ...] = ()


def one_file(files: Mapping[str, bytes]) -> tuple[str, bytes]:
    if len(files) != 1:
        raise BadList(f"this list is one file, and {len(files)} were given: give one")
    return next(iter(files.items()))


def text_of(name: str, content: bytes, encoding: str = "utf-8-sig") -> str:
    """The text of a file. Raises BadList for one that is too large, of another encoding, or a web page."""
    if len(content) > MOST_BYTES:
        raise BadList(f"{name} has over {MOST_BYTES // 10**6} MB: no list is so long")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        said = encoding.removesuffix("-sig").upper()
        raise BadList(f"{name}, line {line}: byte {error.start} is not {said}: fetch the file again") from None
    if re.match(r"\s*<(?:!doctype\s+html|html)", text, re.IGNORECASE):
        raise BadList(f"{name} is a web page and no list: the address has changed, or asks to sign in")
    if "\0" in text:
        raise BadList(f"{name} is no text: fetch the list as CSV")
    return text


def western(name: str, content: bytes) -> str:
    """The text of a file of an agency that writes UTF-8 on some days and Windows-1252 on others."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return text_of(name, content, "cp1252")
    return text_of(name, content)


def records(
    name: str, text: str, columns: Sequence[str], *, delimiter: str = ",", skip: int = 0, more: bool = False
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table with their line, by column. Raises BadList when the header is not this one, or a row has other columns.

    `skip` lines stand before the header; with `more`, columns that are not named here may stand among them.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for _ in range(skip):
            next(reader)
        header = _trimmed([cell.strip() for cell in next(reader)])
    except (StopIteration, csv.Error):
        raise BadList(f"{name} has no header: the file is cut off") from None
    missing = [column for column in columns if column not in header]
    if missing or (not more and header != list(columns)):
        wrong = ", ".join(missing) or ", ".join(sorted(set(header) - set(columns))) or "in another order"
        raise BadList(
            f"{name}, line {skip + 1}: the header is not the one that is known ({wrong}): the format has changed"
        )
    try:
        for row in reader:
            if not any(row):
                continue
            row = [*row[: len(header)], *_trimmed(row[len(header) :])]
            if len(row) != len(header):
                raise BadList(
                    f"{name}, line {reader.line_num}: {len(row)} columns where the header has {len(header)}: the row is cut off"
                )
            yield reader.line_num, dict(zip(header, (cell.strip() for cell in row), strict=True))
    except csv.Error as error:
        raise BadList(f"{name}, line {reader.line_num}: {error}: the file is cut off or its quotes are wrong") from None


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end, which spreadsheets leave behind."""
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def entity(place: str, entity_id: str, kind: str, name: str, **parts: Any) -> dict[str, Any]:
    """One entity: names taken apart, countries as codes, each value once. Raises BadList when nobody could be screened against it."""
    main, inside = names_in(name)
    aliases = [each for alias in (*inside, *parts.pop("aliases", ())) for each in _apart(alias)]
    weak = [alias for alias in parts.pop("weak_aliases", ()) if comparable(alias)]
    said = next((each for each in (main, *aliases, *weak) if comparable(each)), "")
    if not entity_id or not said:
        raise BadList(f"{place}: {name[:60]!r} is no name that parties can be screened against: look at the row")
    row: dict[str, Any] = {"entity_id": entity_id[:80], "kind": kind, "name": said}
    row |= dict.fromkeys(ONE, "") | {part: [] for part in MANY}
    row |= {
        "aliases": _once(alias for alias in aliases if comparable(alias) and alias != said),
        "weak_aliases": _once(weak),
    }
    row["countries"] = _once(code for given in parts.pop("countries", ()) if (code := country_code(given)))
    return row | {part: _once(value) if part in MANY else value for part, value in parts.items()}


def described(remarks: str, *, gender: str = "", born_in: Iterable[str] = (), websites: Iterable[str] = ()) -> str:
    """Remarks with what else tells a party, before them and as OFAC writes it: `Gender: Male; POB Mosul, Iraq; Website …; …`."""
    known = {"m": "Male", "male": "Male", "f": "Female", "female": "Female"}.get(gender.strip().casefold())
    said = [f"Gender: {known}"] if known else []
    said += [f"POB {place}" for place in _once(born_in)] + [f"Website {site}" for site in _once(websites)]
    return "; ".join(filter(None, (*said, remarks)))


def joined(*parts: str) -> str:
    """What there is of an address or a place, as one line."""
    return ", ".join(filter(None, parts))


def _apart(name: str) -> list[str]:
    main, inside = names_in(name)
    return [main, *inside]


def names_in(name: str) -> tuple[str, list[str]]:
    """A name without what stands in brackets, and the names that do: acronyms, `f.k.a.`, `a.k.a.` (Entity List)."""
    found: list[str] = []
    text = name.strip()
    for inside in _BRACKETS.findall(text):
        for part in re.split(r";|\ba\.?k\.?a\.?\b|\bf\.?k\.?a\.?\b", inside, flags=re.IGNORECASE):
            said = _SAID.sub("", part.strip(" ,.\"'“”"))
            if said and (_SAID.match(inside) or _ACRONYM.fullmatch(said)):
                found.append(said.strip(" ,\"'“”"))
    main = " ".join(_BRACKETS.sub(" ", text).split()) if found or "(" in text else text
    if (after := _NAMED.search(main)) and after.start() > 0:
        found.append(after[1].strip(" ,\"'“”"))
        main = main[: after.start()].strip(" ,")
    return (main if comparable(main) else text), [each for each in _once(found) if comparable(each)]


def merged(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of one entity as one: what is many is united, a further name is an alias."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = found.setdefault(row["entity_id"], row)
        if known is not row:
            for part in MANY:
                known[part] = _once([*known[part], *row[part]])
            if row["name"] != known["name"] and row["name"] not in row["weak_aliases"]:
                known["aliases"] = _once([*known["aliases"], row["name"]])
            for part in ONE:
                known[part] = known[part] or row[part]
    return list(found.values())


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value.strip() for value in values if value and value.strip()))


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    with COUNTRIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return index(
        {row["code"]: (row["name"], row["official_name"], row["alpha3"], *row["names"].split("|")) for row in rows}
    )


def country_code(text: str) -> str:
    """The code of a country by name or code; "" for one that is not known."""
    return _countries().get(folded(text), "")


def split(text: str, mark: str = ";") -> list[str]:
    return [part.strip() for part in text.split(mark) if part.strip()]
