"""Asking at the moment of release, and keeping the question with its answer as evidence."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from licensing.accounts.models import Organization, Person
from licensing.audit.canonical import plain
from licensing.audit.commands import refusals_logged
from licensing.audit.refusals import Invalid, NotPermitted, Problem
from licensing.cases.fact_schema import problems as fact_problems
from licensing.cases.models import DeliveryMode
from licensing.catalog.commands import SHA256
from licensing.countries.queries import names
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import ReleaseCheck
from licensing.licenses.releases.answering import answer
from licensing.licenses.releases.facts import Release


@refusals_logged(LicenseEvent.RELEASE_CHECKED)
def check_release(
    *, actor: Person, organization: Organization, release: Release, at: datetime, facts: Mapping[str, Any] | None = None
) -> ReleaseCheck:
    """Answer whether a release is allowed at an instant, and keep it: one row, which never changes.

    `facts` are those that only the caller knows (`licensing.cases.facts`). Raises NotPermitted for somebody who does not act for the
    organization, and Invalid for a malformed question.
    """
    if not actor.acts_for(organization.pk):
        raise NotPermitted("not_yours", "You do not act for this organization.")
    found = [
        *_problems(release),
        *(Problem(f"facts.{each.field}", each.value, each.mend) for each in fact_problems(facts or {})),
    ]
    if found:
        raise Invalid(found)
    told = answer(actor, organization, release, facts or {}, at)
    return ReleaseCheck.objects.create(
        organization=organization,
        actor_id=actor.actor_id,
        actor_label=actor.actor_label,
        at=at,
        release=plain(asdict(release)),
        facts=plain(told.facts),
        allowed=told.allowed,
        under_kind=told.option.kind if told.option else "",
        under=told.option.key if told.option else "",
        answer=plain(told.to_json()),
    )


def _problems(release: Release) -> list[Problem]:
    countries = names()
    found = []
    if not SHA256.fullmatch(release.model_hash):
        found.append(
            Problem(
                "model_hash",
                release.model_hash[:80],
                "Give the SHA-256 of the manifest: 64 characters, 0-9 and a-f.",
            )
        )
    if release.modality not in DeliveryMode.values:
        found.append(Problem("modality", release.modality[:80], f"Give one of {', '.join(DeliveryMode.values)}."))
    for name in ("destination", "recipient_country", "site_country"):
        code = getattr(release, name)
        if code not in countries and (code or name != "site_country"):
            found.append(Problem(name, code[:80], "Give the code of a country, such as NO."))
    if not release.recipient.strip():
        found.append(Problem("recipient", "", "Name who receives it."))
    if release.quantity is not None and release.quantity <= 0:
        found.append(Problem("quantity", str(release.quantity), "Give a quantity above zero."))
    return found
