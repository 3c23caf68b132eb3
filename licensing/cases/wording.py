"""Codes of an application as people read them, for documents and notices. `countries` maps codes to names."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from licensing.cases.models import DeliveryMode, PartyRole, Sector, TransactionKind
from licensing.cases.rules import APPLICANT
from licensing.documents.context import ItemBlock, PartyBlock, SiteBlock, StakeBlock

TIMES = "\N{MULTIPLICATION SIGN}"
SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
WEIGHTS = {"closed": "Closed", "open": "Open, under terms", "published": "Published"}
Countries = Mapping[str, str]


def operations(amount: str | Decimal | None) -> str:
    """A number of training operations as people write it: 2.1 times ten to the 26th, with the unit."""
    if amount in (None, ""):
        return "Not declared"
    mantissa, _, exponent = f"{Decimal(str(amount)):.6E}".partition("E")
    short = mantissa.rstrip("0").rstrip(".")
    return f"{short} {TIMES} 10{str(int(exponent)).translate(SUPERSCRIPT)} operations"


def training(item: Mapping[str, Any]) -> str:
    methods = sorted({run["method"].replace("_", " ") for run in item["training"] if run["method"]})
    return operations(item["operations"]) + (f" ({', '.join(methods)})" if methods else "")


def quantity(item: Mapping[str, Any]) -> str:
    amount = f"{Decimal(item['quantity']):f} {item['unit']}".strip() if item["quantity"] else ""
    seats = f"{item['seats']} seats" if item["seats"] else ""
    return ", ".join(filter(None, (amount, seats))) or "As the application says"


def transaction_kind(code: str) -> str:
    return str(TransactionKind(code).label)


def delivery_modes(codes: list[str]) -> tuple[str, ...]:
    return tuple(str(DeliveryMode(code).label) for code in codes)


def sector(code: str) -> str:
    return str(Sector(code).label)


def party_block(party: Mapping[str, Any], countries: Countries) -> PartyBlock:
    return PartyBlock(
        role=str(PartyRole(party["role"]).label),
        name=party["name"],
        address=(party["address"],) if party["address"] else (),
        country=countries.get(party["country"], party["country"]),
        registration=party["registration_number"],
        notes=tuple(_notes(party, countries)),
    )


def _notes(party: Mapping[str, Any], countries: Countries) -> list[str]:
    notes = []
    if party["kind"] == "person":
        nationals = ", ".join(countries.get(code, code) for code in party["citizenships"])
        notes.append(f"Citizenships: {nationals}")
    elif party["headquarters"]:
        notes.append(f"Headquarters: {countries.get(party['headquarters'], party['headquarters'])}")
    if party["ultimate_parent_name"]:
        home = countries.get(party["ultimate_parent_country"], "")
        notes.append(f"Ultimate parent: {party['ultimate_parent_name']}{f', {home}' if home else ''}")
    return notes


def known_by(party: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What else a party, or the applicant, is known by, and is screened with: a label and its words for each that is given."""
    rows = [
        ("Also known as", "; ".join(party.get("aliases", ()))),
        ("Address", party.get("address", "")),
        ("Website", party.get("website", "")),
        ("Registration", party.get("registration_number", "")),
        ("LEI", party.get("lei", "")),
        ("Identifiers", "; ".join(party.get("identifiers", ()))),
        ("Date of birth", party.get("birth_date") or ""),
        ("Gender", str(party.get("gender", "")).capitalize()),
    ]
    return [(label, words) for label, words in rows if words]


def stake_blocks(filed: Mapping[str, Any], countries: Countries) -> list[StakeBlock]:
    """Who owns how much of whom, as filed; the owners of owners too."""
    named = {
        row["ref"]: row["name"] for row in (*filed["parties"], *(row["owner"] for row in filed.get("ownership", ())))
    } | {APPLICANT: filed["applicant"]["name"]}
    return [
        StakeBlock(
            owner=row["owner"]["name"],
            owned=named[row["owned"]],
            share="Not known" if row["percent"] is None else f"{Decimal(row['percent']).normalize():f} percent",
            as_of=date.fromisoformat(row["as_of"]),
            country=countries.get(row["owner"]["country"], row["owner"]["country"]),
            notes=tuple(f"{label}: {words}" for label, words in known_by(row["owner"])),
        )
        for row in filed.get("ownership", ())
    ]


def item_block(item: Mapping[str, Any], entry: str) -> ItemBlock:
    parameters = [f"{item['parameters'][kind]:,} {kind}" for kind in ("total", "active") if item["parameters"][kind]]
    return ItemBlock(
        number=item["number"],
        model=item["model"],
        version=item["version"],
        control_entry=entry,
        weights=WEIGHTS.get(item["weights"], item["weights"]),
        training_operations=training(item),
        quantity=quantity(item),
        description=item["technical_description"],
        parameters=f"Parameters: {', '.join(parameters)}" if parameters else "",
        modalities=", ".join(item["modalities"]),
        derivation=item["derivation"],
        security_level=f"Security level {item['security_level']}" if item["security_level"] else "",
        model_hash=item["model_hash"],
    )


def site_block(site: Mapping[str, Any], countries: Countries) -> SiteBlock:
    return SiteBlock(
        name=site["name"],
        location=", ".join(filter(None, (site["address"], countries.get(site["country"], site["country"])))),
        operator=site["operator"],
        headquarters=countries.get(site["headquarters"], site["headquarters"]),
        key_custody=site["key_custody"].replace("_", " "),
        ultimate_parent=countries.get(site["ultimate_parent"], site["ultimate_parent"]),
        security_level=f"Security level {site['security_level']}" if site["security_level"] else "",
    )
