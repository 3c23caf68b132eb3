"""Authorizations without a case: what they ask for is data; what was done counts at the moment of release."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from licensing.accounts.models import Organization
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.entente_check import offline
from licensing.licenses.authorizations.catalog import published
from licensing.licenses.authorizations.checks import Authorizations
from licensing.licenses.commands.authorizing import Duty, end_registration, record_duty, register
from licensing.licenses.commands.releasing import check_release
from licensing.licenses.credential import key_set
from licensing.licenses.models import DutyRecord, Registration
from licensing.licenses.releases.bundles import bundle
from licensing.licenses.releases.facts import Release
from licensing.parties.commands import register_party, register_site
from licensing.publishing.models import Publication
from tests.examples.story import MANIFEST, Story, person, seed

pytestmark = pytest.mark.django_db
NOW = datetime(2031, 11, 25, 12, tzinfo=UTC)  # after whatever day the seed is loaded on
LAB, GB = "Tamar Research Ltd", "GB"
CHIPS: dict[str, Any] = {
    "items": [{"name": "Appliance", "control_entry": "4A090", "weights": "published", "operations": 0}], "all_published": False,
    "military_end_use": False, "wmd_end_use": False,
}  # fmt: skip


@pytest.fixture
def company() -> Organization:
    """Meridian, with a model, a recipient in a partner country and a well-protected site there."""
    seed()
    story = Story()
    story.version()
    who: dict[str, Any] = {"actor": story.preparer, "organization_id": story.organization.pk}
    register_party(**who, kind="company", name=LAB, country=GB, headquarters=GB, ultimate_parent_country=GB)
    register_site(
        **who, name="Slough 1", country=GB, operator=LAB, headquarters_country=GB, ultimate_parent_country=GB, key_custody="exporter",
        security_level=4,
    )  # fmt: skip
    return story.organization


def begin(company: Organization, key: str, at: datetime = NOW) -> Registration:
    return register(actor=person("ada.lindqvist"), organization_id=company.pk, key=key, agreed=True, at=at)


def do(registration: Registration, kind: str, at: datetime = NOW, **more: Any) -> DutyRecord:
    duty = Duty(kind=kind, **{"recipient": LAB, "country": GB, "signed_by": "Isla Penrose", "agreed": True, **more})
    return record_duty(actor=person("ada.lindqvist"), registration_id=registration.pk, duty=duty, at=at)


def ask(
    company: Organization, modality: str, at: datetime = NOW, facts: dict[str, Any] | None = None, **more: Any
) -> Any:
    hash_ = "c4" * 32 if facts is CHIPS else MANIFEST  # chips stand in no register of models
    release = Release(**{
        "model_hash": hash_, "modality": modality, "destination": GB, "recipient": LAB, "recipient_country": GB, **more,
    })  # fmt: skip
    kept = check_release(actor=person("noa.feld"), organization=company, release=release, at=at, facts=facts)
    return kept.answer


def test_what_is_seeded_may_be_published_and_a_draft_is_told_by_field(company: Organization) -> None:
    assert [each.key for each in published(NOW)] == ["AIA", "BME-GENERAL-1", "BME-GLOBAL-1", "LPP", "NAC"]
    content = Publication.objects.get(kind="authorization", key="LPP").content
    assert Authorizations().validate("LPP", content) == []
    broken = {
        **content, "type": "treaty", "when": "militry_end_use", "conditions": ["condition:none"], "certified_facts": {"x": 1},
        "from": "soon", "duties": {"cap_per_year": -1, "wait": 2, "certification": "certification:none"},
    }  # fmt: skip
    found = {problem.field for problem in Authorizations().validate("LPP", broken)}
    assert found == {
        "type", "when", "conditions", "certified_facts", "from", "duties.cap_per_year", "duties.wait", "duties.certification",
        "duties.unit",
    }  # fmt: skip


def test_an_exception_of_the_policy_waits_for_its_certification_and_notice(company: Organization) -> None:
    at_site = {"site": "Slough 1", "site_country": GB, "quantity": Decimal(1000)}
    stated = {"military_end_use": False, "wmd_end_use": False}
    told = ask(company, "hosting_abroad", facts=stated, **at_site)
    assert told["allowed"] is False
    assert "Artificial Intelligence Authorization: Keep a certification of this recipient first." in told["missing"]
    registration = begin(company, "AIA")
    do(registration, "certification")
    do(registration, "notice")
    told = ask(company, "hosting_abroad", **at_site)
    assert (told["allowed"], told["under_kind"], told["under"]) == (True, "exception", "AIA")
    assert {row["key"] for row in told["conditions"]} == {"condition:weights-security", "condition:no-onward-transfer"}
    much = ask(company, "hosting_abroad", **{**at_site, "quantity": Decimal(253_000_000)})
    assert any("File the certification first" in line for line in much["missing"])
    do(registration, "filing")
    assert ask(company, "hosting_abroad", **{**at_site, "quantity": Decimal(253_000_000)})["allowed"] is True


def test_a_notice_is_waited_for_25_days_to_the_minute(company: Organization) -> None:
    registration = begin(company, "NAC")
    there = {"recipient": "Plant AS", "country": "CN"}
    do(registration, "certification", **there)
    do(registration, "notice", **there)
    where = {"destination": "CN", "recipient": "Plant AS", "recipient_country": "CN", "facts": CHIPS}
    free = NOW + timedelta(days=25)
    before = ask(company, "on_prem_appliance", at=free - timedelta(minutes=1), **where)
    assert any("Wait until December 20, 2031" in line for line in before["missing"]), before["missing"]
    after = ask(company, "on_prem_appliance", at=free, **where)
    assert (after["allowed"], after["under"]) == (True, "NAC")


def test_a_yearly_limit_counts_for_each_recipient_and_begins_anew(company: Organization) -> None:
    registration = begin(company, "LPP")
    do(registration, "certification")
    do(registration, "report", quantity=Decimal(26_000_000), used_on=NOW.date())
    assert ask(company, "on_prem_appliance", facts=CHIPS, quantity=Decimal(900_000))["under"] == "LPP"
    over = ask(company, "on_prem_appliance", facts=CHIPS, quantity=Decimal(900_001))
    assert any("Of this year's 26,900,000 TPP, 900,000 are left." in line for line in over["missing"])
    assert any(
        "State the quantity in TPP." in line for line in ask(company, "on_prem_appliance", facts=CHIPS)["missing"]
    )
    large = ask(company, "on_prem_appliance", facts=CHIPS, quantity=Decimal(3_200_000), at=NOW + timedelta(days=60))
    assert any("Notify the authority of this release first." in line for line in large["missing"])
    with pytest.raises(NotNow, match="900,000 are left"):
        do(registration, "report", quantity=Decimal(900_001), used_on=NOW.date())
    do(registration, "report", quantity=Decimal(-1_000_000), used_on=NOW.date(), note="Counted twice.")
    assert ask(company, "on_prem_appliance", facts=CHIPS, quantity=Decimal(1_900_000))["allowed"] is True
    with pytest.raises(Invalid, match="take back no more"):
        do(registration, "report", quantity=Decimal(-99_000_000), used_on=NOW.date(), note="Too much.")


def test_a_general_authorization_is_registered_for_used_and_reported(company: Organization) -> None:
    stated = {"military_end_use": False, "wmd_end_use": False}
    unregistered = ask(company, "api_access", facts=stated)
    assert any("Register for it first." in line for line in unregistered["missing"])
    registration = begin(company, "BME-GENERAL-1")
    do(registration, "certification")
    assert ask(company, "api_access")["under"] == "BME-GENERAL-1"
    late = NOW + timedelta(days=367)
    assert any("a report was due" in line for line in ask(company, "api_access", at=late)["missing"])
    do(registration, "report", at=late, recipient="", country="", quantity=Decimal(0), used_on=late.date())
    assert ask(company, "api_access", at=late + timedelta(minutes=1))["allowed"] is True
    end_registration(actor=person("ada.lindqvist"), registration_id=registration.pk, at=late + timedelta(days=1))
    assert ask(company, "api_access", at=late + timedelta(days=2))["allowed"] is False
    assert [line.event for line in trail(registration)] == [
        "authorization:registered", "authorization:duty:done", "authorization:duty:done", "authorization:ended",
    ]  # fmt: skip


def test_a_bundle_holds_what_an_authorization_allows_to_certified_recipients(company: Organization) -> None:
    now = timezone.now()
    do(begin(company, "BME-GENERAL-1", now), "certification", now)
    later = now + timedelta(seconds=1)
    token = bundle(person("noa.feld"), company, later)
    asked = {
        "model_hash": MANIFEST, "modality": "api_access", "destination": GB, "recipient": LAB, "recipient_country": GB, "site": "",
        "site_country": "",
    }  # fmt: skip
    assert offline(token, key_set(), asked, later, 24)["under"] == "BME-GENERAL-1"
    assert offline(token, key_set(), {**asked, "recipient": "Another Ltd"}, later, 24)["allowed"] is False
    assert offline(token, key_set(), {**asked, "modality": "weights_transfer"}, later, 24)["allowed"] is False


def test_a_bundle_says_how_much_may_go_where_a_quantity_counts(company: Organization) -> None:
    now = timezone.now()
    registration = begin(company, "AIA", now)
    do(registration, "certification", now)
    do(registration, "notice", now)
    do(registration, "report", now, quantity=Decimal(200_000_000), used_on=now.date())
    later = now + timedelta(seconds=1)
    token = bundle(person("noa.feld"), company, later)
    asked = {
        "model_hash": MANIFEST, "modality": "hosting_abroad", "destination": GB, "recipient": LAB, "recipient_country": GB,
        "site": "Slough 1", "site_country": GB,
    }  # fmt: skip
    found = offline(token, key_set(), {**asked, "quantity": "52999999"}, later, 24)
    assert (found["allowed"], found["under"], len(found["unchecked"])) == (True, "AIA", 1)
    for quantity, told in (("53000000", "File the certification first"), ("", "state the quantity in TPP")):
        refused = offline(token, key_set(), {**asked, "quantity": quantity}, later, 24)
        assert refused["allowed"] is False
        assert any(told in line for line in refused["missing"]), refused["missing"]
        on_line = ask(company, at=later, **{**asked, "quantity": Decimal(quantity) if quantity else None})
        assert on_line["allowed"] is False, "the server answers the same"


def test_who_may_do_what_and_what_is_refused(company: Organization) -> None:
    with pytest.raises(NotPermitted, match="certifying official"):
        register(actor=person("noa.feld"), organization_id=company.pk, key="AIA", agreed=True, at=NOW)
    with pytest.raises(Invalid, match="Agree to the statement"):
        register(actor=person("ada.lindqvist"), organization_id=company.pk, key="BME-GENERAL-1", agreed=False, at=NOW)
    with pytest.raises(NotNow, match="No authorization VEU is in force"):
        begin(company, "VEU")
    registration = begin(company, "AIA")
    with pytest.raises(NotNow, match="already"):
        begin(company, "AIA")
    duty = Duty(kind="certification", recipient=LAB, country=GB, signed_by="Isla Penrose", agreed=True)
    for login in ("tomas.reyes", "noa.feld", "omar.haddad"):
        with pytest.raises(NotPermitted):
            record_duty(actor=person(login), registration_id=registration.pk, duty=duty, at=NOW)
    with pytest.raises(Invalid) as refused:
        do(registration, "certification", recipient=" ", country="Narnia", signed_by="", agreed=False)
    assert {problem.field for problem in refused.value.problems} == {"recipient", "country", "signed_by", "agreed"}
    kept = do(registration, "certification")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DutyRecord.objects.filter(pk=kept.pk).update(signed_by="Somebody")


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_cannot_both_take_what_is_left(company: Organization) -> None:
    registration = begin(company, "LPP")
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def report() -> None:
        together.wait()
        try:
            do(registration, "report", quantity=Decimal(20_000_000), used_on=NOW.date())
            outcomes.append("kept")
        except NotNow as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=report) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "over_use"]
