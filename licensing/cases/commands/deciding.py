"""Commands of the licensing officers: refer, decide item by item, countersign."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import refusals_logged
from licensing.audit.refusals import Invalid, NotNow, Problem
from licensing.cases import gates
from licensing.cases.commands.reviewing import MIN_SENTENCE, case_for_reviewer, pinned_texts, sentence
from licensing.cases.events import CaseEvent
from licensing.cases.models import Case, Decision, ItemDecision, ItemOutcome
from licensing.cases.moves import move, settle
from licensing.cases.queries import denied_items, recommended_conditions
from licensing.cases.rules import sha256, united_conditions

FAVORABLE = frozenset({"issue", "grant", "approve"})
MAX_MONTHS = 120


@dataclass(frozen=True)
class Proposal:
    """What an officer proposes. `items` maps item numbers to (outcome, reason); an item left out is approved.

    `conditions` and `riders` are `{"key", "parameters"}` of texts in force; the conditions that agencies asked for are added.
    """

    action: str
    reason: str
    valid_months: int | None = None
    items: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    conditions: Sequence[Mapping[str, Any]] = ()
    riders: Sequence[Mapping[str, Any]] = ()


@refusals_logged(CaseEvent.PROPOSED)
def decide_case(*, actor: Person, case_id: uuid.UUID, seat: str, proposal: Proposal) -> Decision:
    """Propose an action of the stage for a seat: refer, issue, intend to deny, send back, return.

    A favorable one needs every gate clear, keeps every condition that was recommended, and cannot approve an item that a
    recommendation in effect denies. Where the stage has a countersigner, the action runs when that seat agrees.
    """
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        reason = sentence("reason", proposal.reason)
        items = _items(case, proposal)
        favorable = proposal.action in FAVORABLE
        if favorable:
            gates.require_clear(case.pk, timezone.now())
            _check_favorable(case, proposal, items)
        decision = _draft_decision(case, actor, proposal, reason, favorable=favorable)
        outcome = move(case, "propose", actor, {"seat": seat, "action": proposal.action, "signs": decision.sha256})
        decision.save(force_insert=True)
        if favorable:
            ItemDecision.objects.bulk_create(
                ItemDecision(decision=decision, item=item, outcome=result, reason=why) for item, result, why in items
            )
        settle(
            case,
            outcome,
            CaseEvent.PROPOSED,
            actor,
            action=decision.action,
            sha256=decision.sha256,
        )
    return decision


def _items(case: Case, proposal: Proposal) -> list[tuple[Any, str, str]]:
    rows = {item.number: item for item in case.application.items.all()}
    problems = [
        Problem("items", str(number), f"The application has no item {number}; its items are {sorted(rows)}.")
        for number in proposal.items
        if number not in rows
    ]
    for number, (outcome, why) in proposal.items.items():
        if outcome not in ItemOutcome.values:
            problems.append(Problem(f"items.{number}", outcome, "Choose to approve or to deny the item."))
        if outcome == ItemOutcome.DENY and len(why.strip()) < MIN_SENTENCE:
            problems.append(Problem(f"items.{number}.reason", why, "Say why the item is denied."))
    if problems:
        raise Invalid(problems)
    return [(item, *proposal.items.get(number, (ItemOutcome.APPROVE, ""))) for number, item in rows.items()]


def _check_favorable(case: Case, proposal: Proposal, items: Sequence[tuple[Any, str, str]]) -> None:
    approved = {item.number for item, outcome, _ in items if outcome == ItemOutcome.APPROVE}
    problems = []
    if not approved:
        problems.append(Problem("items", "", "A license needs at least one approved item: deny the case instead."))
    if case.application.all_or_nothing and len(approved) < len(items):
        problems.append(
            Problem("items", "", "The applicant asked for all items or none: approve every item or deny the case.")
        )
    disputed = sorted(approved & denied_items(case))
    if disputed:
        problems.append(
            Problem(
                "items",
                ", ".join(map(str, disputed)),
                "An agency denies this item: it can be approved only through the dispute ladder.",
            )
        )
    if proposal.valid_months is None or not 1 <= proposal.valid_months <= MAX_MONTHS:
        problems.append(
            Problem("valid_months", str(proposal.valid_months), f"Give a validity between 1 and {MAX_MONTHS} months.")
        )
    if problems:
        raise Invalid(problems)


def _draft_decision(case: Case, actor: Person, proposal: Proposal, reason: str, *, favorable: bool) -> Decision:
    conditions = pinned_texts(proposal.conditions)
    if favorable:
        conditions = united_conditions([recommended_conditions(case), conditions])
    decision = Decision(
        case=case,
        stage=case.workflow.stage,
        round=case.workflow.round,
        action=proposal.action,
        officer=actor,
        reason=reason,
        valid_months=proposal.valid_months if favorable else None,
        conditions=conditions,
        riders=pinned_texts(proposal.riders),
        snapshot=_snapshot(case),
        proposed_at=timezone.now(),
    )
    decision.sha256 = sha256(
        {
            "case": str(case.pk),
            "action": decision.action,
            "officer": actor.actor_id,
            "reason": reason,
            "valid_months": decision.valid_months,
            "items": {str(number): list(choice) for number, choice in proposal.items.items()},
            "conditions": conditions,
            "riders": decision.riders,
            "snapshot": decision.snapshot,
        }
    )
    return decision


def _snapshot(case: Case) -> dict[str, Any]:
    return {
        "application_sha256": case.as_filed_sha256,
        "determination": case.determination_id,
        "screening_run": str(case.screening_run_id),
        "gates": {name: finding.light for name, finding in gates.look(case.pk, timezone.now()).items()},
    }


@refusals_logged(CaseEvent.COUNTERSIGNED)
def countersign(*, actor: Person, case_id: uuid.UUID, seat: str) -> Decision:
    """Agree to the proposal that stands; a second person, over exactly what was signed."""
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        decision = standing_proposal(case)
        if decision.action in FAVORABLE:
            gates.require_clear(case.pk, timezone.now())
        outcome = move(case, "agree", actor, {"seat": seat, "signs": decision.sha256})
        decision.countersigned_by = actor
        decision.countersigned_at = timezone.now()
        decision.save(update_fields=["countersigned_by", "countersigned_at"])
        settle(case, outcome, CaseEvent.COUNTERSIGNED, actor, action=decision.action)
    return decision


@refusals_logged(CaseEvent.RETURNED)
def return_proposal(*, actor: Person, case_id: uuid.UUID, seat: str, reason: str) -> Decision:
    """Send the proposal back to the officer, in a new round."""
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        decision = standing_proposal(case)
        decision.return_reason = sentence("reason", reason)
        decision.returned_at = timezone.now()
        outcome = move(case, "return", actor, {"seat": seat, "reason": decision.return_reason})
        decision.save(update_fields=["returned_at", "return_reason"])
        settle(
            case,
            outcome,
            CaseEvent.RETURNED,
            actor,
            reason=decision.return_reason,
        )
    return decision


def standing_proposal(case: Case) -> Decision:
    """The proposal that waits for a countersignature. Raises `NotNow` when there is none."""
    decision = case.decisions.filter(
        stage=case.workflow.stage, returned_at__isnull=True, countersigned_at__isnull=True
    ).last()
    if decision is None:
        raise NotNow("nothing_proposed", "No decision waits for a countersignature.")
    return decision
