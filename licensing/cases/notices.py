"""What the applicant and the offices are told about a case: one function for each message."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from licensing.accounts.models import OrganizationKind, Person, Unit
from licensing.accounts.permissions import is_cleared
from licensing.accounts.queries import members
from licensing.cases.models import Appeal, Case, Question
from licensing.cases.progress import progress
from licensing.notices.commands import tell
from workflows.kernel.state import SeatStatus
from workflows.models import Seat


def filers(case: Case) -> Iterable[Person]:
    """Who prepared and who filed, each once, as long as they may sign in."""
    people = {person.pk: person for person in (case.application.prepared_by, case.filed_by)}
    return [person for person in people.values() if person.is_active]


def _about(case: Case) -> str:
    return f"cases.case:{case.pk}"


def filed(case: Case) -> None:
    for person in filers(case):
        tell(person, "cases/filed", {"case": case, "path": _case_path(case)}, about=_about(case))


def question_asked(question: Question) -> None:
    path = reverse("applicant:question", args=[question.pk])
    for person in filers(question.case):
        tell(
            person,
            "cases/question_asked",
            {"case": question.case, "question": question, "path": path},
            about=_about(question.case),
        )


def letter(case: Case) -> None:
    """A letter that comes with no message of its own."""
    for person in filers(case):
        tell(person, "cases/letter", {"case": case, "path": _case_path(case)}, about=_about(case))


def appeal_filed(appeal: Appeal) -> None:
    """Tell those who may decide it."""
    path = reverse("reviewer:appeal", args=[appeal.workflow.reference])
    for seat in appeal.workflow.seats.all():
        for person in _people_of(seat.pool, appeal.case):
            tell(person, "cases/appeal_filed", {"case": appeal.case, "path": path}, about=_about(appeal.case))


def stay(appeal: Appeal, becomes: str, reason: str) -> None:
    """Tell those who filed, and who appealed, that a stay is `granted`, `refused` or `lifted`."""
    path = reverse("applicant:appeal", args=[appeal.letter_id])
    context = {"case": appeal.case, "appeal": appeal, "becomes": becomes, "reason": reason, "path": path}
    for person in {each.pk: each for each in (*filers(appeal.case), appeal.filed_by)}.values():
        tell(person, "cases/stay", context, about=_about(appeal.case))


def closed(case: Case) -> None:
    """The end of a case without a license; an issued license has a message of its own."""
    if case.outcome == "approved":
        return
    for person in filers(case):
        context = {"case": case, "progress": progress(case), "path": _case_path(case)}
        tell(person, "cases/closed", context, about=_about(case))


def _people_of(pool: str, case: Case) -> list[Person]:
    """Who is in a pool today; of a case that tells of a confidential order only those who are cleared."""
    people = list(Person.objects.filter(pk__in=members(pool, timezone.now()), is_active=True))
    if Case.objects.confidential().filter(pk=case.pk).exists():
        return [person for person in people if is_cleared(person)]
    return people


def escalated(case: Case, *, pool: str, why: str) -> None:
    path = reverse("reviewer:case", args=[case.control_number])
    for person in _people_of(pool, case):
        tell(person, "cases/escalated", {"case": case, "why": why.replace("_", " "), "path": path}, about=_about(case))


def came_near(case: Case, names: str) -> None:
    """Tell those whose turn it is at the authority, holders of seats or else their units, that a party of an open case came near a name."""
    context = {"case": case, "names": names, "path": _screening_path(case)}
    for person in _on_turn(case):
        tell(person, "cases/came_near", context, about=_about(case))


def not_screened(case: Case, why: str) -> None:
    """Tell those whose turn it is at the authority, or who decided the case when it is closed, that its parties cannot be screened."""
    context = {"case": case, "why": why, "path": _screening_path(case)}
    for person in _deciders(case) if case.closed_at else _on_turn(case):
        tell(person, "cases/not_screened", context, about=_about(case))


def _on_turn(case: Case) -> Iterable[Person]:
    turns = Seat.objects.filter(instance=case.workflow_id, status__in=[SeatStatus.OPEN, SeatStatus.CLAIMED])
    units = Unit.objects.filter(organization__kind=OrganizationKind.AUTHORITY)
    wanted: set[str] = set()
    for seat in turns.filter(pool__in=units.values("pool")):
        wanted |= {seat.holder} if seat.holder else members(seat.pool, timezone.now())
    return Person.objects.filter(pk__in=wanted, is_active=True)


def _deciders(case: Case) -> Iterable[Person]:
    decision = case.decisions.filter(countersigned_at__isnull=False).order_by("countersigned_at").last()
    wanted = [key for key in (decision.officer_id, decision.countersigned_by_id) if key] if decision else []
    return Person.objects.filter(pk__in=wanted, is_active=True)


def _screening_path(case: Case) -> str:
    return reverse("reviewer:case", args=[case.control_number]) + "#screening"


def _case_path(case: Case) -> str:
    return reverse("applicant:case", args=[case.control_number])
