"""What makes an application whole, as pure functions over the application as filed.

`filed` is the dictionary that `licensing.cases.queries.as_filed` makes: the application, applicant, parties, items, sites, end use
and attachments, everything in it plain JSON.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Filed = Mapping[str, Any]
APPLICANT = "applicant"  # in `ownership`, in place of a party's reference: the applicant itself is owned

ABROAD_MODES = frozenset({"weights_transfer", "hosting_abroad", "on_prem_appliance", "fine_tuning_access"})
DEEMED_KINDS = frozenset({"deemed_export", "deemed_reexport"})
MIN_STATEMENT = 40
YES_NO = {
    "military_end_use": "Say whether the model will be put to a military end use.",
    "wmd_end_use": "Say whether the model could serve weapons of mass destruction.",
    "human_rights_concern": "Say whether the model could be used for surveillance or against human rights.",
    "nuclear_relevant": "Say whether the items or the end use are relevant to nuclear matters.",
    "decides_about_people": "Say whether the model will take or prepare decisions about people.",
}


@dataclass(frozen=True)
class Missing:
    """One answer that is missing or wrong: the task it belongs to, the field, and what to do."""

    topic: str
    field: str
    mend: str


def control_number(count: int) -> str:
    """The application control number for the `count`-th application filed (from 1): a letter and six digits.

    Tracking only, never the license number (15 CFR 748.6(b)).

    >>> control_number(1), control_number(1_000_000)
    ('A000001', 'B000000')
    """
    letter, digits = divmod(count, 1_000_000)
    if not 0 < count < 26_000_000:
        raise ValueError(f"no control number is left for {count}")
    return f"{chr(ord('A') + letter)}{digits:06d}"


def canonical(data: object) -> bytes:
    """Canonical JSON: keys sorted, no spaces, UTF-8; what every digest of a case is taken over."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256(data: object) -> str:
    return hashlib.sha256(canonical(data)).hexdigest()


def transaction_digest(filed: Filed) -> str:
    """What makes two applications the same transaction: applicant, items, end users, kind and end use (15 CFR 748.4(f))."""
    return sha256(
        {
            "applicant": filed["applicant"]["ref"],
            "items": sorted(item["model_version"] for item in filed["items"]),
            "end_users": sorted(
                party["ref"] for party in filed["parties"] if party["role"] in ("end_user", "foreign_person")
            ),
            "kind": filed["transaction"]["kind"],
            "modes": sorted(filed["transaction"]["delivery_modes"]),
            "end_use": " ".join(filed["end_use"]["statement"].casefold().split()),
        }
    )


def missing(filed: Filed) -> list[Missing]:
    """All that is missing or contradictory, at once, each with its place."""
    return [finding for check in CHECKS for finding in check(filed)]


def _transaction(filed: Filed) -> Iterator[Missing]:
    transaction = filed["transaction"]
    if not transaction["kind"]:
        yield Missing("transaction", "transaction_kind", "Choose what kind of transaction this is.")
    if not transaction["delivery_modes"]:
        yield Missing("transaction", "delivery_modes", "Choose at least one way in which the model is delivered.")
    if not transaction["destination"]:
        yield Missing("transaction", "destination", "Choose the country of destination.")


def _contact(filed: Filed) -> Iterator[Missing]:
    if not filed["contact"]["name"]:
        yield Missing("contact", "contact_name", "Enter the name of the person who can answer questions.")
    if not (filed["contact"]["email"] or filed["contact"]["phone"]):
        yield Missing("contact", "contact_email", "Enter an e-mail address or a telephone number for questions.")


def _items(filed: Filed) -> Iterator[Missing]:
    if not filed["items"]:
        yield Missing("items", "items", "Add at least one model version.")
    for item in filed["items"]:
        where = f"items.{item['number']}"
        name = f"{item['model']} {item['version']}"
        if item["weights"] != "published" and not item["operations"]:
            what = f"Declare the training operations of {name}, and of what it was made from, with the method."
            yield Missing("items", f"{where}.operations", what)
        if item["weights"] == "closed" and not item["model_hash"]:
            yield Missing("items", f"{where}.model_hash", f"Give the hash of the weights manifest of {name}.")
        if not item["technical_description"]:
            yield Missing("items", f"{where}.technical_description", f"Describe {name} in a few words.")
        if item["weights"] == "published" and filed["transaction"]["kind"] == "deemed_export":
            yield Missing(
                "items",
                f"{where}.weights",
                f"{name} is declared as published, so releasing it needs no application: remove it or correct the weights.",
            )


def _parties(filed: Filed) -> Iterator[Missing]:
    roles = {party["role"] for party in filed["parties"]}
    deemed = filed["transaction"]["kind"] in DEEMED_KINDS
    if deemed and "foreign_person" not in roles:
        yield Missing("parties", "foreign_person", "Name the foreign person to whom the model is released.")
    if not deemed and "foreign_person" in roles:
        yield Missing(
            "parties",
            "foreign_person",
            "A foreign person belongs to a deemed export: change the kind or remove the person.",
        )
    if not deemed and "ultimate_consignee" not in roles:
        yield Missing("parties", "ultimate_consignee", "Name the ultimate consignee.")
    if not deemed and "end_user" not in roles:
        yield Missing("parties", "end_user", "Name the end user.")
    for party in filed["parties"]:
        if party["role"] == "foreign_person" and not party["citizenships"]:
            yield Missing(
                "parties", f"parties.{party['ref']}.citizenships", f"Give the citizenships of {party['name']}."
            )
        if party["kind"] == "company" and not party["headquarters"]:
            yield Missing(
                "parties",
                f"parties.{party['ref']}.headquarters",
                f"Give the country of headquarters of {party['name']}.",
            )
        if party["kind"] == "company" and not (party["ultimate_parent_country"] or party.get("independent")):
            mend = f"Say where the company that owns {party['name']} in the end has its headquarters, or that nobody else owns it."
            yield Missing("parties", f"parties.{party['ref']}.ultimate_parent_country", mend)


def _sites(filed: Filed) -> Iterator[Missing]:
    if ABROAD_MODES & set(filed["transaction"]["delivery_modes"]) and not filed["sites"]:
        yield Missing("sites", "sites", "Add the site where the weights will be stored or the model run.")
    for site in filed["sites"]:
        if not site["headquarters"]:
            yield Missing(
                "sites",
                f"sites.{site['ref']}.headquarters",
                f"Give the country of headquarters of the operator of {site['name']}.",
            )
        if not (site["ultimate_parent"] or site.get("independent")):
            mend = f"Say where the company that owns the operator of {site['name']} has its headquarters, or that nobody else owns it."
            yield Missing("sites", f"sites.{site['ref']}.ultimate_parent", mend)


def _end_use(filed: Filed) -> Iterator[Missing]:
    end_use = filed["end_use"]
    if len(end_use["statement"].strip()) < MIN_STATEMENT:
        yield Missing(
            "end_use", "end_use_statement", f"Describe the end use in full, in at least {MIN_STATEMENT} characters."
        )
    if not end_use["sector"]:
        yield Missing("end_use", "sector", "Choose the sector in which the model will be used.")
    for field, mend in YES_NO.items():
        if end_use[field] is None:
            yield Missing("end_use", field, mend)
    if end_use["decides_about_people"] and not end_use["human_oversight"]:
        yield Missing("end_use", "human_oversight", "Say how people oversee the decisions.")


CHECKS: tuple[Callable[[Filed], Iterator[Missing]], ...] = (_transaction, _contact, _items, _parties, _sites, _end_use)


def united_conditions(recommended: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The union of the conditions that seats ask for, by text key, in order of first mention; none is dropped.

    Two seats that ask for the same text with other parameters both keep theirs.
    """
    seen: dict[bytes, dict[str, Any]] = {}
    for conditions in recommended:
        for condition in conditions:
            what = {name: condition.get(name) for name in ("key", "parameters", "items")}
            seen.setdefault(canonical(what), condition)
    return list(seen.values())
