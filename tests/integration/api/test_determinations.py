"""The answer over the API: open to everybody, kept nowhere, errors by field with the mend."""

import pytest
from django.test import Client

from licensing.cases.fact_schema import schema
from licensing.policy.models import DeterminationRecord
from tests.examples.story import seed

pytestmark = pytest.mark.django_db
URL = "/api/v1/determinations/"
FACTS = {
    "transaction_kind": "export", "delivery_modes": ["hosting_abroad"], "destinations": ["NO"], "all_published": False,
    "items": [{"name": "Meridian", "weights": "closed", "operations": 2.1e26, "security_level": 3}],
    "parties": [{"role": "end_user", "kind": "company", "country": "NO", "headquarters": "NO", "ultimate_parent": "NO"}],
    "sites": [], "military_end_use": False, "wmd_end_use": False, "human_rights_concern": False, "decides_about_people": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def rules() -> None:
    seed()


def ask(client: Client, facts: object, **more: object) -> tuple[int, dict[str, object]]:
    answer = client.post(URL, {"facts": facts, **more}, content_type="application/json")
    return answer.status_code, answer.json()


def test_anybody_gets_the_answer_with_its_rules_and_versions(client: Client) -> None:
    status, answer = ask(client, FACTS)
    assert (status, answer["requirement"], answer["review_policy"]) == (200, "required", "presumption_of_approval")
    assert answer["policy"]["version"] == 1  # type: ignore[index]
    assert DeterminationRecord.objects.count() == 0


def test_what_is_missing_is_asked_for(client: Client) -> None:
    status, answer = ask(client, {"all_published": False})
    assert (status, answer["requirement"]) == (200, "needs_information")
    assert "destinations" in {question["fact"] for question in answer["questions"]}  # type: ignore[index,attr-defined]


def test_the_past_may_be_asked_about_and_a_day_without_rules_is_said(client: Client) -> None:
    assert ask(client, FACTS, at="2026-06-01T12:00Z")[1]["at"] == "2026-06-01T12:00:00+00:00"
    assert ask(client, FACTS, at="1999-01-01T00:00Z")[0] == 409
    assert ask(client, FACTS, at="2026-06-01T12:00Z", known_at="2020-01-01T00:00Z")[0] == 409


def test_errors_name_field_value_and_mend(client: Client) -> None:
    status, answer = ask(client, {**FACTS, "sectr": "finance", "transaction_kind": "exprt"})
    assert status == 422
    errors = {error["field"]: error["detail"] for error in answer["errors"]}  # type: ignore[index,attr-defined]
    assert "Did you mean sector?" in errors["facts.sectr"]
    assert "Did you mean export?" in errors["facts.transaction_kind"]
    assert ask(client, {**FACTS, "destinations": ["QQ"]})[1]["errors"][0]["value"] == "QQ"  # type: ignore[index]
    assert ask(client, {**FACTS, "transaction_kind": "deemed_export"})[0] == 422
    assert ask(client, FACTS, at="soon")[0] == 422


def test_what_nobody_can_read_is_a_problem_and_no_error_of_ours(client: Client) -> None:
    for body in ("[" * 100_000, '{"facts": ' + '{"items": [' * 20_000, "{", '{"facts": NaN}'):
        answer = client.post(URL, body, content_type="application/json")
        assert answer.status_code in (400, 422), answer.status_code
        assert answer.json()["detail"]


def test_the_schema_is_public(client: Client) -> None:
    assert client.get(f"{URL}schema/").json() == schema()
