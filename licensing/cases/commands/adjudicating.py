"""Deciding the screening hits of a case: what cannot be told yet is asked of the applicant, where the stage lets the officer ask."""

import uuid
from datetime import date

from django.db import transaction

from licensing.accounts.models import Person
from licensing.audit.commands import record, refusals_logged
from licensing.cases.commands.reviewing import ask_applicant, case_for_reviewer
from licensing.cases.events import CaseEvent
from licensing.cases.models import Case, Question
from licensing.screening.commands import decide_hit
from licensing.screening.models import Scope
from licensing.screening.queries import hits
from workflows import engine
from workflows.kernel import Actor as KernelActor


@refusals_logged(CaseEvent.ASKED)
def decide_case_hit(
    *,
    actor: Person,
    case_id: uuid.UUID,
    hit_id: int,
    status: str,
    reason: str,
    sentence: str,
    scope: str = Scope.PARTY,
    expires_on: date | None = None,
    question: str = "",
) -> Question | None:
    """Decide a hit (`screening.decide_hit`); returns the question that went to the applicant, if one did.

    A question that the stage or the officer's seats do not allow stays with the decision and in the trail of the case. Raises
    `Hit.DoesNotExist` for a hit of another case.
    """
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        hit = hits("case", str(case.pk)).get(pk=hit_id)
        decide_hit(
            actor=actor,
            hit_id=hit.pk,
            status=status,
            reason=reason,
            sentence=sentence,
            scope=scope,
            expires_on=expires_on,
            question=question,
        )
        if not question.strip():
            return None
        seat = _seat_that_asks(case, actor)
        if seat:
            return ask_applicant(actor=actor, case_id=case.pk, seat=seat, question=question)
        record(case, CaseEvent.TO_BE_ASKED, actor=actor, question=question.strip())
    return None


def _seat_that_asks(case: Case, actor: Person) -> str:
    """A seat of the officer's that may ask now; "" when none may."""
    allowed = engine.allowed(case.workflow, KernelActor(person=actor.actor_id, label=actor.actor_label))
    return next((action.seat for action in allowed if action.kind == "ask"), "")
