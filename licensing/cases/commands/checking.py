"""The automated stage: completeness, classification, determination, destination lists, screening of every party.

Runs in a worker. Every step may be repeated: records are written once per run and the last ones are those of the case.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.audit.actors import SYSTEM
from licensing.audit.commands import record
from licensing.cases.events import CaseEvent
from licensing.cases.facts import facts_of
from licensing.cases.models import Case
from licensing.cases.rules import Filed, missing
from licensing.catalog.commands import record_classification
from licensing.policy.commands import record_determination
from licensing.policy.models import DeterminationRecord
from licensing.policy.rulesets import ReviewPolicy
from licensing.screening.commands import screen
from licensing.screening.match import ScreeningQuery
from licensing.screening.queries import open_hits

OUTCOMES = {
    "required": "clear",
    "needs_information": "incomplete",
    "not_required": "no_license_required",
    "exception": "exception",
    "prohibited": "prohibited",
}


@dataclass(frozen=True)
class Checked:
    """The outcome for the workflow, and the facts that the definition may ask for."""

    outcome: str
    facts: dict[str, bool]


def run_checks(*, case_id: uuid.UUID) -> Checked:
    """Check a case as filed. A screening that fails raises, so that the work is tried again; it is never "no match"."""
    case = Case.objects.select_related("application").get(pk=case_id)
    filed: Filed = case.as_filed
    if missing(filed):
        return _finish(case, "incomplete", {})
    entries = _classify(case)
    facts = facts_of(filed, entries)
    subject = ("case", str(case.pk))
    determination = record_determination(
        subject_kind=subject[0], subject_id=subject[1], facts=facts, at=timezone.now(), actor=SYSTEM
    )
    run = screen(actor=SYSTEM, subject_kind=subject[0], subject_id=subject[1], queries=screening_queries(filed))
    answer = determination.in_full
    outcome = OUTCOMES[answer["requirement"]]
    workflow_facts = {
        "any_nuclear_relevant": bool(facts.get("any_nuclear_relevant")),
        "destination_embargoed": bool(answer["destination_embargoed"]),
        "low_risk": answer["review_policy"] == ReviewPolicy.PRESUMPTION_OF_APPROVAL and not open_hits(*subject),
        "replaces_license": bool(filed["application"]["replaces_license"]),
    }
    return _finish(case, outcome, workflow_facts, determination=determination, screening_run=run)


def _classify(case: Case) -> dict[int, str]:
    entries = {}
    for item in case.application.items.select_related("model_version"):
        classification = record_classification(actor=SYSTEM, model_version_id=item.model_version_id)
        entries[item.number] = classification.entry if classification.controlled else ""
    return entries


def _finish(
    case: Case, outcome: str, facts: dict[str, bool], determination: DeterminationRecord | None = None, **links: Any
) -> Checked:
    with transaction.atomic():
        locked = Case.objects.locked(case.pk)
        locked.determination = determination
        for name, value in links.items():
            setattr(locked, name, value)
        locked.save(update_fields=["determination", *links])
        record(locked, CaseEvent.CHECKED, actor=SYSTEM, outcome=outcome)
    return Checked(outcome, facts)


def screening_queries(filed: Filed) -> Sequence[ScreeningQuery]:
    """Everybody whom a license would reach: applicant, parties, operators and owners of sites."""
    applicant = filed["applicant"]
    queries = [
        ScreeningQuery(
            ref=f"organization:{applicant['ref']}", role="applicant", kind="company", name=applicant["name"],
            aliases=(), country=applicant["country"], birth_date=None, identifiers=(),
        )
    ]  # fmt: skip
    for party in filed["parties"]:
        queries.append(
            ScreeningQuery(
                ref=f"party:{party['ref']}",
                role=party["role"],
                kind=party["kind"],
                name=party["name"],
                aliases=tuple(party["aliases"]),
                country=party["country"],
                birth_date=party["birth_date"],
                identifiers=tuple(party["identifiers"]),
            )
        )
        if party["ultimate_parent_name"]:
            queries.append(
                _organization(
                    f"party:{party['ref']}:parent",
                    "ultimate_parent",
                    party["ultimate_parent_name"],
                    party["ultimate_parent_country"],
                )
            )
    for site in filed["sites"]:
        queries.append(_organization(f"site:{site['ref']}", "site", site["name"], site["country"]))
        if site["operator"]:
            queries.append(
                _organization(f"site:{site['ref']}:operator", "operator", site["operator"], site["headquarters"])
            )
    return queries


def _organization(ref: str, role: str, name: str, country: str) -> ScreeningQuery:
    return ScreeningQuery(
        ref=ref, role=role, kind="company", name=name, aliases=(), country=country, birth_date=None, identifiers=()
    )
