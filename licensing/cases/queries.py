"""Reads of applications and cases that pages, the API and the documents share."""

from collections.abc import Iterable
from typing import Any

from licensing.cases.models import Application, Case
from licensing.cases.rules import united_conditions


def as_filed(application: Application) -> dict[str, Any]:
    """The whole application as plain JSON: what is certified, hashed, filed and printed.

    Shape: `application, applicant, contact, transaction, parties[], items[], sites[], end_use, attachments[], prepared_by`.
    """
    return {
        "application": {
            "id": str(application.pk),
            "name": application.name,
            "requested_months": application.requested_months,
            "all_or_nothing": application.all_or_nothing,
            "emergency": application.emergency,
            "special_purpose": application.special_purpose,
            "additional_information": application.additional_information,
            "resubmission_of": application.resubmission_of,
            "replaces_license": application.replaces_license,
            "prior_authorization": application.prior_authorization,
        },
        "applicant": _applicant(application),
        "contact": {
            "name": application.contact_name,
            "phone": application.contact_phone,
            "email": application.contact_email,
        },
        "transaction": {
            "kind": application.transaction_kind,
            "delivery_modes": sorted(application.delivery_modes),
            "destination": application.destination,
        },
        "parties": [_party(row) for row in application.parties.select_related("party")],
        "items": [_item(row) for row in application.items.select_related("model_version__model")],
        "sites": [_site(row) for row in application.sites.select_related("site")],
        "end_use": {
            "statement": application.end_use_statement,
            "sector": application.sector,
            "decides_about_people": application.decides_about_people,
            "human_oversight": application.human_oversight,
            "military_end_use": application.military_end_use,
            "wmd_end_use": application.wmd_end_use,
            "human_rights_concern": application.human_rights_concern,
            "nuclear_relevant": application.nuclear_relevant,
        },
        "attachments": [
            {
                "kind": row.kind,
                "title": row.title,
                "filename": row.file.filename,
                "media_type": row.file.media_type,
                "size": row.file.size,
                "sha256": row.file.sha256,
            }
            for row in application.attachments.filter(question__isnull=True).select_related("file")
        ],
        "prepared_by": {"ref": application.prepared_by.actor_id, "name": application.prepared_by.actor_label},
    }


def recommended_conditions(case: Case) -> list[dict[str, Any]]:
    """The conditions that the recommendations in effect ask for, united, none dropped."""
    rows = case.recommendations.filter(superseded_at__isnull=True).values_list("conditions", flat=True)
    return united_conditions(list(rows))


def denied_items(case: Case) -> set[int]:
    """Numbers of the items that a recommendation in effect denies."""
    rows: Iterable[list[int]] = case.recommendations.filter(superseded_at__isnull=True).values_list(
        "denied_items", flat=True
    )
    return {number for row in rows for number in row}
