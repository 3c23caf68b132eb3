"""Commands of administrators for what is stuck: a case that cannot go on by itself, and work that failed for good."""

import uuid
from typing import Any

from django.db import transaction

from licensing.accounts.models import Organization, Person
from licensing.accounts.permissions import may_administer
from licensing.accounts.queries import authority
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.cases.commands.reviewing import sentence
from licensing.cases.events import CaseEvent, WorkEvent
from licensing.cases.models import Case
from licensing.cases.moves import move, settle
from workflows import engine, outbox
from workflows.models import OutboxRow, OutboxState

APPROVED = "approved"  # the end of a case that has a license

# What the engine asks for besides the reason, by command.
RESCUES = {
    "retry": (),
    "reassign": ("seat", "to"),
    "skip": ("seat",),
    "hold": (),
    "resume": (),
    "force": ("stage",),
    "reopen": ("stage",),
    "cancel": (),
}


@refusals_logged(CaseEvent.MOVED)
def rescue(
    *, actor: Person, case_id: uuid.UUID, kind: str, reason: str, command_id: uuid.UUID | None = None, **data: str
) -> engine.Outcome:
    """Help a case that is stuck, for a reason that stays on record. Two people have to `force` the same stage.

    `kind` is one of `RESCUES`, which names its `data`. The same `command_id` again does nothing and gives the first answer.
    """
    if kind not in RESCUES:
        raise Invalid.one("kind", kind, f"Choose one of {', '.join(RESCUES)}.")
    with transaction.atomic():
        case = Case.objects.locked(case_id)
        if not may_administer(actor):
            raise NotPermitted("not_an_administrator", "Only an administrator may help a case that is stuck.")
        if kind == "reopen":
            _alone(case)
        if kind == "force":
            _not_past_issuance(case, data.get("stage", ""))
        given: dict[str, Any] = {name: data.get(name, "") for name in RESCUES[kind]}
        outcome = move(case, kind, actor, {**given, "reason": sentence("reason", reason)}, command_id)
        if not outcome.repeated:
            settle(case, outcome, None, actor)
    return outcome


def _alone(case: Case) -> None:
    """One pending application per transaction (15 CFR 748.4(f)), also when one is opened again."""
    pending = Case.objects.filter(transaction_digest=case.transaction_digest, closed_at__isnull=True)
    other = pending.exclude(pk=case.pk).first()
    if other is not None:
        raise NotNow("already_pending", f"The same transaction is pending as {other.control_number}.")


def _not_past_issuance(case: Case, stage: str) -> None:
    """Nobody ends a case as approved by hand: a license comes from issuance, behind its gates."""
    found = engine.definition_of(case.workflow).stages.get(stage)
    if found and found.end == APPROVED:
        raise NotNow("not_issued", f"{stage} is where a case with a license ends: move it to the issuance instead.")


@refusals_logged(WorkEvent.OWED_AGAIN)
def try_again(*, actor: Person, row_id: uuid.UUID) -> None:
    """Owe work again that failed for good, once somebody has mended the cause. An automated stage is retried on its case."""
    with transaction.atomic():
        if not may_administer(actor):
            raise NotPermitted("not_an_administrator", "Only an administrator may try failed work again.")
        row = OutboxRow.objects.select_for_update(of=("self",)).get(pk=row_id)
        if row.state != OutboxState.DEAD:
            raise NotNow("not_failed", "This work has been taken up again already.")
        if "instance" in row.payload:
            raise NotNow("of_a_case", "This is a stage of a case: try it again there.")
        office = Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=authority().organization_id)
        outbox.revive(row.pk)
        record(office, WorkEvent.OWED_AGAIN, actor=actor, effect=row.effect.replace("_", " "), key=row.key)
