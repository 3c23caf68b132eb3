"""Commands of agencies that review a case, and of the applicant who answers them."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.cases import letters, notices
from licensing.cases.events import CaseEvent
from licensing.cases.models import Attachment, AttachmentKind, Case, Question, Recommendation
from licensing.cases.moves import move, settle
from licensing.cases.permissions import may_answer, may_file, may_work_on
from licensing.countries.queries import names
from licensing.documents.commands import Uploaded, store_upload
from licensing.texts.queries import text

MIN_SENTENCE = 10
MAX_TEXT = 5000


def case_for_reviewer(actor: Person, case_id: uuid.UUID) -> Case:
    """The case, locked, for somebody who has a seat in it or works for the authority."""
    case = Case.objects.locked(case_id)
    if not may_work_on(actor, case):
        raise NotPermitted("not_a_reviewer", "You do not review this case.")
    return case


# What the engine is told besides seat and reason, by command.
ACTS = {"recuse": "", "appeal": "", "hold": "", "resume": "", "lift": "action", "delegate": "to", "hand_back": ""}
WITHOUT_REASON = frozenset({"delegate", "hand_back"})


@refusals_logged(CaseEvent.MOVED)
def claim_seat(*, actor: Person, case_id: uuid.UUID, seat: str) -> None:
    """Take an open seat of one of the actor's pools."""
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        settle(case, move(case, "claim", actor, {"seat": seat}), None, actor)


@refusals_logged(CaseEvent.MOVED)
def release_seat(*, actor: Person, case_id: uuid.UUID, seat: str) -> None:
    """Give a claimed seat back to its pool."""
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        settle(case, move(case, "release", actor, {"seat": seat}), None, actor)


@refusals_logged(CaseEvent.MOVED)
def act_on_case(
    *, actor: Person, case_id: uuid.UUID, kind: str, seat: str = "", choice: str = "", reason: str = ""
) -> None:
    """What a reviewer does besides voting and deciding; `kind` is one of `ACTS`, which names what `choice` is.

    All but lending work and giving it back need a reason, which stays on record.
    """
    if kind not in ACTS:
        raise Invalid.one("kind", kind, f"Choose one of {', '.join(ACTS)}.")
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        data = {"seat": seat, ACTS[kind] or "choice": choice}
        if kind not in WITHOUT_REASON:
            data["reason"] = sentence("reason", reason)
        settle(case, move(case, kind, actor, data), None, actor)


@refusals_logged(CaseEvent.RECOMMENDED)
def recommend(
    *,
    actor: Person,
    case_id: uuid.UUID,
    seat: str,
    vote: str,
    note: str = "",
    conditions: Sequence[Mapping[str, Any]] = (),
    denied_items: Sequence[int] = (),
    statutory_basis: str = "",
    regulatory_basis: str = "",
) -> Recommendation:
    """Vote for a seat. A denial needs reasons and its statutory and regulatory basis (15 CFR 750.4(d)(2)).

    `conditions` are `{"key", "parameters"}` of texts in force; they are united with those of the other seats.
    """
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        _check_recommendation(case, vote, note, conditions, denied_items, statutory_basis, regulatory_basis)
        pinned = pinned_texts(conditions)
        stage, round_ = case.workflow.stage, case.workflow.round
        outcome = move(
            case,
            "vote",
            actor,
            {
                "seat": seat,
                "vote": vote,
                "note": note,
                "conditions": [condition["key"] for condition in pinned],
                "denied_items": [str(number) for number in denied_items],
            },
        )
        now = timezone.now()
        case.recommendations.filter(stage=stage, round=round_, seat=seat, superseded_at__isnull=True).update(
            superseded_at=now
        )
        recommendation = Recommendation.objects.create(
            case=case,
            stage=stage,
            round=round_,
            seat=seat,
            person=actor,
            vote=vote,
            note=note,
            statutory_basis=statutory_basis,
            regulatory_basis=regulatory_basis,
            conditions=pinned,
            denied_items=sorted(denied_items),
            made_at=now,
            event_hash=outcome.instance.head,
        )
        settle(case, outcome, CaseEvent.RECOMMENDED, actor, seat=seat, vote=vote)
    return recommendation


def _check_recommendation(
    case: Case,
    vote: str,
    note: str,
    conditions: Sequence[Mapping[str, Any]],
    denied_items: Sequence[int],
    statutory_basis: str,
    regulatory_basis: str,
) -> None:
    problems = []
    if vote == "deny" or denied_items:
        for field, value, what in (
            ("note", note, "the reasons"),
            ("statutory_basis", statutory_basis, "the statutory basis"),
            ("regulatory_basis", regulatory_basis, "the regulatory basis"),
        ):
            if len(value.strip()) < MIN_SENTENCE:
                problems.append(Problem(field, value, f"A denial needs {what}, in at least {MIN_SENTENCE} characters."))
    if vote == "approve_with_conditions" and not conditions:
        problems.append(Problem("conditions", "", "Choose at least one condition, or approve without conditions."))
    numbers = {item["number"] for item in case.as_filed["items"]}
    problems += [
        Problem("denied_items", str(number), f"The application has no item {number}; its items are {sorted(numbers)}.")
        for number in denied_items
        if number not in numbers
    ]
    if problems:
        raise Invalid(problems)


def pinned_texts(chosen: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The chosen texts with the version in force now, and the items that they are limited to.

    Raises `Invalid` for one that is not in the library, or for a wrong parameter.
    """
    now, countries = timezone.now(), names() if chosen else {}
    return [
        text(choice["key"], now).pinned(choice.get("parameters"), countries)
        | ({"items": sorted(choice["items"])} if choice.get("items") else {})
        for choice in chosen
    ]


@refusals_logged(CaseEvent.ASKED)
def ask_applicant(*, actor: Person, case_id: uuid.UUID, seat: str, question: str) -> Question:
    """Ask the applicant; the clocks that the definition names stop until the answer is in (15 CFR 750.4(b)(1))."""
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        asked = Question(
            case=case, stage=case.workflow.stage, seat=seat, text=sentence("question", question), asked_by=actor
        )
        outcome = move(case, "ask", actor, {"seat": seat, "question_id": str(asked.pk)})
        asked.asked_at = timezone.now()
        asked.save(force_insert=True)
        letters.write(case, "question", actor=actor, at=asked.asked_at, more={"question": asked.text})
        notices.question_asked(asked)
        settle(case, outcome, CaseEvent.ASKED, actor, seat=seat)
    return asked


@refusals_logged(CaseEvent.ANSWERED)
def answer_question(
    *, actor: Person, question_id: uuid.UUID, answer: str, uploads: Sequence[Uploaded] = ()
) -> Question:
    """Answer a question for the applicant; the clocks run again."""
    with transaction.atomic():
        case = Case.objects.locked(Question.objects.values_list("case_id", flat=True).get(pk=question_id))
        if not may_answer(actor, case):
            raise NotPermitted("not_the_applicant", "Only the applicant may answer this question.")
        question = case.questions.get(pk=question_id)
        if question.answered_at is not None or question.closed_at is not None:
            raise NotNow("question_closed", "This question is closed already.")
        question.answer = sentence("answer", answer)
        question.answered_by = actor
        question.answered_at = question.closed_at = timezone.now()
        outcome = move(case, "answer", actor, {"question_id": str(question.pk)})
        question.save(update_fields=["answer", "answered_by", "answered_at", "closed_at"])
        for kept, uploaded in enumerate(uploads):
            stored = store_upload(actor=actor, uploaded=uploaded, kept=kept)
            Attachment.objects.create(
                application=case.application,
                question=question,
                kind=AttachmentKind.ANSWER,
                title=stored.filename,
                file=stored,
                attached_by=actor,
            )
        settle(case, outcome, CaseEvent.ANSWERED, actor)
    return question


@refusals_logged(CaseEvent.WITHDRAWN)
def withdraw_application(*, actor: Person, case_id: uuid.UUID, reason: str) -> None:
    """The applicant takes the application back, at any stage."""
    with transaction.atomic():
        case = Case.objects.locked(case_id)
        if not may_file(actor, case.application):
            raise NotPermitted("not_the_applicant", "Only the applicant may withdraw the application.")
        outcome = move(case, "withdraw", actor, {"reason": sentence("reason", reason)})
        settle(case, outcome, CaseEvent.WITHDRAWN, actor, reason=reason)


def sentence(field: str, value: str) -> str:
    """The text, stripped. Raises `Invalid` when it is shorter than a sentence or longer than a page."""
    value = value.strip()
    if not MIN_SENTENCE <= len(value) <= MAX_TEXT:
        raise Invalid.one(field, value[:80], f"Write between {MIN_SENTENCE} and {MAX_TEXT} characters.")
    return value
