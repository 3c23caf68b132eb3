"""Country lists as CSV and XLSX: what a file says, row by row, refused whole when one row cannot be understood; and the way back."""

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from licensing.audit.refusals import Invalid, Problem
from licensing.countries.rules import PARTS, faults

COLUMNS = ("code", "country", *PARTS)
NAMES = {"name": "country", "iso": "code", "iso2": "code", "since": "from", "to": "until", "remarks": "note"}
MOST_BYTES, MOST_UNPACKED, MOST_ROWS = 5_000_000, 50_000_000, 5_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# What openpyxl raises for workbooks that are broken, encrypted, or no workbooks: its parsers' errors are SyntaxErrors.
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, LookupError, ValueError, OSError, SyntaxError, RuntimeError, TypeError,
    AttributeError, EOFError, NotImplementedError,
)  # fmt: skip
Row = Mapping[str, str]
Find = Callable[[str, str], tuple[str, Sequence[str]]]


@dataclass(frozen=True)
class Preview:
    """What a file would change on a list; `members` are what the list would be."""

    members: list[dict[str, str]]
    additions: list[str]
    removals: list[str]
    changes: list[str]


def preview(name: str, content: bytes, before: Iterable[Mapping[str, Any]], find: Find, today: date) -> Preview:
    """Compare a file with the members of a list. Raises `Invalid` with every row that cannot be understood: number, column, value, mend.

    `find` gives the code of a country by code or name and the end of its membership, or "" with the nearest names. What a file has no
    column for stays as it was.
    """
    members, problems = [], []
    seen: dict[str, int] = {}
    old = {row["code"]: _plain(row) for row in before}
    for number, row in rows_of(name, content):
        member, wrong = _member(number, row, find, old, today)
        problems += wrong
        if not wrong and member["code"] in seen:
            problems.append(
                _problem(
                    number, "code", member["code"], f"The country stands in row {seen[member['code']]} too: remove one."
                )
            )
        seen.setdefault(member["code"], number)
        members.append(member)
    if problems:
        raise Invalid(problems)
    new = {row["code"]: row for row in members}
    return Preview(
        members=sorted(members, key=lambda member: member["code"]),
        additions=sorted(new.keys() - old.keys()),
        removals=sorted(old.keys() - new.keys()),
        changes=sorted(code for code in new.keys() & old.keys() if new[code] != old[code]),
    )


def rows_of(name: str, content: bytes) -> list[tuple[int, Row]]:
    """The rows of a file with their numbers in it, by our names of columns. Raises `Invalid` for a file that is none."""
    if len(content) > MOST_BYTES:
        raise Invalid.one(
            "file", name, f"The file is larger than {MOST_BYTES // 10**6} MB: a list of countries is smaller."
        )
    table = _sheet(name, content) if content[:4] == b"PK\x03\x04" else _csv(name, content)
    if not table:
        raise Invalid.one("file", name, "The file is empty: give it a header and a row for each country.")
    if len(table) > MOST_ROWS:
        raise Invalid.one("file", name, f"The file has over {MOST_ROWS} rows: a list of countries has fewer.")
    header = [NAMES.get(word := cell.strip().casefold(), word) for cell in table[0]]
    unknown = [cell for cell, column in zip(table[0], header, strict=True) if column and column not in COLUMNS]
    if unknown or not {"code", "country"} & set(header) or len(set(header)) < len(header):
        problem = (
            f"The columns are {', '.join(table[0])}: use {', '.join(COLUMNS)}, at least code or country, each once."
        )
        raise Invalid.one("row 1", ", ".join(unknown) or ", ".join(table[0]), problem)
    found: list[tuple[int, Row]] = []
    for number, cells in enumerate(table[1:], start=2):
        if len(cells) > len(header) and any(cells[len(header) :]):
            raise Invalid.one(
                f"row {number}",
                cells[len(header)],
                f"Row {number} has more cells than the header: quote texts with commas.",
            )
        row = {
            column: _text(cell) for column, cell in zip_longest(header, cells[: len(header)], fillvalue="") if column
        }
        if any(row.values()):
            found.append((number, row))
    return found


def _csv(name: str, content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Invalid.one("file", name, f"Line {line} is not UTF-8: save the file as CSV UTF-8.") from None
    if "\0" in text or text.lstrip()[:1] == "<":
        raise Invalid.one("file", name, "This is neither CSV nor XLSX: export the list in one of them.")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Invalid.one("file", name, f"The file is not whole: {error}.") from None


def _sheet(name: str, content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise Invalid.one("file", name, f"Unpacked, the file is larger than {MOST_UNPACKED // 10**6} MB.")
        sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 1, max_col=20)
        return [_trimmed([_cell(value) for value in row]) for row in rows]
    except UNREADABLE as error:
        raise Invalid.one("file", name, f"The workbook cannot be read: {str(error)[:100]}.") from None


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _text(cell: str) -> str:
    plain = cell.strip()
    return plain[1:] if plain[:1] == "'" and plain[1:2] in FORMULA else plain


def _member(
    number: int, row: Row, find: Find, old: Mapping[str, Row], today: date
) -> tuple[dict[str, str], list[Problem]]:
    problems = []
    by_code, by_name, until = (row.get(part, "") for part in ("code", "country", "until"))
    code, near = find(by_code or by_name, until)
    if not code:
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        problems.append(
            _problem(number, "code" if by_code else "country", by_code or by_name, f"There is no such country.{hint}")
        )
    elif by_code and by_name and find(by_name, until)[0] != code:
        problems.append(
            _problem(number, "country", by_name, f"The code {by_code} is another country's: correct one of the two.")
        )
    said = {part: row.get(part, old.get(code, {}).get(part, "")) for part in PARTS}
    problems += [_problem(number, part, value, mend) for part, value, mend in faults(said, today)]
    return _plain({"code": code, **said}), problems


def _problem(number: int, column: str, value: str, mend: str) -> Problem:
    return Problem(f"row {number}, column {column}", value, f"Row {number}, column {column}, {value!r}: {mend}")


def _plain(row: Mapping[str, Any]) -> dict[str, str]:
    return {"code": row["code"], "note": "", **{part: str(row[part]) for part in PARTS if row.get(part)}}


def to_csv(members: Iterable[Mapping[str, Any]], called: Mapping[str, str]) -> str:
    """A list as CSV that the import reads back; cells that a spreadsheet would run are defused."""
    return table([COLUMNS, *(_cells(row, called) for row in members)])


def to_xlsx(members: Iterable[Mapping[str, Any]], called: Mapping[str, str], title: str) -> bytes:
    """The same as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.append(COLUMNS)
    for row in members:
        sheet.append([defused(cell) for cell in _cells(row, called)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(row: Mapping[str, Any], called: Mapping[str, str]) -> list[str]:
    return [row["code"], called.get(row["code"], ""), *(str(row.get(part) or "") for part in PARTS)]


def defused(cell: str) -> str:
    """The cell as a spreadsheet will not run it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def table(rows: Iterable[Iterable[str]]) -> str:
    """Any table as CSV, its cells defused."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([defused(cell) for cell in row] for row in rows)
    return out.getvalue()
