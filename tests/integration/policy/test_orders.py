"""Control orders in the database: what each audience is answered, before and after it is told, and what binds meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from licensing.accounts.audience import CLEARED, PUBLIC, Audience
from licensing.accounts.models import Organization
from licensing.policy.models import Disclosure, Service
from licensing.policy.queries import ruleset
from licensing.policy.rules import Determination, determine
from tests.examples.story import seed

pytestmark = pytest.mark.django_db

JUNE_13 = datetime(2026, 6, 13, 12, tzinfo=UTC)
ALPHA: dict[str, Any] = {
    "exporter": "Cascade Intelligence, Inc.",
    "transaction_kind": "export",
    "delivery_modes": ["api_access"],
    "destinations": ["NO"],
    "items": [
        {
            "model": "Cascade Alpha 1", "name": "Cascade Alpha", "developer": "Cascade Intelligence, Inc.", "made_from": [],
            "weights": "closed", "operations": 1e24, "modalities": ["text"], "control_entry": "", "derivation": "", "security_level": 3,
        }
    ],
    "parties": [
        {
            "role": "end_user", "kind": "company", "name": "Fjordhelse Sykehus HF", "citizenships": [], "country": "NO",
            "headquarters": "NO", "ultimate_parent": "NO",
        }
    ],
    "sites": [],
    "sector": "health_care",
    "all_published": False,
    "control_entries": [],
    "max_operations": 1e24,
    "any_nuclear_relevant": False,
    "military_end_use": False,
    "wmd_end_use": False,
    "human_rights_concern": False,
    "decides_about_people": False,
}  # fmt: skip


def answer(at: datetime, known_at: datetime | None = None, audience: Audience = PUBLIC, **facts: Any) -> Determination:
    return determine(ruleset(at, known_at, audience=audience), {**ALPHA, **facts}, at)


def test_the_seeded_story_answers_by_instant_by_what_was_known_and_by_who_asks() -> None:
    seed()
    cascade = Audience(organizations=frozenset({Organization.objects.get(key="cascade").pk}))
    other = Audience(organizations=frozenset({Organization.objects.get(key="meridian").pk}))
    evening = datetime(2026, 6, 12, 21, 20, tzinfo=UTC)
    assert answer(evening, evening, CLEARED).requirement == "not_required"
    assert answer(JUNE_13, JUNE_13, CLEARED).requirement == "required"
    assert answer(JUNE_13, JUNE_13, cascade).requirement == "required"
    assert answer(JUNE_13, JUNE_13, other).requirement == "not_required"
    assert answer(JUNE_13, JUNE_13).requirement == "not_required"
    assert answer(JUNE_13).requirement == "required", "it has been disclosed since"
    relieved = answer(datetime(2026, 6, 27, tzinfo=UTC))
    assert (relieved.requirement, relieved.exception) == ("exception", "cascade-2026/trusted-partners")
    assert [(cited.key, cited.version) for cited in relieved.lists][-1] == ("CASCADE_PARTNERS", 1)
    assert answer(datetime(2026, 7, 1, tzinfo=UTC)).requirement == "not_required"


def test_the_public_rules_before_disclosure_are_those_without_any_order() -> None:
    seed()
    before = ruleset(JUNE_13, JUNE_13)
    assert before.orders == ()
    assert "cascade" not in repr(before).lower()
    assert ruleset(JUNE_13, JUNE_13, audience=CLEARED).orders[0].ref.version == 1


def test_what_was_served_and_disclosed_stays() -> None:
    seed()
    with pytest.raises(DatabaseError), transaction.atomic():
        Service.objects.update(served_at=JUNE_13)
    with pytest.raises(DatabaseError), transaction.atomic():
        Disclosure.objects.update(disclosed_at=JUNE_13 + timedelta(days=1))
    with pytest.raises(DatabaseError), transaction.atomic():
        Disclosure.objects.all().delete()
