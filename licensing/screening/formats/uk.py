"""The UK Sanctions List (CSV): the report's date on the first line, 58 columns, a row for each name and address of an entity."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import zip_longest

from licensing.screening.formats.tables import (
    BadList,
    Loaded,
    described,
    entity,
    joined,
    merged,
    one_file,
    records,
    split,
    text_of,
)

COLUMNS = (
    "Unique ID", "Name 6", "Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name type", "Alias strength", "Name non-latin script",
    "Regime Name", "Designation Type", "Other Information", "Address Line 1", "Address Line 2", "Address Line 3", "Address Line 4",
    "Address Line 5", "Address Line 6", "Address Postal Code", "Address Country", "D.O.B", "Nationality(/ies)",
    "National Identifier number", "Passport number", "Gender", "Town of birth", "Country of birth", "Website",
    "Business registration number (s)", "IMO number",
)  # fmt: skip
KINDS = {"individual": "person", "ship": "vessel"}
_REPORT = re.compile(r"(\d{1,2})[-/ ](\w{3,9})[-/ ](\d{4})|(\d{4})-(\d{2})-(\d{2})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read(files: Mapping[str, bytes]) -> Loaded:
    """Grouped by the unique id; names of low strength are weak aliases."""
    name, content = one_file(files)
    text = text_of(name, content)
    first = text.partition("\n")[0]
    rows = [_row(f"{name}, line {line}", row) for line, row in records(name, text, COLUMNS, skip=1, more=True)]
    rows.sort(key=lambda pair: not pair[0])  # the primary name of each entity first
    return Loaded(merged(row for _, row in rows), _report(name, first))


def _row(place: str, row: Mapping[str, str]) -> tuple[bool, dict[str, object]]:
    said = " ".join(filter(None, (row[f"Name {number}"] for number in range(1, 7))))
    primary = "primary" in row["Name type"].casefold() and "variation" not in row["Name type"].casefold()
    weak = "low" in row["Alias strength"].casefold()
    lines = (*(row[f"Address Line {number}"] for number in range(1, 7)), row["Address Postal Code"])
    registered = split(row["Business registration number (s)"])
    made = entity(
        place, f"UK-{row['Unique ID']}", KINDS.get(row["Designation Type"].casefold(), "company"), said,
        aliases=[row["Name non-latin script"]], weak_aliases=[said] if weak and not primary else [],
        addresses=[joined(*lines)], birth_dates=[_born(row["D.O.B"])],
        countries=[row["Address Country"], *re.split(r"\(\d\)|;|,", row["Nationality(/ies)"])],
        identifiers=[row["National Identifier number"], row["Passport number"], *registered, row["IMO number"]],
        programs=[row["Regime Name"]], remarks=described(
            row["Other Information"], gender=row["Gender"], born_in=_places(row["Town of birth"], row["Country of birth"]),
            websites=split(row["Website"]),
        ),
    )  # fmt: skip
    return primary, made


def _places(towns: str, countries: str) -> list[str]:
    """Towns and countries of birth: one of each, or numbered where they are several."""
    numbered = [re.split(r"\s*\(\d+\)\s*", given.strip()) for given in (towns, countries)]
    return [
        joined(*pair).strip() for pair in zip_longest(*(list(filter(None, each)) for each in numbered), fillvalue="")
    ]


def _born(day: str) -> str:
    """`dd/mm/1954` in a list of the United Kingdom: day first; a day or month that is not known leaves the year."""
    exact = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", day)
    return f"{exact[3]}-{exact[2]}-{exact[1]}" if exact else day[-4:]


def _report(name: str, line: str) -> date:
    found = _REPORT.search(line)
    if found is None:
        raise BadList(f"{name}, line 1: {line[:60]!r} gives no date of the report: the format has changed")
    if found[4]:
        return date(int(found[4]), int(found[5]), int(found[6]))
    month = int(found[2]) if found[2].isdigit() else _MONTHS.index(found[2][:3].casefold()) + 1
    return date(int(found[3]), month, int(found[1]))
