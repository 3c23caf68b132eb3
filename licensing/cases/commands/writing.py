"""Letters that an officer writes of their own accord; the others come from what is decided."""

import uuid

from django.db import transaction

from licensing.accounts.models import Person
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import NotPermitted
from licensing.cases import letters, notices
from licensing.cases.commands.reviewing import case_for_reviewer, sentence
from licensing.cases.events import CaseEvent
from licensing.texts.models import Letter

INFORM = "inform"


@refusals_logged(CaseEvent.WROTE)
def inform_applicant(*, actor: Person, case_id: uuid.UUID, reason: str, source: str = "") -> Letter:
    """Write to the applicant about a case; `source` is the officer's version of the template in force. Nothing else changes."""
    with transaction.atomic():
        case = case_for_reviewer(actor, case_id)
        if not actor.reviews_for_authority():
            raise NotPermitted("not_an_officer", "Only an officer of the authority may write to the applicant.")
        more = {"reason": sentence("reason", reason)}
        letter = letters.write(case, INFORM, actor=actor, source=source, more=more)
        record(case, CaseEvent.WROTE, actor=actor, letter=str(letter.pk), title=letter.title)
        notices.letter(case)
    return letter
