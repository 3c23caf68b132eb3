"""Appeals against what a letter told: filed in time, decided by people who had no part in it, with effect (15 CFR 756.2).

They stand in this room because it sees both what can be appealed: decisions on a case, and what is done to a license.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
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
from licensing.licenses import letters as license_letters
from licensing.licenses import notices as license_notices
from licensing.licenses.commands.narrowing import set_narrowing_aside
from licensing.licenses.commands.standing import lift, locked, set_aside
from licensing.licenses.commands.staying import end_stay, stay_measure
from licensing.licenses.models import Ending, License, Narrowing, Suspension
from licensing.licenses.permissions import may_use
from licensing.texts.models import Letter
from workflows import engine
from workflows.kernel import SYSTEM_ACTOR, Refused
from workflows.kernel import Actor as KernelActor

SET_ASIDE = "set_aside"
OUTCOMES = {"upheld": "the decision is upheld, and stands", SET_ASIDE: "the decision is set aside"}
LICENSE, CASE = "license", "case"


def case_of(letter: Letter) -> Case:
    """The case that a letter is about, or the case of its license. Raises `NotNow` for a letter about neither."""
    if letter.subject_kind not in (LICENSE, CASE):
        raise NotNow("not_appealable", "A letter of this kind is not appealed here.")
    if letter.subject_kind == LICENSE:
        return License.objects.select_related("case__application__organization").get(pk=letter.subject_id).case
    return Case.objects.select_related("application__organization").get(pk=letter.subject_id)


def may_appeal(actor: Person, letter: Letter) -> bool:
    """Whoever files for the company that the letter is written to."""
    if letter.subject_kind == LICENSE:
        return may_use(actor, License.objects.select_related("licensee").get(pk=letter.subject_id))
    return may_file(actor, case_of(letter).application)


@dataclass(frozen=True)
class Window:
    """Up to when what a letter tells can be appealed, or why it cannot be; `never` is what the practice excludes for good."""

    until: datetime | None
    why_not: str = ""
    never: Sequence[str] = ()


def window(letter: Letter, at: datetime) -> Window:
    """Whether what a letter tells may be appealed at an instant; the same rule as in `file_appeal`."""
    never: Sequence[str] = ()
    try:
        rule = practice(case_of(letter).workflow.definition.key, at).appeal
        never = rule.never if rule else ()
        return Window(_until(letter, _rule(letter, at), at), never=never)
    except NotNow as refused:
        return Window(None, refused.sentence, never)


def _rule(letter: Letter, at: datetime) -> AppealRule:
    """How what this letter tells is appealed. Raises `NotNow` where the practice in force names no way."""
    rule = practice(case_of(letter).workflow.definition.key, at).appeal
    if rule is None:
        raise NotNow("no_appeal", "The practice of the authority names no way of appeal.")
    if letter.kind not in rule.against:
        can = ", ".join(kind.replace("-", " ") for kind in rule.against)
        raise NotNow("not_appealable", f"A letter of this kind cannot be appealed ({rule.citation}); these can: {can}.")
    if Suspension.objects.filter(letter=letter, suspended_by__isnull=True).exists():
        raise NotNow(
            "by_an_order", f"An order suspended the license, and an order is not appealed here ({rule.citation})."
        )
    return rule


def _until(letter: Letter, rule: AppealRule, at: datetime) -> datetime:
    until = letters.appeal_until(rule, letter.written_at)
    if at > until:
        raise NotNow("too_late", f"The time for an appeal ended on {letters.day(until)} ({rule.citation}).")
    if Appeal.objects.filter(letter=letter).exists():
        raise NotNow("appealed_already", "An appeal against this decision was filed already.")
    return until


@refusals_logged(CaseEvent.APPEALED)
def file_appeal(
    *,
    actor: Person,
    letter_id: uuid.UUID,
    statement: str,
    hearing_requested: bool = False,
    stay: str = "",
    at: datetime | None = None,
) -> Appeal:
    """Appeal against what a letter told: once, in full, and in time. It stays nothing; `stay` says why it should, which is decided apart.

    Raises `NotNow` when such a letter cannot be appealed, the time is over, or an appeal is there already.
    """
    with transaction.atomic():
        letter = Letter.objects.get(pk=letter_id)
        case = Case.objects.locked(case_of(letter).pk)
        if not may_appeal(actor, letter):
            raise NotPermitted("not_the_addressee", "Only the company that the letter is written to may appeal.")
        now = at or timezone.now()
        rule = _rule(letter, now)
        _until(letter, rule, now)
        said = sentence("statement", statement)
        outcome = engine.start(
            key=rule.workflow,
            reference=f"{case.control_number}-{case.appeals.count() + 1}",
            facts={},
            actor=_actor(actor),
            parent=case.workflow_id,
        )
        appeal = Appeal.objects.create(
            case=case, letter=letter, workflow=outcome.instance, statement=said,
            hearing_requested=hearing_requested, filed_by=actor, filed_at=now,
        )  # fmt: skip
        record(case, CaseEvent.APPEALED, actor=actor, reference=outcome.instance.reference, against=appeal.against)
        notices.appeal_filed(appeal)
        if stay.strip():
            _ask_for_stay(appeal, case, actor, stay)
    return appeal


@refusals_logged(CaseEvent.APPEAL_DECIDED)
def decide_appeal(*, actor: Person, appeal_id: uuid.UUID, seat: str, action: str, reason: str) -> Appeal:
    """Decide an appeal; the letter says how and why. What is set aside has no effect any more, in the same transaction.

    Raises `NotPermitted` for whoever had a part in the decision, in any seat of the case or in what was done to the license.
    """
    with transaction.atomic():
        appeal, case = _locked(appeal_id)
        _require_apart(appeal, actor)
        said, now = sentence("reason", reason), timezone.now()
        end = _execute(appeal, "propose", actor, {"seat": seat, "action": action, "signs": ""})
        appeal.outcome, appeal.reason, appeal.decided_by, appeal.decided_at = end, said, actor, now
        appeal.save(update_fields=["outcome", "reason", "decided_by", "decided_at"])
        appeal.stays.standing_at(now).update(lifted_at=now, lifted_by=actor)
        appeal.stays.open().update(refused_at=now, refused_by=actor, reason="The appeal is decided.")
        record(case, CaseEvent.APPEAL_DECIDED, actor=actor, outcome=end.replace("_", " "), reason=said)
        _tell(appeal, case, actor, now)
        if end == SET_ASIDE:
            _take_effect(appeal, case, actor, said, now)
        _end_stay(appeal, actor, said)
    return appeal


def _tell(appeal: Appeal, case: Case, actor: Person, at: datetime) -> None:
    """By letter, to whom the letter that is appealed was written."""
    outcome = OUTCOMES.get(appeal.outcome, appeal.outcome.replace("_", " "))
    if appeal.letter.subject_kind == LICENSE:
        license_ = locked(uuid.UUID(appeal.letter.subject_id))
        license_letters.write(license_, "appeal", actor=actor, at=at, reason=appeal.reason, more={"outcome": outcome})
        license_notices.standing(license_, f"was appealed about, and {outcome}", appeal.reason)
    else:
        letters.write(case, "appeal", actor=actor, at=at, more={"outcome": outcome, "reason": appeal.reason})
        notices.letter(case)


def _take_effect(appeal: Appeal, case: Case, actor: Person, reason: str, at: datetime) -> None:
    """What was decided holds no more: the license has its rights back, the hold ends, or the case is opened again.

    The system moves the case, which follows by itself (`following.follow_system`).
    """
    letter, why = appeal.letter, f"Set aside on appeal: {reason}"
    if letter.subject_kind == LICENSE:
        license_ = locked(uuid.UUID(letter.subject_id))
        lift_now = license_.suspensions.ordered_at(at).filter(letter=letter)
        if lift_now:
            lift(license_, list(lift_now), actor=actor, reason=why, at=at)
        for ending in license_.endings.filter(letter=letter, set_aside_at__isnull=True):
            set_aside(license_, ending, actor=actor, reason=why, at=at, appeal=appeal.workflow.reference)
        for narrowing in license_.narrowings.filter(letter=letter):
            set_narrowing_aside(actor=actor, narrowing=narrowing, reason=why, at=at)
    elif letter.kind == "hold":
        if case.workflow.state.on_hold:
            _move(case, "resume", {"reason": why})
    else:
        _open_again(case, _rule(letter, at).against[letter.kind], why)


def _open_again(case: Case, stage: str, why: str) -> None:
    try:
        with transaction.atomic():
            _move(case, "reopen", {"stage": stage, "reason": why})
    except IntegrityError as error:  # case_one_pending_per_transaction
        raise NotNow(
            "pending_already",
            "The applicant has filed the same transaction anew, and it is pending: that case has to end first.",
        ) from error


def _move(case: Case, kind: str, data: Mapping[str, str]) -> None:
    try:
        engine.execute(instance_id=case.workflow_id, kind=kind, actor=SYSTEM_ACTOR, data=data)
    except Refused as refused:
        raise NotNow(refused.code, refused.sentence) from refused


@refusals_logged(CaseEvent.STAY_REQUESTED)
def request_stay(*, actor: Person, appeal_id: uuid.UUID, reason: str) -> Stay:
    """Ask that the decision have no effect while the appeal is open (15 CFR 756.2(e))."""
    with transaction.atomic():
        appeal, case = _locked(appeal_id)
        if not may_appeal(actor, appeal.letter):
            raise NotPermitted("not_the_addressee", "Only the company that appeals may ask for a stay.")
        _require_open(appeal)
        if appeal.stays.open().exists():
            raise NotNow("stay_there", "A stay is granted, or asked for, already.")
        return _ask_for_stay(appeal, case, actor, reason)


def _ask_for_stay(appeal: Appeal, case: Case, actor: Person, reason: str) -> Stay:
    said = sentence("stay", reason)
    stay = Stay.objects.create(appeal=appeal, request=said, requested_by=actor, requested_at=timezone.now())
    record(case, CaseEvent.STAY_REQUESTED, actor=actor, reference=appeal.workflow.reference, reason=said)
    return stay


@refusals_logged(CaseEvent.STAYED)
def grant_stay(*, actor: Person, appeal_id: uuid.UUID, reason: str) -> Stay:
    """Let the decision have no effect while the appeal is open, asked or not; somebody who may decide the appeal."""
    with transaction.atomic():
        appeal, case = _locked(appeal_id)
        _require_may_decide(appeal, actor)
        said, now = sentence("reason", reason), timezone.now()
        if appeal.stays.standing_at(now).exists():
            raise NotNow("stayed_already", "A stay is granted already.")
        if Narrowing.objects.filter(letter=appeal.letter).exists():
            raise NotNow(
                "not_stayable", "The license has been issued anew without the items: decide the appeal instead."
            )
        stay = appeal.stays.open().first() or Stay(appeal=appeal)
        stay.reason, stay.granted_by, stay.granted_at = said, actor, now
        stay.save()
        measure = _measure(appeal.letter)
        if measure is not None:
            stay_measure(actor=actor, measure=measure, appeal=appeal.workflow.reference, reason=said)
        record(case, CaseEvent.STAYED, actor=actor, reference=appeal.workflow.reference, reason=said)
        notices.stay(appeal, "granted", said)
    return stay


@refusals_logged(CaseEvent.STAY_REFUSED)
def refuse_stay(*, actor: Person, appeal_id: uuid.UUID, reason: str) -> Stay:
    """Refuse the stay that is asked for."""
    with transaction.atomic():
        appeal, case = _locked(appeal_id)
        _require_may_decide(appeal, actor)
        stay = appeal.stays.open().filter(granted_at__isnull=True).first()
        if stay is None:
            raise NotNow("not_asked_for", "No stay is asked for.")
        stay.reason, stay.refused_by, stay.refused_at = sentence("reason", reason), actor, timezone.now()
        stay.save(update_fields=["reason", "refused_by", "refused_at"])
        record(case, CaseEvent.STAY_REFUSED, actor=actor, reference=appeal.workflow.reference, reason=stay.reason)
        notices.stay(appeal, "refused", stay.reason)
    return stay


@refusals_logged(CaseEvent.STAY_LIFTED)
def lift_stay(*, actor: Person, appeal_id: uuid.UUID, reason: str) -> Stay:
    """End a stay before the appeal is decided."""
    with transaction.atomic():
        appeal, case = _locked(appeal_id)
        _require_may_decide(appeal, actor)
        now = timezone.now()
        stay = appeal.stays.standing_at(now).first()
        if stay is None:
            raise NotNow("not_stayed", "No stay is in force.")
        said = sentence("reason", reason)
        stay.lifted_at, stay.lifted_by = now, actor
        stay.save(update_fields=["lifted_at", "lifted_by"])
        _end_stay(appeal, actor, said)
        record(case, CaseEvent.STAY_LIFTED, actor=actor, reference=appeal.workflow.reference, reason=said)
        notices.stay(appeal, "lifted", said)
    return stay


def _measure(letter: Letter) -> Suspension | Ending | None:
    """What the letter told was done to a license."""
    return Suspension.objects.filter(letter=letter).first() or Ending.objects.filter(letter=letter).first()


def _end_stay(appeal: Appeal, actor: Person, reason: str) -> None:
    """Where something done to a license was stayed: what stands against the license has its effect again."""
    measure = _measure(appeal.letter)
    if measure is not None and measure.stays.filter(until_at__isnull=True).exists():
        end_stay(actor=actor, measure=measure, reason=reason)


def had_a_part(appeal: Appeal, person: Person) -> bool:
    """Whether somebody wrote, ordered, proposed or confirmed what is appealed; seats of the case are the engine's to tell."""
    letter, me = appeal.letter, person.pk
    orders = Suspension.objects.filter(letter=letter, suspended_by=me)
    endings = Ending.objects.filter(letter=letter)
    narrowings = Narrowing.objects.filter(letter=letter)
    took = [rows.filter(Q(proposed_by=me) | Q(confirmed_by=me)).exists() for rows in (endings, narrowings)]
    return letter.written_by_id == person.actor_id or orders.exists() or any(took)


def _require_apart(appeal: Appeal, actor: Person) -> None:
    if not Case.objects.visible_to(actor).filter(pk=appeal.case_id).exists():
        raise NotPermitted("not_told", "Only somebody who may know the case decides on its appeal.")
    if had_a_part(appeal, actor):
        raise NotPermitted("separation_of_duties", "You had a part in what is appealed: somebody else decides.")


def _locked(appeal_id: uuid.UUID) -> tuple[Appeal, Case]:
    """The appeal and its case: the case's row first, as everybody takes it, then the appeal's workflow."""
    appeal = Appeal.objects.select_related("workflow", "letter").get(pk=appeal_id)
    case = Case.objects.locked(appeal.case_id)
    appeal.workflow = engine.locked(appeal.workflow_id)
    return appeal, case


def _actor(person: Person) -> KernelActor:
    return KernelActor(person=person.actor_id, label=person.actor_label)


def _require_open(appeal: Appeal) -> None:
    if appeal.decided_at is not None:
        raise NotNow("decided", "The appeal is decided.")


def _require_may_decide(appeal: Appeal, actor: Person) -> None:
    _require_open(appeal)
    _require_apart(appeal, actor)
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
