"""Tokens act for one person in one organization, and for no longer than that person does."""

from datetime import timedelta

import pytest
from django.utils import timezone

from licensing.accounts.commands import end_membership, issue_token, revoke_token
from licensing.accounts.models import ApiToken, Person
from licensing.accounts.queries import authenticate_token
from licensing.audit.actors import SYSTEM
from licensing.audit.models import Event
from licensing.audit.refusals import NotNow, NotPermitted
from tests.examples import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> people.Applicant:
    return people.applicant()


@pytest.fixture
def token(lumen: people.Applicant) -> tuple[ApiToken, str]:
    return issue_token(
        actor=lumen.preparer, person_id=lumen.preparer.pk, organization_id=lumen.organization.pk, label="Build server"
    )


def test_a_token_is_shown_once_and_kept_only_as_a_digest(token: tuple[ApiToken, str]) -> None:
    row, plain = token
    assert authenticate_token(plain) == row
    assert authenticate_token(row.digest) is None
    assert authenticate_token("") is None
    kept = [str(value) for value in ApiToken.objects.values().get().values()]
    kept += [str(data) for data in Event.objects.values_list("data", flat=True)]
    assert not any(plain in text for text in kept)
    assert plain.startswith(row.prefix)


def test_a_token_ends_with_its_persons_role(lumen: people.Applicant, token: tuple[ApiToken, str]) -> None:
    end_membership(actor=SYSTEM, membership_id=lumen.preparer.memberships.get().pk)
    assert authenticate_token(token[1]) is None


def test_a_token_ends_with_its_persons_account(lumen: people.Applicant, token: tuple[ApiToken, str]) -> None:
    Person.objects.filter(pk=lumen.preparer.pk).update(is_active=False)
    assert authenticate_token(token[1]) is None


def test_a_token_expires(token: tuple[ApiToken, str]) -> None:
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert authenticate_token(token[1]) is None


def test_a_token_is_revoked_once_and_by_its_person(lumen: people.Applicant, token: tuple[ApiToken, str]) -> None:
    with pytest.raises(NotNow):
        revoke_token(actor=lumen.official, token_id=token[0].pk)
    assert authenticate_token(token[1]) == token[0]
    revoke_token(actor=lumen.preparer, token_id=token[0].pk)
    assert authenticate_token(token[1]) is None
    with pytest.raises(NotNow):
        revoke_token(actor=lumen.preparer, token_id=token[0].pk)


def test_nobody_makes_a_token_for_somebody_else_or_elsewhere(lumen: people.Applicant) -> None:
    other = people.applicant("nimbus", "Cai", "Dov")
    with pytest.raises(NotPermitted):
        issue_token(
            actor=lumen.official, person_id=lumen.preparer.pk, organization_id=lumen.organization.pk, label="Theirs"
        )
    with pytest.raises(NotPermitted):
        issue_token(
            actor=lumen.preparer, person_id=lumen.preparer.pk, organization_id=other.organization.pk, label="Elsewhere"
        )
    assert not ApiToken.objects.exists()
