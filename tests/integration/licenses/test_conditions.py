"""Conditions after the issue: who acknowledges them, by which link, and what use waits for."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.licenses.commands import conditions
from licensing.licenses.models import Acknowledgment, License, LicenseText
from licensing.licenses.queries import bound_parties, dues, waiting_at
from licensing.notices.models import Notice
from tests.examples.story import person, work_off

WHO = {
    "name": "Kari Holm",
    "title": "Director",
    "email": "kari.holm@example.org",
    "identity_shown_by": "Qualified signature of today",
    "agreed": "on",
}
HOST, HOSPITAL = "Nordlys Compute AS", "Fjordhelse Sykehus HF"


@pytest.fixture
def bound(license_: License) -> License:
    """The license with a condition that binds host and hospital, and waits for their acknowledgment."""
    rows: tuple[dict[str, Any], ...] = (
        {"key": "condition:acknowledgment", "duty": "acknowledgment", "precedent": True},
        {"key": "condition:access-logging", "duty": "logging", "binds": ["operator", "end_user"], "parameters": {"years": 5}},
        {"key": "condition:quarterly-report", "duty": "reporting", "parameters": {"cadence": "quarterly", "days": 30}},
    )  # fmt: skip
    for number, row in enumerate(rows, start=2):
        LicenseText.objects.create(
            license=license_, kind="condition", number=number, version=1, title="T", body="B", **row
        )
    return license_


def ask(license_: License, party: str = HOST, email: str = "post@example.org") -> str:
    """The path of the link that was mailed."""
    mail.outbox.clear()
    conditions.ask_to_acknowledge(actor=person("noa.feld"), license_id=license_.pk, party_name=party, email=email)
    work_off()
    link = next(line for line in str(mail.outbox[-1].body).splitlines() if "/acknowledge/" in line)
    return urlsplit(link).path


def test_every_bound_party_acknowledges_by_its_own_link_and_then_use_may_begin(bound: License) -> None:
    assert [party.name for party in bound_parties(bound)] == [HOSPITAL, HOST]
    assert [text.key for text in waiting_at(bound, timezone.now())] == ["condition:acknowledgment"]
    for party in (HOST, HOSPITAL):
        path = ask(bound, party)
        assert "acknowledgment of" in Client().post(path, WHO).content.decode()
    kept = Acknowledgment.objects.get(party_name=HOST)
    assert (kept.name, kept.title, kept.identity_shown_by) == ("Kari Holm", "Director", "Qualified signature of today")
    assert [(text["key"], text["version"]) for text in kept.texts] == [("condition:access-logging", 1)]
    evidence = Acknowledgment.objects.filter(pk=kept.pk)
    for rewrite in (evidence.delete, lambda: evidence.update(name="Somebody else"), lambda: evidence.update(texts=[])):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rewrite()
    bound = License.objects.get(pk=bound.pk)
    assert waiting_at(bound, timezone.now()) == []
    assert all(party.acknowledged for party in bound_parties(bound))
    assert any(f"{HOST} acknowledged the conditions" in line.sentence for line in trail(bound))


def test_no_row_holds_the_token(bound: License) -> None:
    token = ask(bound).split("/")[2]
    assert not Acknowledgment.objects.filter(token_digest=token).exists()
    assert not Notice.objects.filter(text__contains=token).exists()


def test_a_link_works_once_in_its_time_and_for_the_latest_request(bound: License) -> None:
    used = ask(bound)
    Client().post(used, WHO)
    assert (Client().get(used).status_code, Client().post(used, WHO).status_code) == (410, 409)
    old, late = ask(bound, HOSPITAL), ask(bound, HOSPITAL)
    assert Client().get(old).status_code == 410
    Acknowledgment.objects.filter(party_name=HOSPITAL).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "too old" in Client().get(late).content.decode()
    assert Client().get("/acknowledge/never-was/").status_code == 404
    for _ in range(3):
        ask(bound, HOSPITAL)
    with pytest.raises(NotNow, match="5 links were sent"):
        ask(bound, HOSPITAL)
    with pytest.raises(NotNow, match="acknowledged these conditions already"):
        ask(bound, HOST)


def test_what_is_missing_is_said_and_conditions_that_changed_need_a_new_link(bound: License) -> None:
    path = ask(bound)
    own = Client().post(path, {**WHO, "email": "Ada.Lindqvist@entente.example"}).content.decode()
    assert "own people" in own
    with pytest.raises(Invalid, match="own people"):
        ask(bound, email="noa.feld@entente.example")
    page = Client().post(path, {**WHO, "agreed": "", "identity_shown_by": ""}).content.decode()
    assert "How is your identity shown?" in page
    assert not Acknowledgment.objects.filter(acknowledged_at__isnull=False).exists()
    conditions.lapse_condition(
        actor=person("omar.haddad"), license_id=bound.pk, number=3, reason="The item needs no license any more."
    )
    with pytest.raises((NotNow, Invalid)):
        conditions.acknowledge(token=path.split("/")[2], **{**WHO, "agreed": True})  # type: ignore[arg-type]


def test_links_are_tried_only_so_often(bound: License) -> None:
    client = Client(REMOTE_ADDR="198.51.100.7")
    answers = {client.get(f"/acknowledge/guess-{each}/").status_code for each in range(61)}
    assert answers == {404, 429}


def test_only_the_licensee_asks_and_only_whom_a_condition_binds(bound: License) -> None:
    with pytest.raises(NotPermitted):
        conditions.ask_to_acknowledge(
            actor=person("omar.haddad"), license_id=bound.pk, party_name=HOST, email="post@example.org"
        )
    with pytest.raises(Invalid, match="No condition binds"):
        ask(bound, "Somebody Else AS")


def test_an_officer_finds_a_condition_met_and_lets_one_lapse(bound: License) -> None:
    officer = person("omar.haddad")
    conditions.meet_condition(actor=officer, license_id=bound.pk, number=2, evidence="Letters of both parties.")
    with pytest.raises(NotNow, match="does not wait"):
        conditions.meet_condition(actor=officer, license_id=bound.pk, number=2, evidence="Letters of both parties.")
    conditions.lapse_condition(actor=officer, license_id=bound.pk, number=4, reason="Decontrolled on this day.")
    assert waiting_at(bound, timezone.now()) == []
    assert dues(bound, bound.texts.get(number=4, kind="condition")) == []
    with pytest.raises(NotPermitted):
        conditions.lapse_condition(
            actor=person("noa.feld"), license_id=bound.pk, number=3, reason="We would like that."
        )


def test_reports_are_due_after_each_period(bound: License) -> None:
    found = dues(bound, bound.texts.get(number=4, kind="condition"))
    assert len(found) == 9  # the quarters of two years, the first and the last one cut
    assert found == sorted(found)
    assert found[-1] == bound.valid_until.date() + timedelta(days=30)
