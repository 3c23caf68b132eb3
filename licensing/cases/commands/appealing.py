"""Appeals against a denial: filed in time, decided by people who had no part in the case (15 CFR 756.2)."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.cases import letters, notices
from licensing.cases.commands.reviewing import sentence
from licensing.cases.events import CaseEvent
from licensing.cases.models import Appeal, Case, Stay
from licensing.cases.moves import FORBIDDING
from licensing.cases.permissions import may_file
from licensing.cases.practice import AppealRule, practice
from workflows import engine
from workflows.kernel import SYSTEM_ACTOR, Refused
from workflows.kernel import Actor as KernelActor

DENIED = "denied"
SET_ASIDE = "set_aside"


def appeal_rule(case: Case) -> AppealRule:
    """How an appeal against this case's denial is made. Raises `NotNow` where the practice in force names no way."""
    rule = practice(case.workflow.definition.key, timezone.now()).appeal
    if rule is None:
        raise NotNow("no_appeal", "The practice of the authority names no way of appeal.")
    return rule


def may_appeal_until(case: Case, at: datetime) -> datetime | None:
    """Up to when the applicant may still appeal; None where nothing was denied, the time is over, or an appeal is there."""
    rule = practice(case.workflow.definition.key, at).appeal
    if case.outcome != DENIED or case.closed_at is None or rule is None:
        return None
    until = letters.appeal_until(rule, case.closed_at)
    return until if at <= until and not case.appeals.filter(against=case.closed_at).exists() else None


@refusals_logged(CaseEvent.APPEALED)
def file_appeal(*, actor: Person, case_id: uuid.UUID, statement: str, hearing_requested: bool = False) -> Appeal:
    """Appeal against a denial: once, in full, and in time. It does not stay the denial; a stay is granted apart.

    Raises `NotNow` when the case was not denied, the time is over, or an appeal against this denial is there already.
    """
    with transaction.atomic():
        case = Case.objects.locked(case_id)
        if not may_file(actor, case.application):
            raise NotPermitted("not_the_applicant", "Only the applicant may appeal.")
        now = timezone.now()
        if case.outcome != DENIED or case.closed_at is None:
            raise NotNow("not_denied", "Only a denial can be appealed here.")
        rule = appeal_rule(case)
        until = letters.appeal_until(rule, case.closed_at)
        if now > until:
            raise NotNow("too_late", f"The time for an appeal ended on {letters.day(until)} ({rule.citation}).")
        if case.appeals.filter(against=case.closed_at).exists():
            raise NotNow("appealed_already", "An appeal against this denial was filed already.")
        said = sentence("statement", statement)
        outcome = engine.start(
            key=rule.workflow,
            reference=f"{case.control_number}-{case.appeals.count() + 1}",
            facts={},
            actor=_actor(actor),
            parent=case.workflow_id,
        )
        appeal = Appeal.objects.create(
            case=case, workflow=outcome.instance, against=case.closed_at, statement=said,
            hearing_requested=hearing_requested, filed_by=actor, filed_at=now,
        )  # fmt: skip
        record(case, CaseEvent.APPEALED, actor=actor, reference=outcome.instance.reference)
        notices.appeal_filed(appeal)
    return appeal


@refusals_logged(CaseEvent.APPEAL_DECIDED)
def decide_appeal(*, actor: Person, appeal_id: uuid.UUID, seat: str, action: str, reason: str) -> Appeal:
    """Decide an appeal; the letter says how and why. A denial that is set aside opens the case again where the practice says.

    Raises `NotPermitted` for whoever had a part in the case, in any seat of it.
    """
    with transaction.atomic():
        appeal, case = _locked(appeal_id)
        said, now = sentence("reason", reason), timezone.now()
        end = _execute(appeal, "propose", actor, {"seat": seat, "action": action, "signs": ""})
        appeal.outcome, appeal.reason, appeal.decided_by, appeal.decided_at = end, said, actor, now
        appeal.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
        appeal.stays.filter(lifted_at__isnull=True).update(lifted_at=now, lifted_by=actor)
        words = {"outcome": end.replace("_", " "), "reason": said}
        letters.write(case, "appeal", actor=actor, at=now, more=words)
        record(case, CaseEvent.APPEAL_DECIDED, actor=actor, outcome=words["outcome"], reason=said)
        notices.letter(case)
        if end == SET_ASIDE:
            _open_again(case, said)
    return appeal


def _open_again(case: Case, reason: str) -> None:
    """The system reopens the case, which follows by itself (`following.follow_system`)."""
    data = {"stage": appeal_rule(case).returns_to, "reason": f"The denial is set aside on appeal: {reason}"}
    engine.execute(instance_id=case.workflow_id, kind="reopen", actor=SYSTEM_ACTOR, data=data)


@refusals_logged(CaseEvent.STAYED)
def grant_stay(*, actor: Person, appeal_id: uuid.UUID, reason: str) -> Stay:
    """Let the denial have no effect while the appeal is open; somebody who may decide the appeal."""
    with transaction.atomic():
        appeal, case = _locked(appeal_id)
        _may_decide(appeal, actor)
        if appeal.stays.filter(lifted_at__isnull=True).exists():
            raise NotNow("stayed_already", "A stay is granted already.")
        said = sentence("reason", reason)
        stay = Stay.objects.create(appeal=appeal, reason=said, granted_by=actor, granted_at=timezone.now())
        record(case, CaseEvent.STAYED, actor=actor, reference=appeal.workflow.reference, reason=said)
        notices.stay(case, granted=True)
    return stay


@refusals_logged(CaseEvent.STAY_LIFTED)
def lift_stay(*, actor: Person, appeal_id: uuid.UUID, reason: str) -> Stay:
    """End a stay before the appeal is decided."""
    with transaction.atomic():
        appeal, case = _locked(appeal_id)
        _may_decide(appeal, actor)
        stay = appeal.stays.filter(lifted_at__isnull=True).first()
        if stay is None:
            raise NotNow("not_stayed", "No stay is in force.")
        said = sentence("reason", reason)
        stay.lifted_at, stay.lifted_by = timezone.now(), actor
        stay.save(update_fields=["lifted_at", "lifted_by"])
        record(case, CaseEvent.STAY_LIFTED, actor=actor, reference=appeal.workflow.reference, reason=said)
        notices.stay(case, granted=False)
    return stay


def _locked(appeal_id: uuid.UUID) -> tuple[Appeal, Case]:
    """The appeal and its case: the case's row first, as everybody takes it, then the appeal's workflow."""
    appeal = Appeal.objects.select_related("workflow").get(pk=appeal_id)
    case = Case.objects.locked(appeal.case_id)
    appeal.workflow = engine.locked(appeal.workflow_id)
    return appeal, case


def _actor(person: Person) -> KernelActor:
    return KernelActor(person=person.actor_id, label=person.actor_label)


def _may_decide(appeal: Appeal, actor: Person) -> None:
    if appeal.decided_at is not None:
        raise NotNow("decided", "The appeal is decided.")
    if not any(action.kind == "propose" for action in engine.allowed(appeal.workflow, _actor(actor))):
        raise NotPermitted("may_not_decide", "Only somebody who may decide the appeal, and had no part in the case.")


def _execute(appeal: Appeal, kind: str, actor: Person, data: dict[str, str]) -> str:
    """Move the appeal's workflow; its end. Raises as `moves.move` does."""
    try:
        outcome = engine.execute(instance_id=appeal.workflow_id, kind=kind, actor=_actor(actor), data=data)
    except Refused as refused:
        kind_of = NotPermitted if refused.code in FORBIDDING else NotNow
        raise kind_of(refused.code, refused.sentence) from refused
    end = outcome.instance.end
    if not end:
        raise Invalid.one("action", data["action"], "This does not decide the appeal.")
    return end
