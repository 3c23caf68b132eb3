"""Screening the parties of a case again when a list, the engine or the calendar has moved on since.

What people have decided holds where neither side has changed; anything new shuts the gate.
"""

import uuid

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from licensing.audit.actors import SYSTEM
from licensing.audit.commands import record
from licensing.cases import notices, screened
from licensing.cases.events import CaseEvent
from licensing.cases.models import Case
from licensing.screening.commands import screen
from licensing.screening.models import Hit, ScreeningRun
from licensing.screening.queries import is_fresh, latest_run, undecided
from workflows.models import Incident

UNSCREENED = "not_screened"


def screen_again(*, case_id: uuid.UUID) -> ScreeningRun:
    """Screen a case's parties as filed. A screening that fails raises, and leaves the gate pending: it is never "no match"."""
    case = Case.objects.get(pk=case_id)
    filed = case.as_filed
    return screen(
        actor=SYSTEM,
        subject_kind="case",
        subject_id=str(case.pk),
        queries=screened.queries(filed),
        stakes=screened.stakes(filed),
    )


@transaction.atomic
def adopt(*, case_id: uuid.UUID, run: ScreeningRun) -> list[Hit]:
    """Make a run that of the case; returns the undecided hits that its run before did not have undecided.

    Whatever follows from them belongs into the caller's transaction: a run that is not adopted leaves the case due.
    """
    case = Case.objects.locked(case_id)
    before = {_pair(hit) for hit in undecided(case.screening_run_id)}
    case.screening_run = run
    case.save(update_fields=["screening_run"])
    _incidents(case).update(resolved_at=timezone.now())
    return [hit for hit in undecided(run.pk) if _pair(hit) not in before]


@transaction.atomic
def note_unscreened(*, case_id: uuid.UUID, why: str) -> None:
    """Open an incident of a case whose parties cannot be screened, and tell its officers; once, until a screening of it is done."""
    case = Case.objects.locked(case_id)
    if _incidents(case).exists():
        return
    Incident.objects.create(instance=case.workflow, what=UNSCREENED, why=why[:2000], opened_at=timezone.now())
    record(case, CaseEvent.NOT_SCREENED, actor=SYSTEM, why=why)
    notices.not_screened(case, why)


def _incidents(case: Case) -> QuerySet[Incident]:
    return Incident.objects.filter(instance=case.workflow_id, what=UNSCREENED, resolved_at__isnull=True)


def rescreen_if_stale(*, case_id: uuid.UUID) -> None:
    """Screen again where the newest screening is no longer of the lists in force; else do nothing."""
    if not is_fresh(latest_run("case", str(case_id)), timezone.now()):
        adopt(case_id=case_id, run=screen_again(case_id=case_id))


def _pair(hit: Hit) -> tuple[str, str, str]:
    return hit.party_ref, hit.list_key, hit.entity_id
