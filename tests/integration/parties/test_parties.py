"""Parties, sites and stakes: kept once by their organization, checked as they are entered."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from licensing.audit.models import Refusal
from licensing.audit.queries import trail, verify
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.countries.models import Country
from licensing.countries.queries import forget
from licensing.parties.commands import record_stake, register_party, register_site, update_party
from licensing.parties.models import Identifier, OwnershipStake, Party, Site
from tests.examples import people

pytestmark = pytest.mark.django_db

LEI = "5493001KJTIIGC8Y1R12"
AS_OF = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def countries(db: None) -> Iterator[None]:
    Country.objects.bulk_create(
        [
            Country(code="US", name="United States", alpha3="USA"),
            Country(code="FR", name="France", alpha3="FRA"),
            Country(code="DE", name="Germany", alpha3="DEU"),
        ]
    )
    forget()
    yield
    forget()


@pytest.fixture
def lumen() -> people.Applicant:
    return people.applicant()


def party(lumen: people.Applicant, name: str = "Clinique Exemple SA", **details: Any) -> Party:
    given = {"kind": "company", "name": name, "country": "FR", **details}
    return register_party(actor=lumen.preparer, organization_id=lumen.organization.pk, **given)


def test_a_party_is_kept_for_its_organization_and_shown_to_no_other(lumen: people.Applicant) -> None:
    clinic = party(
        lumen,
        lei="5493 001k jtii gc8y 1r12",
        headquarters="FR",
        ultimate_parent_country="DE",
        aliases=["Clinex"],
        identifiers=[{"scheme": "LEI", "value": LEI}, {"scheme": "DUNS", "value": "150483782"}],
    )
    clinic.refresh_from_db()
    assert (clinic.lei, clinic.aliases) == (LEI, ["Clinex"])
    assert {str(row) for row in clinic.identifiers.all()} == {f"LEI {LEI}", "DUNS 150483782"}
    assert list(Party.objects.for_organization(lumen.organization)) == [clinic]
    assert not Party.objects.for_organization(people.applicant("nimbus", "Cai", "Dov").organization).exists()


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "7"}, "name"),
        ({"kind": "club"}, "kind"),
        ({"country": ""}, "country"),
        ({"country": "FX"}, "country"),
        ({"headquarters": "France"}, "headquarters"),
        ({"ultimate_parent_country": "fr"}, "ultimate_parent_country"),
        ({"lei": LEI[:-1] + "3"}, "lei"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"citizenships": ["FR"]}, "citizenships"),
        ({"birth_date": date(1980, 1, 1)}, "birth_date"),
        ({"kind": "person", "citizenships": ["FR", "ZZ"]}, "citizenships"),
        ({"identifiers": [{"scheme": "LEI", "value": LEI[::-1]}]}, "identifiers.0.value"),
        ({"identifiers": [{"scheme": "DUNS"}]}, "identifiers.0.value"),
        ({"identifiers": [{"scheme": "DUNS", "value": "1"}] * 2}, "identifiers.1.value"),
        ({"shoe_size": "43"}, "shoe_size"),
    ],
)
def test_a_wrong_answer_is_named_with_its_value_and_mend(
    lumen: people.Applicant, details: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        party(lumen, **details)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert refused.value.problems[0].mend
    assert not Party.objects.exists()
    assert not Identifier.objects.exists()


def test_all_that_is_wrong_is_said_at_once_with_the_nearest_country(lumen: people.Applicant) -> None:
    with pytest.raises(Invalid) as refused:
        party(lumen, name="", country="Germny", lei="1")
    problems = {problem.field: problem for problem in refused.value.problems}
    assert set(problems) == {"name", "country", "lei"}
    assert problems["country"].value == "Germny"
    assert "Germany (DE)" in problems["country"].mend


def test_a_person_has_citizenships_and_a_company_none_of_them(lumen: people.Applicant) -> None:
    somebody = party(lumen, "Nel Person", kind="person", citizenships=["FR", "DE"], permanent_residence="US")
    with pytest.raises(Invalid) as refused:
        update_party(actor=lumen.preparer, party_id=somebody.pk, kind="company")
    assert {problem.field for problem in refused.value.problems} == {"citizenships", "permanent_residence"}
    somebody.refresh_from_db()
    assert somebody.kind == "person"


def test_only_a_preparer_keeps_the_organizations_list(lumen: people.Applicant) -> None:
    clinic = party(lumen)
    stranger = people.applicant("nimbus", "Cai", "Dov").preparer
    for actor in (stranger, lumen.official):
        with pytest.raises(NotPermitted):
            update_party(actor=actor, party_id=clinic.pk, name="Taken over")
    with pytest.raises(NotPermitted):
        register_site(actor=stranger, organization_id=lumen.organization.pk, name="Site", country="FR")
    clinic.refresh_from_db()
    assert clinic.name == "Clinique Exemple SA"
    assert Refusal.objects.filter(code="not_a_preparer").count() == 3


def test_a_change_is_in_the_trail_and_an_empty_one_is_none(lumen: people.Applicant) -> None:
    clinic = party(lumen)
    update_party(actor=lumen.preparer, party_id=clinic.pk, city="Lyon", website="clinic.example")
    update_party(actor=lumen.preparer, party_id=clinic.pk)
    assert [event.event for event in trail(clinic)] == ["parties:party:registered", "parties:party:updated"]
    assert verify() == []


def test_a_site_says_where_whose_and_who_holds_the_keys(lumen: people.Applicant) -> None:
    where = {"name": "Frankfurt 2", "country": "DE", "headquarters_country": "US", "key_custody": "exporter"}
    site = register_site(
        actor=lumen.preparer, organization_id=lumen.organization.pk, operator="Example Cloud", security_level=3, **where
    )
    assert list(Site.objects.for_organization(lumen.organization)) == [site]
    wrong = {"country": "DD", "key_custody": "nobody", "security_level": 6}
    with pytest.raises(Invalid) as refused:
        register_site(actor=lumen.preparer, organization_id=lumen.organization.pk, **{**where, **wrong})
    assert {problem.field for problem in refused.value.problems} == set(wrong)


def stake(lumen: people.Applicant, owner: Party, owned: Party, percent: str | None) -> OwnershipStake:
    return record_stake(
        actor=lumen.preparer,
        owner_id=owner.pk,
        owned_id=owned.pk,
        percent=None if percent is None else Decimal(percent),
        as_of=AS_OF,
    )


def test_ownership_does_not_run_in_a_circle(lumen: people.Applicant) -> None:
    first, second, third = (party(lumen, name) for name in ("First", "Second", "Third"))
    stake(lumen, first, second, "60")
    stake(lumen, second, third, None)
    for owner, owned in ((third, first), (second, first), (first, first)):
        with pytest.raises(Invalid) as refused:
            stake(lumen, owner, owned, "5")
        assert refused.value.problems[0].field == "owned"
    assert OwnershipStake.objects.count() == 2


def test_shares_of_a_company_add_up_to_a_hundred_at_most(lumen: people.Applicant) -> None:
    first, second, third = (party(lumen, name) for name in ("First", "Second", "Third"))
    stake(lumen, first, third, "60")
    for percent in ("40.01", "0", "-1", "100.5"):
        with pytest.raises(Invalid) as refused:
            stake(lumen, second, third, percent)
        assert refused.value.problems[0].field == "percent"
    stake(lumen, second, third, "40")
    stake(lumen, first, third, "55")  # a newer figure takes the place of the older
    assert [row.percent for row in OwnershipStake.objects.order_by("owner__name")] == [Decimal(55), Decimal(40)]


def test_a_stake_joins_two_parties_of_one_list(lumen: people.Applicant) -> None:
    mine = party(lumen)
    theirs = party(people.applicant("nimbus", "Cai", "Dov"), "Elsewhere")
    person = party(lumen, "Nel Person", kind="person")
    for owned in (theirs, person):
        with pytest.raises(Invalid):
            stake(lumen, mine, owned, "10")
    assert not OwnershipStake.objects.exists()
