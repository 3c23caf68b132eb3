"""Commands of the licensing officers: refer, decide item by item, countersign."""

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import refusals_logged
from licensing.audit.refusals import NotNow
from licensing.cases import gates
from licensing.cases.commands.proposals import (
    FAVORABLE,
    GATED,
    ItemChoice,
    Proposal,
    check_favorable,
    grounded,
    item_choices,
)
from licensing.cases.commands.reviewing import case_for_reviewer, pinned_texts, sentence
from licensing.cases.events import CaseEvent
from licensing.cases.models import Case, Decision, ItemDecision
from licensing.cases.moves import move, settle
from licensing.cases.practice import practice
from licensing.cases.queries import recommended_conditions
from licensing.cases.rules import sha256, united_conditions


@refusals_logged(CaseEvent.PROPOSED)
def decide_case(*, actor: Person, case_id: uuid.UUID, seat: str, proposal: Proposal) -> Decision:
    """Propose an action of the stage for a seat: refer, issue, intend to deny, send back, return.

    One that lets the transaction go ahead needs every gate clear. A favorable one keeps every condition that was recommended, and
    cannot approve an item that a recommendation in effect denies. Where the stage has a countersigner, the action runs when that
    seat agrees.
    """
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        reason = sentence("reason", proposal.reason)
        manner = practice(case.workflow.definition.key, timezone.now())
        proposal = grounded(case, proposal, manner)
        items = item_choices(case, proposal, manner)
        favorable = proposal.action in FAVORABLE
        if proposal.action in GATED:
            gates.require_clear(case.pk, timezone.now())
        if favorable:
            check_favorable(case, proposal, items, manner, timezone.now())
        decision = _draft_decision(case, actor, proposal, reason, favorable=favorable)
        outcome = move(case, "propose", actor, {"seat": seat, "action": proposal.action, "signs": decision.sha256})
        decision.save(force_insert=True)
        if favorable:
            ItemDecision.objects.bulk_create(
                ItemDecision(
                    decision=decision,
                    item=item,
                    outcome=choice.outcome,
                    reason=choice.reason,
                    grounds=choice.grounds.kept,
                )
                for item, choice in items
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
        valid_from=proposal.valid_from if favorable else None,
        emergency=favorable and proposal.emergency,
        conditions=conditions,
        riders=pinned_texts(proposal.riders),
        grounds=proposal.grounds.kept,
        letter=proposal.letter,
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
            "valid_from": decision.valid_from.isoformat() if decision.valid_from else None,
            "emergency": decision.emergency,
            "items": {str(number): _signed(ItemChoice(*choice)) for number, choice in proposal.items.items()},
            "grounds": decision.grounds,
            "letter": decision.letter,
            "conditions": conditions,
            "riders": decision.riders,
            "snapshot": decision.snapshot,
        }
    )
    return decision


def _signed(choice: ItemChoice) -> list[Any]:
    return [choice.outcome, choice.reason, choice.grounds.kept]


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
        if decision.action in GATED:
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
