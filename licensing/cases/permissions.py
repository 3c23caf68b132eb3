"""Who may do and see what with an application and a case."""

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_certify, may_prepare, may_review
from licensing.cases.models import Application, Case


def may_edit(person: Person, application: Application) -> bool:
    return may_prepare(person, application.organization)


def may_file(person: Person, application: Application) -> bool:
    return may_prepare(person, application.organization) or may_certify(person, application.organization)


def may_answer(person: Person, case: Case) -> bool:
    return may_file(person, case.application)


def may_work_on(person: Person, case: Case) -> bool:
    """Whether a pool of the person's has had a seat in the case, or the person is an officer of the authority."""
    return may_review(person) and Case.objects.visible_to(person).filter(pk=case.pk).exists()
