"""Control orders and live licenses: frozen as the order is served, freed as it is rescinded; nobody else is told before it is disclosed."""

import pytest
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.queries import trail, verify
from licensing.cases.models import Case
from licensing.licenses.models import License
from licensing.licenses.queries import public_status
from licensing.notices.models import Notice
from licensing.oversight.commands.asking import ask_impact
from licensing.oversight.models import Affected
from licensing.policy.commands import ordering, serving
from licensing.publishing.commands import edit_draft, open_draft
from licensing.publishing.models import Publication
from tests.examples.story import Story, person, seed, work_off

pytestmark = pytest.mark.django_db
CONTENT = {
    "title": "License requirement for Meridian Large",
    "legal_basis": "Authority Order 2026-07",
    "models": ["Meridian Large"],
    "requirement": "prohibited",
    "live_licenses": "freeze",
}


@pytest.fixture
def license_() -> License:
    seed()
    Story().decided()
    work_off()
    return License.objects.get()


def cleared() -> tuple[Person, Person]:
    return person("amara.okafor"), person("henrik.dahl")


def drafted() -> Publication:
    amara, _ = cleared()
    meridian = Story().organization
    draft = ordering.open_order(actor=amara, organization_id=meridian.pk, key="meridian-2026", note="An incident.")
    return ordering.edit_version(actor=amara, publication_id=draft.pk, changes=CONTENT)


def in_force(draft: Publication) -> Publication:
    amara, henrik = cleared()
    ordering.propose_version(actor=amara, publication_id=draft.pk)
    version = ordering.publish_version(actor=henrik, publication_id=draft.pk)
    serving.serve_order(actor=amara, publication_id=version.pk, method="electronic")
    work_off()
    return version


def norway_is_watched(petra: Person) -> Publication:
    draft = open_draft(actor=petra, kind="country_list", key="AUTHORITY_WATCH", note="Norway is watched")
    content = {**draft.content, "members": [{"code": "NO", "note": ""}]}
    return edit_draft(actor=petra, publication_id=draft.pk, content=content)


def status(license_: License) -> str:
    found = public_status(license_.number)
    assert found is not None
    return str(found.status)


def test_a_draft_order_says_which_licenses_it_freezes(license_: License) -> None:
    amara, _ = cleared()
    run = ask_impact(actor=amara, publication_id=drafted().pk)
    work_off()
    row = run.affected.get()
    assert (row.license, row.effect, row.requirement_after) == (license_, "frozen", "prohibited")
    assert row.orders == ["meridian-2026"]
    assert not run.affected.told_to(person("petra.vogel")).exists()
    assert status(license_) == "valid"


def test_an_order_freezes_and_its_rescission_frees(license_: License) -> None:
    in_force(drafted())
    assert status(license_) == "suspended"
    suspension = license_.suspensions.get()
    words = suspension.ordered_by + suspension.reason + " ".join(line.sentence for line in trail(license_))
    assert "meridian-2026" not in words
    assert "control order" not in words.lower()
    assert Notice.objects.filter(name="licenses/standing", text__contains="is suspended").exists()
    told = Notice.objects.filter(name="oversight/license_affected").values_list("to_email", flat=True)
    assert sorted(told) == ["grace.whitfield@entente.example", "ruth.calloway@entente.example"], (
        "who decided, and is cleared"
    )
    amara, _ = cleared()
    rescission = ordering.draft_version(
        actor=amara, kind="control_order", key="meridian-2026", note="It is over.", changes={"rescinded": True}
    )
    in_force(rescission)
    assert status(license_) == "reinstated"
    suspension.refresh_from_db()
    assert suspension.lifted_at is not None
    assert [row.effect for row in Affected.objects.filter(license=license_)] == ["frozen", "freed"]
    assert not Affected.objects.told_to(person("petra.vogel")).exists()
    assert verify() == []


def test_what_is_disclosed_is_told_to_everybody(license_: License) -> None:
    case = Story(version_name="4.0").checked()
    in_force(drafted())
    amara, henrik = cleared()
    assert not Case.objects.visible_to(person("omar.haddad")).filter(pk=case.pk).exists()
    petra = person("petra.vogel")
    run = ask_impact(actor=petra, publication_id=norway_is_watched(petra).pk)
    work_off()
    assert run.affected.filter(case=case).exists()
    assert not run.affected.told_to(petra).filter(case=case).exists()
    ordering.propose_disclosure(actor=amara, key="meridian-2026")
    ordering.disclose_order(actor=henrik, key="meridian-2026")
    work_off()
    case.refresh_from_db()
    assert case.determination is not None
    assert case.determination.answer["requirement"] == "prohibited"
    assert Case.objects.visible_to(person("omar.haddad")).filter(pk=case.pk).exists()
    told = Notice.objects.filter(name="oversight/case_changed", to_email="omar.haddad@entente.example")
    assert "meridian-2026" in told.get().text
    assert status(license_) == "suspended"
    assert license_.suspensions.standing_at(timezone.now()).count() == 1
