"""Who may do and see what with an application and a case."""

from enum import StrEnum

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_administer, may_certify, may_prepare, may_review, pools_of
from licensing.cases.models import Application, Case


class Viewer(StrEnum):
    """In which capacity somebody looks at a case."""

    APPLICANT = "applicant"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"
    STRANGER = "stranger"


class Part(StrEnum):
    """A part of a case that is shown or not."""

    APPLICATION = "application"
    STATUS = "status"
    QUESTIONS = "questions"
    LICENSE = "license"
    DETERMINATION = "determination"
    SCREENING = "screening"
    RECOMMENDATIONS = "recommendations"
    DECISION = "decision"
    OFFICERS = "officers"
    TRAIL = "trail"


# Applicants never see agency votes, officers' names, internal notes or screening details.
SHOWN: dict[Viewer, frozenset[Part]] = {
    Viewer.APPLICANT: frozenset({Part.APPLICATION, Part.STATUS, Part.QUESTIONS, Part.LICENSE}),
    Viewer.REVIEWER: frozenset(Part),
    Viewer.ADMINISTRATOR: frozenset({Part.STATUS, Part.TRAIL}),
    Viewer.STRANGER: frozenset(),
}


def viewer(person: Person, case: Case) -> Viewer:
    if may_prepare(person, case.application.organization) or may_certify(person, case.application.organization):
        return Viewer.APPLICANT
    if may_review(person) and Case.objects.visible_to(person).filter(pk=case.pk).exists():
        return Viewer.REVIEWER
    return Viewer.ADMINISTRATOR if may_administer(person) else Viewer.STRANGER


def may_edit(person: Person, application: Application) -> bool:
    return may_prepare(person, application.organization)


def may_file(person: Person, application: Application) -> bool:
    return may_prepare(person, application.organization) or may_certify(person, application.organization)


def may_answer(person: Person, case: Case) -> bool:
    return may_file(person, case.application)


def may_work_on(person: Person, case: Case) -> bool:
    """Whether a pool of the person's has had a seat in the case, or the person is an officer of the authority."""
    return may_review(person) and Case.objects.visible_to(person).filter(pk=case.pk).exists()


__all__ = [
    "SHOWN",
    "Part",
    "Viewer",
    "may_answer",
    "may_edit",
    "may_file",
    "may_work_on",
    "pools_of",
    "viewer",
]
