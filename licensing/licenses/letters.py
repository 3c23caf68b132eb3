"""The letters that tell a licensee that a license is suspended, revoked or void, or what became of an appeal against that."""

from collections.abc import Mapping
from datetime import datetime

from licensing.accounts.queries import authority
from licensing.audit.actors import SYSTEM, Actor
from licensing.cases.letters import appeal_words, day
from licensing.cases.practice import practice
from licensing.licenses.models import License
from licensing.texts.commands import write_letter
from licensing.texts.models import Letter


def write(
    license_: License,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str,
    basis: str = "",
    more: Mapping[str, str] | None = None,
) -> Letter:
    """Write a letter of this kind to the licensee of today, from the template in force."""
    case, licensee = license_.case, license_.licensee
    manner = practice(case.workflow.definition.key, at)
    values = {
        "authority": authority().name,
        "applicant": licensee.name,
        "application": case.as_filed["application"]["name"],
        "control_number": case.control_number,
        "license_number": license_.number,
        "date": day(at),
        "reason": reason,
        "regulatory_basis": basis,
        "contact": manner.contact,
        "appeal": "" if actor is SYSTEM else appeal_words(manner, kind),  # an order suspended it, and stands for itself
    }
    lines = licensee.address.split("\n") if licensee.address else []
    return write_letter(
        actor=actor, kind=kind, subject_kind="license", subject_id=str(license_.pk), reference=license_.number,
        addressee={"name": licensee.name, "lines": lines}, values=values | dict(more or {}), at=at,
    )  # fmt: skip
