"""The two desks for licenses, page by page: what a licensee reports and asks for, what an officer does about it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from licensing.cases.models import Application
from licensing.licenses.models import ChangeRequest, License
from tests.integration.licenses.conftest import issued, license_
from tests.integration.portal.test_acts import client_of

__all__ = ["issued", "license_"]
CONDITIONS = [
    {"key": "condition:quantity", "parameters": {"quantity": "5", "unit": "copies"}},
    {"key": "condition:access-logging"},
    {"key": "condition:s10-assessment-before-use"},
]
BROKEN = {
    b"\xff\xfe": "no CSV in UTF-8",
    b"a,b\n1,2\n": "The first line names the columns",
    b"client_reference\n": "Send 1 to",
}
ADA, NOA, OMAR, GRACE, DANA = "ada.lindqvist", "noa.feld", "omar.haddad", "grace.whitfield", "dana.whitlock"


class Desk:
    """Somebody at the pages of one license."""

    def __init__(self, login: str, license_: License) -> None:
        self.client, self.number = client_of(login), license_.number

    def get(self, name: str, *more: object, status: int = 200) -> str:
        answer = self.client.get(reverse(name, args=[self.number, *more]))
        assert answer.status_code == status
        return answer.content.decode()

    def post(self, name: str, *more: object, **data: object) -> str:
        return self.client.post(reverse(name, args=[self.number, *more]), data, follow=True).content.decode()


def test_an_officer_suspends_reinstates_and_two_revoke(license_: License) -> None:
    omar, grace = Desk(OMAR, license_), Desk(GRACE, license_)
    assert "Suspended" in omar.post("reviewer:license_act", "suspend", reason="Under investigation.")
    assert "Under investigation." in Desk(NOA, license_).get("applicant:license")
    assert "Reinstated" in omar.post("reviewer:license_act", "lift", reason="It came to nothing.")
    proposal = {"kind": "revoked", "basis": "15 CFR 750.8(a)", "reason": "The end user resold it."}
    assert "Confirm the proposal" not in omar.post("reviewer:license_act", "end", **proposal)
    assert "proposed by Omar Haddad" in grace.get("reviewer:license_act", "confirm")
    assert "Revoked" in grace.post("reviewer:license_act", "confirm")
    assert "nothing left" in omar.post("reviewer:license_act", "suspend", reason="Under investigation.")
    page = omar.post("reviewer:license_act", "relieve", reason="It had not been resold.")
    assert "Omar Haddad proposes to set the revocation aside: It had not been resold." in page
    assert "Let the revocation stand" in page
    assert license_.number in omar.client.get(reverse("reviewer:licenses") + "?waiting=1").content.decode()
    assert "another officer" in omar.post("reviewer:license_act", "reinstate")
    assert "Reinstated" in grace.post("reviewer:license_act", "reinstate")


def test_what_is_missing_stands_on_the_form(license_: License) -> None:
    page = Desk(OMAR, license_).post(
        "reviewer:license_act", "end", kind="revoked", basis="15 CFR 750.8", reason="short"
    )
    assert "Write between 10 and" in page


def test_a_condition_is_met_by_an_officer_and_shown_to_the_licensee(license_: License) -> None:
    number = license_.texts.get(key="condition:s10-assessment-before-use").number
    omar, noa = Desk(OMAR, license_), Desk(NOA, license_)
    assert "Not met yet" in noa.get("applicant:license")
    omar.get("reviewer:license_condition", number, "meet")
    assert "Attestation of today" in omar.post(
        "reviewer:license_condition", number, "meet", evidence="Attestation of today."
    )
    assert "Lapsed" in omar.post("reviewer:license_condition", number, "lapse", reason="It is decontrolled.")
    assert "Not met yet" not in noa.get("applicant:license")
    noa.get("reviewer:license", status=403)


def test_use_is_reported_by_form_and_file_line_by_line(license_: License) -> None:
    license_.texts.filter(precedent=True).update(precedent=False)
    noa = Desk(NOA, license_)
    at = license_.valid_from.strftime("%Y-%m-%d %H:%M:%S.%f")
    one = {"client_reference": "T-1", "kind": "transfer", "occurred_at": at, "quantity": "2"}
    assert "The use is recorded." in noa.post("applicant:usage", **one)
    assert "Only 3 copies is left" in noa.post("applicant:usage", **{**one, "client_reference": "T-2", "quantity": "4"})
    rows = f"client_reference,kind,occurred_at,quantity\nT-1,transfer,{at},2\nT-3,transfer,{at},9\nT-4,transfer,{at},1\nT-5,dance,,\n"
    page = noa.post("applicant:usage", file=SimpleUploadedFile("use.csv", rows.encode(), "text/csv"))
    for answer in ("There already", "Only 3 copies is left", "Recorded", "This field is required"):
        assert answer in page
    assert license_.usage.count() == 2
    for content, answer in BROKEN.items():
        assert answer in noa.post("applicant:usage", file=SimpleUploadedFile("use.csv", content, "text/csv"))


def test_a_change_is_routed_asked_for_and_granted(license_: License) -> None:
    ada, omar = Desk(ADA, license_), Desk(OMAR, license_)
    path = reverse("applicant:changes", args=[license_.number])
    assert "Nothing has to be filed" in ada.client.get(path, {"changes": ["address"]}).content.decode()
    assert "date and nothing else" in ada.client.get(path, {"changes": ["validity", "party"]}).content.decode()
    assert "Ask for it" in ada.client.get(path, {"changes": ["validity"]}).content.decode()
    assert "What changes" in ada.client.get(path, {"ask": "1"}).content.decode()
    ada.get("applicant:change", "extension")
    letter = {"requestor": "Ada Lindqvist, Director", "justification": "Deployment is late by a year."}
    wrong = ada.post("applicant:change", "extension", valid_until="2026-11-26", **letter)
    assert "Give a date after" in wrong
    assert "with the authority" in ada.post("applicant:change", "extension", valid_until="2031-01-31", **letter)
    request = ChangeRequest.objects.get()
    page = omar.get("reviewer:license_request", request.pk)
    assert ("Deployment is late" in page, "31 January 2031" in page) == (True, True)
    proposal = {"granted": "propose", "reason": "Nothing stands against it."}
    omar.post("reviewer:license_request", request.pk, **proposal)
    page = omar.get("reviewer:license_request", request.pk)
    assert ("Another officer has to grant it." in page, "Grant it, as proposed" in page) == (True, False)
    grace = Desk(GRACE, license_)
    assert "Omar Haddad proposes to grant it" in grace.get("reviewer:license_request", request.pk)
    assert "Write between" in grace.post("reviewer:license_request", request.pk, granted="no")
    assert "Granted" in grace.post("reviewer:license_request", request.pk, granted="yes")
    assert License.objects.filter(revision="B").exists()


def test_a_renewal_begins_with_everything_of_the_earlier_application(license_: License) -> None:
    page = Desk(NOA, license_).post("applicant:changes")
    assert "A draft is ready" in page
    draft = Application.objects.get(replaces_license=license_.number)
    before = license_.case.application
    assert (draft.end_use_statement, draft.items.count()) == (before.end_use_statement, before.items.count())
    assert [row.party_id for row in draft.parties.all()] == [row.party_id for row in before.parties.all()]


def test_a_license_is_given_up(license_: License) -> None:
    ada = Desk(ADA, license_)
    assert "cannot be taken back" in ada.get("applicant:surrender")
    assert "Surrendered" in ada.post("applicant:surrender", reason="We need it no longer.")


def test_a_party_is_asked_and_the_lists_show_status(license_: License) -> None:
    noa = Desk(NOA, license_)
    noa.get("applicant:acknowledgments")
    sent = noa.post("applicant:acknowledgments", party_name="Nordlys Compute AS", email="post@example.org")
    assert "The link is on its way" in sent
    assert license_.number in noa.client.get(reverse("applicant:licenses")).content.decode()
    omar = client_of(OMAR)
    for query, there in (("", True), ("?find=meridian", True), ("?find=nobody", False), ("?waiting=1", False)):
        page = omar.get(reverse("reviewer:licenses") + query).content.decode()
        assert (license_.number in page) is there, query


@pytest.mark.parametrize("name", ["reviewer:licenses", "reviewer:license"])
def test_only_the_authority_has_the_officers_desk(license_: License, name: str) -> None:
    path = reverse(name, args=[license_.number] if name == "reviewer:license" else [])
    assert [client_of(login).get(path).status_code for login in (OMAR, DANA, NOA)] == [200, 403, 403]


def test_what_is_not_there_is_a_404(license_: License) -> None:
    Desk(OMAR, license_).get("reviewer:license_act", "explode", status=404)
    Desk(OMAR, license_).get("reviewer:license_condition", 99, "meet", status=404)
    Desk(ADA, license_).get("applicant:change", "magic", status=404)
    Desk(DANA, license_).get("applicant:license", status=404)
