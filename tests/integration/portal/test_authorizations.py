"""The pages of authorizations: begun, certified, asked about, ended, as somebody in a company would."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from licensing.licenses.models import DutyRecord, Registration, ReleaseCheck
from licensing.parties.commands import register_party
from licensing.parties.models import Party
from tests.examples.story import MANIFEST, Story, person, seed

pytestmark = pytest.mark.django_db


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(person(login), "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def recipient() -> Party:
    seed()
    story = Story()
    story.version()
    party: Party = register_party(
        actor=story.preparer, organization_id=story.organization.pk, kind="company", name="Tamar Research Ltd", country="GB",
        headquarters="GB", ultimate_parent_country="GB",
    )  # fmt: skip
    return party


def send(client: Client, act: str, **answers: Any) -> str:
    path = reverse("applicant:authorization_act", args=["BME-GENERAL-1", act])
    return client.post(path, answers, follow=True).content.decode()


def test_an_authorization_is_begun_certified_asked_about_and_ended(recipient: Party) -> None:
    ada, noa = client_of("ada.lindqvist"), client_of("noa.feld")
    question = {"model_hash": MANIFEST, "modality": "api_access", "destination": "GB", "party": recipient.pk}
    stated = {**question, "military_end_use": "False", "wmd_end_use": "False"}
    check = reverse("applicant:release_check")
    assert "Register for it first." in noa.post(check, stated).content.decode()

    assert "Agree, or do not register." in send(ada, "register")
    assert "Recorded." in send(ada, "register", agreed="on")
    assert "Confirm that you hold" in send(ada, "certification", party=recipient.pk, signed_by="Isla Penrose")
    assert "Isla Penrose" in send(ada, "certification", party=recipient.pk, signed_by="Isla Penrose", agreed="on")
    assert "Allowed under BME-GENERAL-1" in noa.post(check, question).content.decode()
    assert ReleaseCheck.objects.filter(actor_label="Noa Feld").count() == 2

    assert "Not used" in send(ada, "end")
    assert Registration.objects.get().ended_at is not None
    assert DutyRecord.objects.count() == 1


def test_who_may_not_and_what_is_not_there(recipient: Party) -> None:
    noa = client_of("noa.feld")
    assert "certifying official" in send(noa, "register", agreed="on")
    assert not Registration.objects.exists()
    for key, act in (("NONE", "register"), ("BME-GENERAL-1", "filing"), ("BME-GENERAL-1", "certification")):
        assert noa.get(reverse("applicant:authorization_act", args=[key, act])).status_code == 404
