"""The application as filed, as a sealed document."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from licensing.accounts.queries import authority_block
from licensing.audit.actors import SYSTEM
from licensing.cases import wording
from licensing.cases.facts import destinations
from licensing.cases.models import AttachmentKind, Case
from licensing.countries.queries import names
from licensing.documents.commands import render_signed
from licensing.documents.context import (
    AnswerBlock,
    AnswerGroup,
    ApplicationDocument,
    AttachmentBlock,
    CertificationBlock,
    PartyBlock,
)

QUESTIONS = {
    "military_end_use": "Will the model be put to a military end use?",
    "wmd_end_use": "Could the model serve weapons of mass destruction?",
    "human_rights_concern": "Could the model be used for surveillance or against human rights?",
    "nuclear_relevant": "Are the items or the end use relevant to nuclear matters?",
    "decides_about_people": "Will the model take or prepare decisions about people?",
}


def application_context(case: Case) -> ApplicationDocument:
    """The application as it stood when it was certified, fully worded."""
    filed: Mapping[str, Any] = case.as_filed
    countries = names()
    applicant = filed["applicant"]
    transaction = filed["transaction"]
    contact = filed["contact"]
    return ApplicationDocument(
        authority=authority_block(),
        reference=filed["application"]["name"],
        control_number=case.control_number,
        filed_at=case.registered_at,
        application_kind=wording.transaction_kind(transaction["kind"]),
        applicant=PartyBlock(
            role="Applicant",
            name=applicant["name"],
            address=(applicant["address"],) if applicant["address"] else (),
            country=countries.get(applicant["country"], applicant["country"]),
            registration=applicant["registration_number"],
            notes=_further(applicant),
        ),
        contact=tuple(filter(None, (contact["name"], contact["email"], contact["phone"]))),
        parties=tuple(_party(party, countries) for party in filed["parties"]),
        ownership=tuple(wording.stake_blocks(filed, countries)),
        transaction_kind=wording.transaction_kind(transaction["kind"]),
        delivery_modes=wording.delivery_modes(transaction["delivery_modes"]),
        destinations=tuple(countries.get(code, code) for code in destinations(filed)),
        items=tuple(wording.item_block(item, "") for item in filed["items"]),
        sites=tuple(wording.site_block(site, countries) for site in filed["sites"]),
        end_use=filed["end_use"]["statement"],
        sector=wording.sector(filed["end_use"]["sector"]),
        answers=(_answers(filed),),
        attachments=tuple(_attachment(row) for row in filed["attachments"]),
        certification=_certification(filed),
    )


SHOWN = ("Address", "Registration")  # in lines of their own


def _further(party: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{label}: {words}" for label, words in wording.known_by(party) if label not in SHOWN)


def _party(party: Mapping[str, Any], countries: Mapping[str, str]) -> PartyBlock:
    block = wording.party_block(party, countries)
    return replace(block, notes=(*block.notes, *_further(party)))


def _answers(filed: Mapping[str, Any]) -> AnswerGroup:
    end_use = filed["end_use"]
    answers = [
        AnswerBlock(question=question, answer="Yes" if end_use[name] else "No") for name, question in QUESTIONS.items()
    ]
    if end_use["human_oversight"]:
        answers.append(AnswerBlock(question="How do people oversee its decisions?", answer=end_use["human_oversight"]))
    whole = "All items or none" if filed["application"]["all_or_nothing"] else "Each item may be decided by itself"
    answers.append(AnswerBlock(question="All items or none?", answer=whole))
    return AnswerGroup(title="End use and safeguards", answers=tuple(answers))


def _attachment(row: Mapping[str, Any]) -> AttachmentBlock:
    return AttachmentBlock(
        filename=row["filename"],
        kind=str(AttachmentKind(row["kind"]).label),
        media_type=row["media_type"],
        size=f"{row['size'] / 1000:,.0f} kB" if row["size"] >= 1000 else f"{row['size']} bytes",
        sha256=row["sha256"],
    )


def _certification(filed: Mapping[str, Any]) -> CertificationBlock:
    certified = filed["certification"]
    return CertificationBlock(
        official=certified["official"],
        title=certified["title"],
        organization=filed["applicant"]["name"],
        certified_at=datetime.fromisoformat(certified["at"]),
        text_title="Certification of the applicant",
        text_version=str(certified["text_version"]),
        body=certified["statement"],
        application_sha256=certified["sha256"],
        prepared_by=filed["prepared_by"]["name"],
    )


def render_effect(key: str, payload: Mapping[str, Any]) -> None:
    """The outbox's handler: seal the application of a case. The same case gives the same document."""
    case = Case.objects.get(pk=uuid.UUID(payload["case_id"]))
    render_signed(
        kind="application",
        subject_kind="case",
        subject_id=str(case.pk),
        template="documents/application.html",
        context=application_context(case),
        attachment=case.as_filed,
        title=f"Application {case.control_number}",
        actor=SYSTEM,
    )
