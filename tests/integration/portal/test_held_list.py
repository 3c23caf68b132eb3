"""A held load on the administrators' pages: seen with what it would change, and settled with a reason."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from licensing.audit.actors import SYSTEM
from licensing.screening import seeding
from licensing.screening.commands import import_list
from licensing.screening.models import ListSnapshot
from tests.examples.story import person, seed

pytestmark = pytest.mark.django_db


def test_a_held_load_is_seen_and_released(client: Client) -> None:
    seed()
    two = b"".join(seeding.PATH.read_bytes().splitlines(keepends=True)[:3])
    held = import_list(
        actor=SYSTEM, key="synthetic", name="", source="test", published_on=date(2026, 11, 25), content=two
    )
    client.force_login(person("henrik.dahl"), "allauth.account.auth_backends.AuthenticationBackend")
    assert "would go" in client.get(reverse("administrator:screening")).content.decode()
    page = reverse("administrator:snapshot", args=[held.pk])
    assert "What it would change" in client.get(page).content.decode()
    assert "Say why" in client.post(page, {"outcome": "release", "reason": "Short."}).content.decode()
    told = client.post(page, {"outcome": "release", "reason": "The office confirmed it."}, follow=True)
    assert "The load is in force." in told.content.decode()
    assert ListSnapshot.objects.get(pk=held.pk).state == "current"
    assert client.post(page, {"outcome": "refuse", "reason": "The office confirmed it."}).status_code == 409
