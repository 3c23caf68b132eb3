"""The license as a document: what the template is given, and what is embedded for machines."""

from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from licensing.accounts.models import Authority
from licensing.accounts.queries import authority_block
from licensing.cases import wording
from licensing.cases.facts import destinations
from licensing.cases.models import Case
from licensing.cases.queries import classifications
from licensing.cases.validity import End, Validity
from licensing.countries.queries import names
from licensing.documents.context import LicenseDocument, PartyBlock, TextBlock
from licensing.licenses.models import License, LicenseText

FORMAT = "entente.license/1"
ISSUED_UNDER = "15 CFR 750.7"


def verification_url(number: str) -> str:
    return settings.BASE_URL + reverse("verify_number", args=[number])


def license_data(license_: License, decision: Any, item_numbers: set[int]) -> dict[str, Any]:
    """What travels inside the document as `license.json`, in the format `entente.license/1`."""
    filed = license_.case.as_filed
    entries = classifications(license_.case)
    return {
        "format": FORMAT,
        "number": license_.number,
        "revision": license_.revision,
        "replaces": license_.replaces.number if license_.replaces else "",
        "control_number": license_.case.control_number,
        "issued_at": license_.issued_at.isoformat(),
        "valid_from": license_.valid_from.isoformat(),
        "valid_until": license_.valid_until.isoformat(),
        "licensee": filed["applicant"],
        "transaction": filed["transaction"],
        "destinations": destinations(filed),
        "items": [
            {**item, "control_entry": entries.get(item["number"], "")}
            for item in filed["items"]
            if item["number"] in item_numbers
        ],
        "parties": [
            {key: party[key] for key in ("role", "kind", "name", "country", "address")} for party in filed["parties"]
        ],
        "sites": filed["sites"],
        "end_use": {"statement": license_.end_use, "sector": license_.sector},
        "conditions": decision.conditions,
        "riders": decision.riders,
        "decision_sha256": decision.sha256,
        "application_sha256": license_.case.as_filed_sha256,
        "verify_at": verification_url(license_.number),
    }


def validity_data(law: Validity, end: End, lasts: str) -> dict[str, str]:
    """How the end of a license was reckoned, as `data` keeps it: for how long it is, and from which day off its end was moved."""
    moved = end.moved_from.isoformat() if end.moved_from else ""
    return {"lasts": lasts, "moved_from": moved, "kept": end.kept, "citation": law.citation if moved else ""}


def end_sentence(license_: License) -> str:
    """Why a license ends later than its months say; "" for one that does not, or that was issued before this was kept."""
    told = license_.data.get("validity", {})
    if not told.get("moved_from"):
        return ""
    day = date.fromisoformat(told["moved_from"])
    was = f"{day:%B} {day.day}, {day.year}, {told['kept']}"
    return f"The end was moved from {was}, to midnight after the next working day ({told['citation']})."


def license_context(license_: License) -> LicenseDocument:
    """The license fully worded, from its own rows and the application as filed: what was decided, not what is so today."""
    case = license_.case
    filed, countries = case.as_filed, names()
    applicant = license_.data["licensee"]  # as filed, or as a granted change has made it
    entries = {item.number: item.control_entry for item in license_.items.all()}
    return LicenseDocument(
        authority=authority_block(),
        number=license_.number,
        revision=license_.revision,
        replaces=license_.replaces.number if license_.replaces else "",
        control_number=case.control_number,
        reference=filed["application"]["name"],
        licensee=PartyBlock(
            role="Licensee",
            name=applicant["name"],
            address=(applicant["address"],) if applicant["address"] else (),
            country=countries.get(applicant["country"], applicant["country"]),
            registration=applicant["registration_number"],
        ),
        parties=tuple(wording.party_block(party, countries) for party in filed["parties"]),
        issued_on=license_.issued_at.date(),
        valid_from=license_.valid_from,
        valid_until=license_.valid_until,
        end_sentence=end_sentence(license_),
        transaction_kind=wording.transaction_kind(license_.transaction_kind),
        delivery_modes=wording.delivery_modes(license_.delivery_modes),
        destinations=tuple(countries.get(code, code) for code in destinations(filed)),
        items=tuple(
            wording.item_block(item, entries[item["number"]]) for item in filed["items"] if item["number"] in entries
        ),
        sites=tuple(wording.site_block(site, countries) for site in filed["sites"]),
        end_use=license_.end_use,
        sector=wording.sector(license_.sector),
        conditions=_texts(license_, LicenseText.Kind.CONDITION),
        riders=_texts(license_, LicenseText.Kind.RIDER),
        determination=_determination(case),
        legal_basis=_legal_basis(case),
        verification_url=verification_url(license_.number),
        signed_for=Authority.objects.get().name,
    )


def _texts(license_: License, kind: str) -> tuple[TextBlock, ...]:
    return tuple(
        TextBlock(
            title=text.title,
            body=text.body,
            source="; ".join(filter(None, (f"{text.key}, version {text.version}", text.citation))),
            applies_to=", ".join(
                [*(role.replace("_", " ") for role in text.binds), *(f"item {number}" for number in text.items)]
            ),
        )
        for text in license_.texts.all()
        if text.kind == kind
    )


ASKED = ("requirement", "review_policy", "orders")


def _rules(case: Case) -> list[dict[str, Any]]:
    """The rules that asked for a license and said how to review it; those that choose workflow and proposals are left out."""
    answer = case.determination.in_full if case.determination else {"rules": []}
    return [rule for rule in answer["rules"] if rule["table"] in ASKED]


def _determination(case: Case) -> str:
    if case.determination is None:
        return ""
    policy = case.determination.answer["policy"]
    asking = [rule for rule in _rules(case) if rule["answer"].get("requirement") == "required"]
    by = [f"control order {rule['id']}, version {rule['version']}" for rule in asking if rule["table"] == "orders"]
    rules = ", ".join(rule["id"] for rule in asking if rule["table"] == "requirement")
    by += [f"{rules} of the policy {policy['key']}, version {policy['version']}"] if rules else []
    return f"A license was required by {'; by '.join(by)}."


def _legal_basis(case: Case) -> str:
    return "; ".join(dict.fromkeys([*(rule["citation"] for rule in _rules(case)), ISSUED_UNDER]))
