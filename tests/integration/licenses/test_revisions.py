"""Changes of a license: asked for, granted as the next revision, refused each with its own sentence; nothing is overwritten."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.accounts.commands import create_organization, grant_membership
from licensing.accounts.models import Organization, Person
from licensing.audit.actors import SYSTEM
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.cases.commands import deciding
from licensing.cases.practice import practice
from licensing.documents.queries import content_of
from licensing.documents.verify import verify
from licensing.licenses.changes import ACCEPTANCE, LETTERS
from licensing.licenses.commands import standing
from licensing.licenses.commands.looking_back import look_back
from licensing.licenses.commands.revising import (
    accept_transfer,
    grant_change,
    propose_grant,
    refuse_change,
    request_change,
)
from licensing.licenses.commands.watching import watch
from licensing.licenses.models import ChangeRequest, License
from licensing.licenses.queries import public_status
from licensing.licenses.register import for_holder
from licensing.screening import seeding
from licensing.screening.commands import import_list
from tests.examples.story import Story, person, work_off

BUYER = "DE HRB 4711"


def ask(license_: License, kind: str = "extension", login: str = "ada.lindqvist", **asked: Any) -> ChangeRequest:
    if kind == "extension" and not asked:
        asked = {"valid_until": license_.valid_until + timedelta(days=365)}
    letter = dict.fromkeys(LETTERS[kind], "As our letter of today says.")
    return request_change(actor=person(login), license_id=license_.pk, kind=kind, asked=asked, letter=letter)


def decide(request: ChangeRequest, login: str = "omar.haddad") -> ChangeRequest:
    """One officer proposes to grant it, another does."""
    propose_grant(actor=person(login), request_id=request.pk, reason="Nothing stands against it.")
    return grant_change(actor=person("grace.whitfield"), request_id=request.pk)


@pytest.fixture
def buyer(db: None, license_: License) -> Person:
    """Who certifies for a company that may take the license over."""
    company = create_organization(
        actor=SYSTEM, kind="applicant", key="halden", name="Halden Models GmbH", country="DE", registration_number=BUYER,
        address="Hafenstrasse 1, Bremen",
    )  # fmt: skip
    official = Person.objects.create_user(email="otto.lange@example.org", name="Otto Lange")
    grant_membership(actor=SYSTEM, person_id=official.pk, organization_id=company.pk, role="certifying_official")
    return official


def test_an_extension_is_a_new_revision_with_its_own_document_and_the_old_one_says_so(license_: License) -> None:
    asked_for = license_.valid_until.replace(year=license_.valid_until.year + 1, month=12, day=25, hour=18)
    request = ask(license_, valid_until=asked_for)
    with pytest.raises(NotNow, match="open already"):
        ask(license_, "name_change", name="Meridian AI, Inc.")
    with pytest.raises(NotPermitted):
        decide(request, login="dana.whitlock")
    new = decide(request).result
    assert new is not None
    assert (new.revision, new.number[:-3]) == ("B", license_.number[:-3])
    old = public_status(license_.number)
    assert old is not None
    assert (old.status, old.replaced_by) == ("valid", "")  # until the new one is signed

    unsigned = timezone.now()
    work_off()
    then = public_status(license_.number, unsigned)
    assert then is not None
    assert then.status == "valid", "what it was then, when nothing was signed, it stays when it is asked about later"
    assert License.objects.valid_at(unsigned).filter(pk=license_.pk).exists()
    assert not License.objects.valid_at(timezone.now()).filter(pk=license_.pk).exists()
    old, now = public_status(license_.number), public_status(new.number)
    assert old is not None
    assert now is not None
    assert (old.status, old.replaced_by, now.status) == ("replaced", new.number, "valid")
    new.refresh_from_db()
    assert new.data["validity"]["moved_from"] == f"{asked_for:%Y-12-25}"
    before = License.objects.get(pk=license_.pk)
    assert new.valid_until == practice("us-interagency", timezone.now()).validity.moved(asked_for).at
    assert (before.valid_until, before.document_id) == (license_.valid_until, license_.document_id)
    assert new.document is not None
    assert verify(content_of(new.document)).genuine
    for rows in ("items", "parties", "sites", "texts"):
        assert getattr(new, rows).count() == getattr(license_, rows).count()
    assert f"Replaced by {new.number}" in [line.sentence for line in trail(before)]


def test_an_extension_changes_the_date_and_nothing_else(license_: License) -> None:
    with pytest.raises(Invalid, match="the date and nothing else"):
        ask(license_, valid_until=license_.valid_until + timedelta(days=9), destination="SE")
    with pytest.raises(Invalid, match="Give a date after"):
        ask(license_, valid_until=license_.valid_until - timedelta(days=9))
    with pytest.raises(Invalid, match="why more time is needed"):
        request_change(
            actor=person("ada.lindqvist"), license_id=license_.pk, kind="extension",
            asked={"valid_until": license_.valid_until + timedelta(days=9)}, letter={"requestor": "Ada Lindqvist"},
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        ask(license_, login="noa.feld")


def test_a_name_changes_on_the_license_and_nowhere_else(license_: License) -> None:
    new = decide(ask(license_, "name_change", name="Meridian Intelligence, Inc.")).result
    work_off()
    assert new is not None
    new.refresh_from_db()
    assert new.data["licensee"]["name"] == "Meridian Intelligence, Inc."
    assert new.document is not None
    told = for_holder(new.number, new.document.sha256, timezone.now())
    assert told["licensee"] == "Meridian Intelligence, Inc."
    assert {**new.data["licensee"], "name": ""} == {**license_.data["licensee"], "name": ""}
    assert Organization.objects.get(pk=license_.licensee_id).name != "Meridian Intelligence, Inc."


def test_a_license_is_transferred_once_after_acceptance_and_approval(license_: License, buyer: Person) -> None:
    request = ask(license_, "transfer", registration_number=BUYER)
    with pytest.raises(NotNow, match="has not accepted"):
        decide(request)
    whole = dict.fromkeys(ACCEPTANCE, "We take it over and confirm.")
    with pytest.raises(NotPermitted):
        accept_transfer(actor=person("ada.lindqvist"), request_id=request.pk, acceptance=whole)
    with pytest.raises(Invalid):
        accept_transfer(actor=buyer, request_id=request.pk, acceptance={**whole, "jurisdiction": ""})
    accept_transfer(actor=buyer, request_id=request.pk, acceptance=whole)
    new = decide(request).result
    work_off()
    assert new is not None
    new.refresh_from_db()
    assert (new.licensee.name, new.data["licensee"]["registration_number"]) == ("Halden Models GmbH", BUYER)
    assert License.objects.held_by(buyer).get() == new
    far = seeding.PATH.read_bytes() + b"E-NEW-1,company,Nobody Near At All AS,,,NO,,,,,,,\n"
    snapshot = import_list(
        actor=SYSTEM, key="synthetic", name="", source="test", published_on=date(2026, 11, 25), content=far
    )
    assert look_back(snapshot_id=snapshot.pk, at=timezone.now()) == [new.case_id]  # the buyer stands in no application
    Organization.objects.filter(pk=new.licensee_id).update(name="Nordlys Computing AS", country="RU")  # comes near
    for _ in range(2):
        watch(case_id=new.case_id, at=timezone.now())
    assert [line.event for line in trail(License.objects.get(pk=new.pk))].count("license:screening:flagged") == 1

    letter = dict.fromkeys(LETTERS["transfer"], "As before.")
    with pytest.raises(NotNow, match="no license is transferred twice"):
        request_change(
            actor=buyer, license_id=new.pk, kind="transfer", asked={"registration_number": "0"}, letter=letter
        )
    with pytest.raises(IntegrityError, match="license_transferred_once"), transaction.atomic():
        ChangeRequest.objects.create(
            license=new, case=new.case, kind="transfer", asked={}, requested_at=timezone.now(), requested_by=buyer,
            transferee=license_.licensee, accepted_by=buyer, granted=True, decided_at=timezone.now(),
            decided_by=person("omar.haddad"), proposed_by=person("grace.whitfield"),
        )  # fmt: skip


def test_rights_are_given_by_two_officers(license_: License) -> None:
    request, omar = ask(license_), person("omar.haddad")
    with pytest.raises(NotNow, match="it takes two officers"):
        grant_change(actor=omar, request_id=request.pk)
    propose_grant(actor=omar, request_id=request.pk, reason="Nothing stands against it.")
    with pytest.raises(NotNow, match="proposed already"):
        propose_grant(actor=omar, request_id=request.pk, reason="Nothing stands against it.")
    with pytest.raises(NotPermitted, match="another officer has to grant it"):
        grant_change(actor=omar, request_id=request.pk)
    for proposer in (omar.pk, None):
        with pytest.raises(IntegrityError, match="change_request_granted_by_two"), transaction.atomic():
            ChangeRequest.objects.update(granted=True, decided_at=timezone.now(), decided_by=omar, proposed_by=proposer)
    assert License.objects.count() == 1


def test_nothing_is_changed_while_a_license_is_stopped_or_an_ending_is_proposed(license_: License) -> None:
    officer, request = person("omar.haddad"), ask(license_)
    standing.suspend_license(actor=officer, license_id=license_.pk, reason="Under investigation.", ordered_by="Omar")
    with pytest.raises(NotNow, match="only one in force"):
        decide(request)
    standing.lift_suspension(actor=officer, license_id=license_.pk, reason="It came to nothing.")
    standing.propose_ending(
        actor=officer, license_id=license_.pk, kind="revoked", reason="Under investigation.", basis="15 CFR 750.8"
    )
    with pytest.raises(NotNow, match="An ending of this license is proposed"):
        decide(request)
    assert refuse_change(actor=officer, request_id=request.pk, reason="An ending is proposed.").granted is False
    assert License.objects.count() == 1


def test_a_transferee_near_a_listed_party_needs_a_new_application(license_: License, buyer: Person) -> None:
    listed = "Ulitsa Severnogo Siyaniya 8, Murmansk 183038, Russia"  # its name alone is near nobody's
    Organization.objects.filter(registration_number=BUYER).update(address=listed)
    request = ask(license_, "transfer", registration_number=BUYER)
    accept_transfer(actor=buyer, request_id=request.pk, acceptance=dict.fromkeys(ACCEPTANCE, "We take it over."))
    with pytest.raises(NotNow, match="a new application has to be reviewed"):
        decide(request)


def test_an_extension_gives_no_more_than_a_new_license_could(license_: License) -> None:
    with pytest.raises(Invalid, match="more than 120 months from today"):
        ask(license_, valid_until=license_.valid_until.replace(year=9999))


def test_a_license_of_a_new_application_replaces_every_revision_of_the_one_that_it_names(license_: License) -> None:
    extended = decide(ask(license_)).result
    assert extended is not None
    work_off()
    story = Story(version_name="4.0")
    draft = story.draft(
        end_use_statement="Letters to patients of a second ward, written for and checked by its own physicians.",
        replaces_license=license_.number.lower(),
    )
    case = story.checked(story.file(draft))
    confirm = deciding.Proposal(action="confirm", reason="Only the ward has changed.")
    deciding.decide_case(actor=person("omar.haddad"), case_id=case.pk, seat="officer", proposal=confirm)
    story.decided(case)
    work_off()
    new = License.objects.get(case=case)
    old, first = public_status(extended.number), public_status(license_.number)
    assert old is not None
    assert first is not None
    assert (old.status, old.replaced_by, new.data["replaces"]) == ("replaced", new.number, extended.number)
    assert (first.status, first.replaced_by) == ("replaced", extended.number)
    assert new.number[:-3] != license_.number[:-3]
