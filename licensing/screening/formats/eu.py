"""The consolidated financial sanctions list of the European Union (CSV with `;`, 118 columns, a row for each part of an entity)."""

from collections.abc import Mapping
from datetime import date

from licensing.screening.formats.tables import (
    BadList,
    Loaded,
    described,
    entity,
    joined,
    merged,
    one_file,
    records,
    text_of,
)

COLUMNS = (
    "fileGenerationDate", "Entity_LogicalId", "Entity_SubjectType", "Entity_Regulation_Programme", "Entity_Remark", "NameAlias_WholeName",
    "NameAlias_FirstName", "NameAlias_MiddleName", "NameAlias_LastName", "Address_Street", "Address_City", "Address_ZipCode",
    "Address_CountryDescription", "BirthDate_BirthDate", "BirthDate_Year", "Identification_Number", "Citizenship_CountryDescription",
    "NameAlias_Gender", "BirthDate_Place", "BirthDate_CountryDescription", "BirthDate_YearRangeFrom", "BirthDate_YearRangeTo",
    "BirthDate_Circa",
)  # fmt: skip

PEOPLE = ("p", "person")


def read(files: Mapping[str, bytes]) -> Loaded:
    """Rows are merged on the entity's logical id; its first name is the name, the others are aliases."""
    name, content = one_file(files)
    names: dict[str, str] = {}
    genders: dict[str, str] = {}
    births: dict[str, list[str]] = {}
    rows, generated = [], ""
    for line, row in records(name, text_of(name, content), COLUMNS, delimiter=";", more=True):
        ref, generated = row["Entity_LogicalId"], row["fileGenerationDate"] or generated
        said = row["NameAlias_WholeName"] or " ".join(
            filter(None, (row["NameAlias_FirstName"], row["NameAlias_MiddleName"], row["NameAlias_LastName"]))
        )
        if not said and ref not in names:
            raise BadList(f"{name}, line {line}: the entity {ref} begins without a name: the format has changed")
        names.setdefault(ref, said)
        genders[ref] = genders.get(ref) or row["NameAlias_Gender"]
        births.setdefault(ref, []).append(joined(row["BirthDate_Place"], row["BirthDate_CountryDescription"]))
        kind = "person" if row["Entity_SubjectType"].casefold() in PEOPLE else "company"
        rows.append(entity(
            f"{name}, line {line}", f"EU-{ref}", kind, said or names[ref],
            addresses=[joined(row["Address_Street"], row["Address_City"], row["Address_ZipCode"])],
            countries=[row["Address_CountryDescription"], row["Citizenship_CountryDescription"]],
            birth_dates=[_born(row)], identifiers=[row["Identification_Number"]],
            programs=[row["Entity_Regulation_Programme"]], remarks=row["Entity_Remark"],
        ))  # fmt: skip
    made = merged(rows)
    for each in made:
        ref = each["entity_id"].removeprefix("EU-")
        each["remarks"] = described(each["remarks"], gender=genders[ref], born_in=births[ref])
    return Loaded(made, _day(name, generated))


def _born(row: Mapping[str, str]) -> str:
    """A day, a year, a range of years, or about which of them (`circa`), as `birth_dates` reads it."""
    years = filter(None, (row["BirthDate_YearRangeFrom"], row["BirthDate_YearRangeTo"]))
    said = row["BirthDate_BirthDate"] or row["BirthDate_Year"] or " to ".join(years)
    return f"circa {said}" if said and row["BirthDate_Circa"].casefold() == "true" else said


def _day(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text) if "-" in text else date(*map(int, reversed(text.split("/"))))
    except (ValueError, TypeError):
        raise BadList(f"{name}: {text[:20]!r} is no date of generation: the format has changed") from None
