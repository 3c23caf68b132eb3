"""Who may do what, from a day to a day, and who may change it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from licensing.accounts import permissions, queries
from licensing.accounts.commands import create_organization, end_membership, establish_authority, grant_membership
from licensing.accounts.models import Membership, Organization, Person, Role
from licensing.audit.actors import SYSTEM
from licensing.audit.models import Refusal
from licensing.audit.queries import trail, verify
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from tests.examples import people

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
DAY = timedelta(days=1)


def again(person: Person) -> Person:
    """The same person in another request: memberships are read once for each."""
    return Person.objects.get(pk=person.pk)


def test_the_government_has_a_unit_for_every_pool_of_the_workflow() -> None:
    government = people.government()
    units = {unit.pool for agency in government.agencies.values() for unit in agency.units.all()}
    assert units == set(people.pools())
    assert {"commerce.licensing_lead", "energy.nnsa", "executive.president"} <= units
    assert queries.authority() == government.authority
    assert [permissions.may_administer(person) for person in government.administrators] == [True, True]


def test_a_reviewer_is_in_the_pool_from_the_first_day_through_the_last() -> None:
    people.government()
    rui = people.reviewer("Rui", "commerce.licensing", "commerce.oc_chair")
    sol = people.reviewer("Sol", "defense.dtsa")
    membership = rui.memberships.get(unit__key="licensing")
    end_membership(actor=SYSTEM, membership_id=membership.pk, ends_on=TODAY() + DAY)
    held = [queries.members("commerce.licensing", timezone.now() + days * DAY) for days in (-1, 0, 1, 2)]
    assert held == [frozenset(), {rui.actor_id}, {rui.actor_id}, frozenset()]
    assert permissions.pools_of(again(rui)) == {"commerce.licensing", "commerce.oc_chair"}
    assert rui.reviews_for_authority()
    assert not sol.reviews_for_authority()
    assert permissions.may_review(sol)


def test_a_pool_is_asked_by_the_day_of_the_site_wherever_the_instant_was_written() -> None:
    people.government()
    rui = people.reviewer("Rui", "commerce.licensing")
    Membership.objects.update(starts_on="2026-11-24", ends_on="2026-11-24")
    eastern = timezone.get_fixed_timezone(-300)
    assert queries.members("commerce.licensing", datetime(2026, 11, 23, 22, tzinfo=eastern)) == {rui.actor_id}
    assert queries.members("commerce.licensing", datetime(2026, 11, 23, 22, tzinfo=UTC)) == frozenset()


def test_a_role_that_was_granted_today_can_be_taken_back_today() -> None:
    lumen = people.applicant()
    end_membership(actor=SYSTEM, membership_id=lumen.preparer.memberships.get().pk)
    assert not permissions.may_prepare(again(lumen.preparer), lumen.organization)
    assert list(again(lumen.preparer).applicant_organizations()) == []
    assert permissions.may_certify(lumen.official, lumen.organization)
    with pytest.raises(NotNow):
        end_membership(actor=SYSTEM, membership_id=lumen.preparer.memberships.get().pk)


def test_what_somebody_was_last_week_cannot_be_rewritten() -> None:
    lumen = people.applicant()
    with pytest.raises(Invalid) as refused:
        end_membership(
            actor=SYSTEM, membership_id=lumen.preparer.memberships.get().pk, ends_on=TODAY() - timedelta(days=7)
        )
    assert refused.value.problems[0].field == "ends_on"


def test_preparing_and_certifying_are_apart_and_end_at_the_organization() -> None:
    lumen, other = people.applicant(), people.applicant("nimbus", "Cai", "Dov")
    ada, bea = lumen.preparer, lumen.official
    assert permissions.may_prepare(ada, lumen.organization)
    assert not permissions.may_certify(ada, lumen.organization)
    assert not permissions.may_prepare(bea, lumen.organization)
    assert not permissions.may_prepare(ada, other.organization)
    assert list(ada.applicant_organizations()) == [lumen.organization]
    assert queries.members_of(lumen.organization, [Role.PREPARER, Role.CERTIFYING_OFFICIAL]) == [ada, bea]


def test_only_who_manages_an_organizations_accounts_grants_its_roles() -> None:
    kim, _ = people.government().administrators
    lumen = people.applicant()
    manager = people.member("Max", lumen.organization, Role.ACCOUNT_ADMINISTRATOR)
    nel = people.person("Nel")
    wanted = {"person_id": nel.pk, "organization_id": lumen.organization.pk}
    with pytest.raises(NotPermitted):
        grant_membership(actor=lumen.preparer, role=Role.PREPARER, **wanted)
    assert Refusal.objects.get().actor_label == "Ada"
    grant_membership(actor=manager, role=Role.PREPARER, **wanted)
    grant_membership(actor=kim, role=Role.CERTIFYING_OFFICIAL, **wanted)
    assert permissions.may_prepare(nel, lumen.organization)
    assert permissions.may_certify(nel, lumen.organization)
    with pytest.raises(NotPermitted, match="Somebody else"):
        grant_membership(
            actor=kim, person_id=kim.pk, organization_id=lumen.organization.pk, role=Role.CERTIFYING_OFFICIAL
        )


@pytest.mark.parametrize(
    ("where", "role", "unit", "field"),
    [
        ("commerce", "preparer", "", "role"),
        ("lumen", "administrator", "", "role"),
        ("lumen", "reviewer", "", "role"),
        ("commerce", "reviewer", "", "unit"),
        ("commerce", "reviewer", "basement", "unit"),
        ("commerce", "administrator", "licensing", "unit"),
        ("commerce", "owner", "", "role"),
    ],
)
def test_a_role_stands_where_it_belongs(where: str, role: str, unit: str, field: str) -> None:
    people.government()
    people.applicant()
    nel = people.person("Nel")
    with pytest.raises(Invalid) as refused:
        grant_membership(
            actor=SYSTEM, person_id=nel.pk, organization_id=Organization.objects.get(key=where).pk, role=role, unit=unit
        )
    assert refused.value.problems[0].field == field
    assert not nel.memberships.exists()


def test_everything_wrong_with_an_organization_is_said_at_once() -> None:
    people.government()
    with pytest.raises(Invalid) as refused:
        create_organization(
            actor=SYSTEM, kind="authority", key="Second Office", name=" ", country="usa", units={"Lic-1": "Licensing"}
        )
    assert {problem.field for problem in refused.value.problems} == {"kind", "key", "units", "name", "country"}


def test_an_installation_has_one_authority() -> None:
    commerce = people.government().authority.organization
    with pytest.raises(NotNow):
        establish_authority(actor=SYSTEM, organization_id=commerce.pk, jurisdiction="GB", name="Another", mark="X")
    assert queries.authority().jurisdiction == "US"


def test_people_sign_in_however_they_write_their_address(client: Client) -> None:
    ada = people.person("Ada")
    wrong = client.post("/account/sign-in/", {"login": "ada@example.org", "password": "wrong"})
    assert (wrong.status_code, get_user(client).is_authenticated) == (200, False)
    client.post("/account/sign-in/", {"login": " ADA@Example.org", "password": people.PASSWORD})
    assert get_user(client) == ada


def test_the_trail_tells_who_was_let_in_and_holds_together() -> None:
    lumen = people.applicant()
    assert [event.event for event in trail(lumen.preparer)] == [
        "accounts:person:created",
        "accounts:membership:granted",
    ]
    assert verify() == []
