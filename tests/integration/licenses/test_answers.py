"""What the authority says to notices under authorizations without a case: by letter, on record, and honored at the moment of release."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from django.urls import reverse

from licensing.accounts.models import Organization
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.licenses.commands import answering
from licensing.licenses.commands.authorizing import end_registration
from licensing.licenses.models import DutyAnswer, DutyRecord
from licensing.notices.models import Notice
from licensing.texts.queries import letters_about
from tests.examples.story import person
from tests.integration.cases.test_letters import text_of
from tests.integration.licenses.test_authorizations import CHIPS, NOW, ask, begin, company, do

__all__ = ["company"]
pytestmark = pytest.mark.django_db
THERE = {"recipient": "Plant AS", "country": "CN"}
WHY = "The recipient's owner makes them for an army."
FREE = NOW + timedelta(days=25)


def notified(company: Organization) -> DutyRecord:
    registration = begin(company, "NAC")
    do(registration, "certification", **THERE)
    return do(registration, "notice", **THERE)


def say(kept: DutyRecord, kind: str, after: int = 1, login: str = "omar.haddad", text: str = WHY) -> DutyAnswer:
    return answering.answer_duty(
        actor=person(login), record_id=kept.pk, kind=kind, text=text, at=NOW + timedelta(days=after)
    )


def missing(company: Organization, after: int = 26) -> list[str]:
    where = {"destination": "CN", "recipient": "Plant AS", "recipient_country": "CN", "facts": CHIPS}
    told: dict[str, Any] = ask(company, "on_prem_appliance", at=NOW + timedelta(days=after), **where)
    assert told["allowed"] is not bool(told["missing"])
    return told["missing"]


def test_an_objection_in_time_holds_releases_back_until_it_is_taken_back(company: Organization) -> None:
    kept = notified(company)
    with pytest.raises(NotPermitted):
        say(kept, "objected", login="noa.feld")
    for kind, text in (("wave", WHY), ("objected", "no")):
        with pytest.raises(Invalid):
            say(kept, kind, text=text)
    assert missing(company) == []
    say(kept, "objected")
    assert any(f"The authority objects: {WHY}" in line for line in missing(company))
    registration = kept.registration
    end_registration(actor=person("ada.lindqvist"), registration_id=registration.pk, at=NOW + timedelta(days=2))
    again = begin(company, "NAC", NOW + timedelta(days=3))
    for kind in ("certification", "notice"):
        do(again, kind, at=NOW + timedelta(days=3), **THERE)
    assert any("objects" in line for line in missing(company, 40)), "registering anew does not get around it"
    say(kept, "withdrawn", 41, text="The owner has changed since.")
    assert missing(company, 42) == []
    (letter, _) = letters_about("registration", str(registration.pk))
    assert (letter.kind, WHY in text_of(letter), "Plant AS (CN)" in text_of(letter)) == ("authorization", True, True)
    assert Notice.objects.filter(name="licenses/duty_answered").count() == 4
    assert [line.event for line in trail(registration)].count("authorization:duty:answered") == 2


def test_after_its_days_a_notice_is_objected_to_no_more_but_a_license_may_be_required(company: Organization) -> None:
    kept = notified(company)
    with pytest.raises(NotNow, match="inform the company that a license is required"):
        say(kept, "objected", 25)
    say(kept, "informed", 25)
    assert any(f"The authority requires a license: {WHY}" in line for line in missing(company, 30))
    with pytest.raises(NotNow):
        say(kept, "acknowledged", 26)


def test_a_question_holds_back_until_it_is_answered_and_what_is_void_was_not_done(company: Organization) -> None:
    kept = notified(company)
    say(kept, "asked", text="Who owns the plant today?")
    assert any("Answer the question" in line for line in missing(company))
    tell = {"record_id": kept.pk, "text": "A family trust in Oslo.", "at": NOW + timedelta(days=2)}
    with pytest.raises(NotPermitted):
        answering.answer_authority(actor=person("tomas.reyes"), **tell)
    answering.answer_authority(actor=person("noa.feld"), **tell)
    with pytest.raises(NotNow):
        answering.answer_authority(actor=person("noa.feld"), **tell)
    assert missing(company) == []
    certification = kept.registration.records.get(kind="certification")
    say(certification, "voided", 3, text="The signature is not the recipient's.")
    assert any("Keep a certification" in line for line in missing(company))
    with pytest.raises(NotNow):
        say(certification, "acknowledged", 4)
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        DutyAnswer.objects.update(text="")


def test_the_pages_of_officers_and_of_the_company(company: Organization) -> None:
    kept = notified(company)
    omar, noa, nel = Client(), Client(), Client()
    for client, login in ((omar, "omar.haddad"), (noa, "noa.feld"), (nel, "tomas.reyes")):
        client.force_login(person(login))
    queue, page = reverse("reviewer:notices"), reverse("reviewer:notice", args=[kept.pk])
    mine = reverse("applicant:duty_record", args=["NAC", kept.pk])
    assert page in omar.get(queue).content.decode()
    assert "Notified Advanced Computing" in omar.get(reverse("reviewer:registrations")).content.decode()
    assert omar.post(page, {"kind": "asked", "text": "no"}).status_code == 200
    assert omar.post(page, {"kind": "asked", "text": "Who owns the plant today?"}).status_code == 302
    assert page not in omar.get(queue).content.decode()
    assert "Who owns the plant today?" in noa.get(mine).content.decode()
    assert noa.post(mine, {"text": "A family trust in Oslo."}).status_code == 302
    assert page in omar.get(queue).content.decode()
    assert "A family trust in Oslo." in omar.get(page).content.decode()
    letter = reverse("letter", args=[letters_about("registration", str(kept.registration_id)).get().pk])
    assert (omar.get(letter).status_code, noa.get(letter).status_code, nel.get(letter).status_code) == (200, 200, 404)
    assert nel.get(mine).status_code == 404
