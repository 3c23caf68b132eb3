"""The Consolidated Screening List of the United States (CSV, 29 columns), the Denied Persons List, and older single lists."""

import hashlib
from collections.abc import Mapping

from licensing.screening.engine.dates import birth_dates
from licensing.screening.formats.tables import (
    Loaded,
    entity,
    merged,
    one_file,
    records,
    split,
    text_of,
    western,
)

CSL = (
    "_id", "source", "entity_number", "type", "programs", "name", "title", "addresses", "federal_register_notice", "start_date", "end_date",
    "standard_order", "license_requirement", "license_policy", "call_sign", "vessel_type", "gross_tonnage", "gross_registered_tonnage",
    "vessel_flag", "vessel_owner", "remarks", "source_list_url", "alt_names", "citizenships", "dates_of_birth", "nationalities",
    "places_of_birth", "source_information_url", "ids",
)  # fmt: skip
DPL = (
    "Name", "Street_Address", "City", "State", "Country", "Postal_Code", "Effective_Date", "Expiration_Date", "Standard_Order",
    "Last_Update", "Action", "FR_Citation",
)  # fmt: skip
ITA = (
    "Source List", "Name", "Address", "City", "State/Province", "Postal Code", "Country", "License Requirement", "License Policy",
    "Alternate Name",
)  # fmt: skip
UVL = ("COUNTRY", "NAME", "ADDRESS")
KINDS = {"individual": "person", "vessel": "vessel", "aircraft": "aircraft"}


def read_csl(files: Mapping[str, bytes]) -> Loaded:
    """The list as it is published since 2023; several values in a cell stand apart with `; `."""
    name, content = one_file(files)
    rows = []
    for line, row in records(name, text_of(name, content), CSL):
        addresses = split(row["addresses"])
        countries = [
            *split(row["citizenships"]),
            *split(row["nationalities"]),
            *(address.rpartition(",")[2] for address in addresses),
        ]
        programs = [f"{row['source'].partition(' - ')[0]}", *split(row["programs"])]
        rows.append(entity(
            f"{name}, line {line}", row["_id"], KINDS.get(row["type"].casefold(), "company"), row["name"], aliases=split(row["alt_names"]),
            addresses=addresses, countries=countries, birth_dates=sum(map(birth_dates, split(row["dates_of_birth"])), ()),
            identifiers=[part.split(",")[1] for part in split(row["ids"]) if part.count(",") >= 1], programs=programs,
            license_requirement=row["license_requirement"], license_policy=row["license_policy"], remarks=row["remarks"],
        ))  # fmt: skip
    return Loaded(merged(rows))


def read_dpl(files: Mapping[str, bytes]) -> Loaded:
    """`dpl.txt`, tab-separated; the list has no ids, so that name and first day make one."""
    name, content = one_file(files)
    text = western(name, content)
    rows = []
    for line, row in records(name, text, DPL, delimiter="\t"):
        if not row["Name"]:
            continue
        ref = hashlib.sha256(f"{row['Name']}|{row['Effective_Date']}|{row['FR_Citation']}".encode()).hexdigest()[:16]
        address = ", ".join(filter(None, (row["Street_Address"], row["City"], row["State"], row["Postal_Code"])))
        remarks = "; ".join(filter(None, (row["Action"], row["FR_Citation"])))
        rows.append(entity(
            f"{name}, line {line}", f"DPL-{ref}", "company", row["Name"], addresses=[address], countries=[row["Country"]],
            programs=["Denied Persons List (DPL)"], remarks=remarks,
        ))  # fmt: skip
    return Loaded(merged(rows))


def read_ita(files: Mapping[str, bytes]) -> Loaded:
    """Single lists as the agencies gave them before: the header of the Entity List and its like, or `COUNTRY,NAME,ADDRESS` (UVL)."""
    name, content = one_file(files)
    text = western(name, content)
    first = text.lstrip("\r\n").partition("\n")[0]
    if [cell.strip(' \r"') for cell in first.split(",")[:3]] == ["COUNTRY", "NAME", "ADDRESS"]:
        return Loaded(merged(_uvl(name, text)))
    rows = []
    for line, row in records(name, text, ITA, more=True):
        ref = hashlib.sha256(f"{row['Source List']}|{row['Name']}|{row['Country']}".encode()).hexdigest()[:16]
        address = ", ".join(filter(None, (row["Address"], row["City"], row["State/Province"], row["Postal Code"])))
        rows.append(entity(
            f"{name}, line {line}", f"{row['Source List']}-{ref}", "company", row["Name"], aliases=split(row["Alternate Name"]),
            addresses=[address], countries=[row["Country"]], programs=[row["Source List"]],
            license_requirement=row["License Requirement"], license_policy=row["License Policy"],
        ))  # fmt: skip
    return Loaded(merged(rows))


def _uvl(name: str, text: str) -> list[dict[str, object]]:
    rows = []
    for line, row in records(name, text.lstrip("\r\n"), UVL, more=True):
        ref = hashlib.sha256(f"{row['NAME']}|{row['COUNTRY']}".encode()).hexdigest()[:16]
        rows.append(entity(
            f"{name}, line {line}", f"UVL-{ref}", "company", row["NAME"], addresses=[row["ADDRESS"]], countries=[row["COUNTRY"]],
            programs=["Unverified List (UVL)"],
        ))  # fmt: skip
    return rows
