"""The automated stage: completeness, classification, determination, destination lists, screening of every party.

Runs in a worker. Every step may be repeated: records are written once per run and the last ones are those of the case.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.audit.actors import SYSTEM
from licensing.audit.commands import record
from licensing.cases import screened
from licensing.cases.commands.rescreening import rescreen_if_stale
from licensing.cases.events import CaseEvent
from licensing.cases.facts import facts_of, workflow_facts
from licensing.cases.models import Case
from licensing.cases.rules import Filed, missing
from licensing.catalog.commands import record_classification
from licensing.policy.commands import record_determination
from licensing.policy.models import DeterminationRecord
from licensing.policy.rulesets import ReviewPolicy
from licensing.screening.commands import screen
from licensing.screening.queries import standing_of, suspected
from workflows import engine

WITHOUT_A_LICENSE = frozenset(["not_required", "exception"])  # ends the case by itself, unless a party may be on a list
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
    facts: dict[str, Any]


def run_checks(*, case_id: uuid.UUID) -> Checked:
    """Check a case as filed. A screening that fails raises, so that the work is tried again; it is never "no match"."""
    case = Case.objects.select_related("application", "workflow").get(pk=case_id)
    filed: Filed = case.as_filed
    if missing(filed):
        return _finish(case, "incomplete", {})
    entries = _classify(case)
    facts = facts_of(filed, entries)
    subject = ("case", str(case.pk))
    determination = record_determination(
        subject_kind=subject[0],
        subject_id=subject[1],
        facts=facts,
        at=timezone.now(),
        actor=SYSTEM,
        applicant=case.application.organization_id,
    )
    run = screen(
        actor=SYSTEM,
        subject_kind=subject[0],
        subject_id=subject[1],
        queries=screened.queries(filed),
        stakes=screened.stakes(filed),
    )
    answer = determination.in_full
    found = standing_of(*subject, timezone.now())
    near = bool(found.waiting or found.blocked or found.referred)
    outcome = "clear" if near and answer["requirement"] in WITHOUT_A_LICENSE else OUTCOMES[answer["requirement"]]
    known = {
        "any_nuclear_relevant": bool(facts.get("any_nuclear_relevant")),
        "destination_embargoed": bool(answer["destination_embargoed"]),
        "low_risk": answer["review_policy"] == ReviewPolicy.PRESUMPTION_OF_APPROVAL and not suspected(*subject),
        "replaces_license": bool(filed["application"]["replaces_license"]),
        "asked_seats": answer.get("seats", ()),
    }
    told = workflow_facts(engine.definition_of(case.workflow).facts, known)
    checked = _finish(case, outcome, told, determination=determination, screening_run=run)
    rescreen_if_stale(
        case_id=case.pk
    )  # a list may have changed meanwhile, and its lookup have passed a case without a screening
    return checked


def _classify(case: Case) -> dict[int, str]:
    entries = {}
    for item in case.application.items.select_related("model_version"):
        classification = record_classification(actor=SYSTEM, model_version_id=item.model_version_id)
        entries[item.number] = classification.entry if classification.controlled else ""
    return entries


def _finish(
    case: Case, outcome: str, facts: dict[str, Any], determination: DeterminationRecord | None = None, **links: Any
) -> Checked:
    with transaction.atomic():
        locked = Case.objects.locked(case.pk)
        locked.determination = determination
        for name, value in links.items():
            setattr(locked, name, value)
        locked.save(update_fields=["determination", *links])
        record(locked, CaseEvent.CHECKED, actor=SYSTEM, outcome=outcome)
    return Checked(outcome, facts)
