"""Over the API: the applicant's whole way, errors that can be acted on, and nothing that is somebody else's."""

from typing import Any

import pytest
from django.test import Client

from licensing.accounts.commands import issue_token
from licensing.cases.commands import reviewing
from licensing.cases.models import Case
from tests.examples.story import MANIFEST, Story, person, seed, work_off

pytestmark = pytest.mark.django_db


class Machine:
    """A script with a token."""

    def __init__(self, login: str) -> None:
        who = person(login)
        organization = who.applicant_organizations().get()
        _, token = issue_token(actor=who, person_id=who.pk, organization_id=organization.pk, label="tests")
        self.client = Client(headers={"authorization": f"Bearer {token}"})

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1/{path}")

    def post(self, path: str, data: Any = None) -> Any:
        return self.client.post(f"/api/v1/{path}", data if data is not None else {}, content_type="application/json")

    def patch(self, path: str, data: Any) -> Any:
        return self.client.patch(f"/api/v1/{path}", data, content_type="application/json")


WHOLE = {
    "transaction_kind": "export",
    "delivery_modes": ["api_access"],
    "destination": "NO",
    "end_use_statement": "Draft translations of trade books for editors, who revise every page before print.",
    "sector": "software",
    "decides_about_people": False,
    "military_end_use": False,
    "wmd_end_use": False,
    "human_rights_concern": False,
    "nuclear_relevant": False,
    "contact_name": "Noa Feld",
    "contact_email": "noa.feld@entente.example",
}


def test_from_a_model_to_a_license() -> None:
    seed()
    noa, ada = Machine("noa.feld"), Machine("ada.lindqvist")
    model = noa.post("models/", {"name": "Meridian Small"}).json()
    training = [{"stage": "pretraining", "operations": "2.1e26", "method": "architecture", "evidence": "6 N D"}]
    version = noa.post(
        f"models/{model['id']}/versions/",
        {"name": "1.0", "weights": "closed", "model_hash": MANIFEST, "training": training},
    ).json()
    party = noa.post(
        "parties/",
        {"kind": "company", "name": "Fjord Forlag AS", "country": "NO", "headquarters": "NO", "independent": True},
    ).json()
    draft = noa.post("applications/", {"name": "Translation desk"}).json()
    assert {row["field"] for row in draft["missing"]} >= {"transaction_kind", "items", "end_user", "sector"}

    whole = noa.post(
        "applications/",
        {
            **WHOLE, "name": "Translation desk 2",
            "parties": [{"role": role, "party": party["id"]} for role in ("ultimate_consignee", "end_user")],
            "items": [{"model_version": version["id"], "technical_description": "Access", "fine_tuning": False, "sublicensing": False}],
        },
    ).json()  # fmt: skip
    assert whole["missing"] == []
    assert whole["determination"]["requirement"] == "required"
    path = f"applications/{whole['id']}/"
    assert noa.post(f"{path}certify/", {"title": "Preparer", "agreed": True}).status_code == 403
    assert ada.post(f"{path}certify/", {"title": "Director of Trade Compliance", "agreed": True}).status_code == 204
    filed = noa.post(f"{path}file/")
    assert filed.status_code == 201
    control_number = filed.json()["control_number"]

    case = Story().checked(Case.objects.get(control_number=control_number))
    assert case.workflow.stage == "expedited"  # presumption of approval, and nobody matches
    reviewing.ask_applicant(
        actor=person("sven.adler"), case_id=case.pk, seat="safety", question="Who revises the pages?"
    )
    waiting = noa.get(f"cases/{control_number}/").json()
    assert waiting["progress"]["status"] == "waiting for you"
    assert waiting["progress"]["clock"]["running"] is False
    question = waiting["questions"][0]["id"]
    assert (
        noa.post(
            f"questions/{question}/answer/", {"answer": "Four editors, all employed by the publisher."}
        ).status_code
        == 200
    )
    for login, seat in (
        ("sven.adler", "safety"),
        ("omar.haddad", "commerce"),
    ):
        reviewing.recommend(actor=person(login), case_id=case.pk, seat=seat, vote="approve")
    Story().decided(Case.objects.get(pk=case.pk))
    work_off()

    license_ = noa.get("licenses/").json()["results"][0]
    document = noa.get(f"licenses/{license_['number']}/document/")
    assert document["Content-Type"] == "application/pdf"
    public = Client().get(f"/api/v1/verification/{license_['number']}/").json()
    assert public["status"] == "valid"
    assert license_["sha256"] not in str(public), "who shows it holds the document"


@pytest.fixture
def story() -> Story:
    seed()
    return Story()


@pytest.mark.parametrize(
    ("path", "data", "status", "field"),
    [
        ("applications/", {"name": "X", "destination": "Norwegia"}, 422, "destination"),
        ("applications/", {"name": "X", "requested_months": 500}, 422, "requested_months"),
        ("applications/", {}, 422, "name"),
        ("models/", {"name": ""}, 422, "name"),
        ("parties/", {"kind": "company", "name": "X", "country": "ZZ"}, 422, "country"),
        ("parties/", {"kind": "company", "name": "X", "country": "NO", "lei": "123"}, 422, "lei"),
    ],
)
def test_an_error_names_field_value_and_mend(
    story: Story, path: str, data: dict[str, Any], status: int, field: str
) -> None:
    answer = Machine("noa.feld").post(path, data)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert field in {row["field"] for row in problem["errors"]}
    assert all(row["detail"] for row in problem["errors"])


def test_nothing_is_kept_of_a_draft_that_cannot_be_right(story: Story) -> None:
    noa = Machine("noa.feld")
    answer = noa.post("applications/", {**WHOLE, "name": "Half", "parties": [{"role": "end_user", "party": 999_999}]})
    assert answer.status_code == 422
    assert noa.get("applications/").json()["results"] == []


def test_machines_without_a_token_and_strangers_get_nothing(story: Story) -> None:
    case = story.file()
    application = case.application_id
    assert Client().get("/api/v1/cases/").status_code == 401
    assert Client(headers={"authorization": "Bearer ent_wrong"}).get("/api/v1/cases/").status_code == 401
    tomas = Machine("tomas.reyes")
    for path in (
        f"cases/{case.control_number}/",
        f"applications/{application}/",
        "licenses/AIX-US-IND-2026-0000001-A-Z/",
    ):
        answer = tomas.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), path
    assert tomas.get("cases/").json()["results"] == []


def test_what_is_not_possible_now_says_why(story: Story) -> None:
    application = story.draft()
    answer = Machine("noa.feld").post(f"applications/{application.pk}/file/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_certified")


def test_votes_names_and_screening_are_never_in_an_answer(story: Story) -> None:
    case = story.reviewed()
    text = Machine("noa.feld").get(f"cases/{case.control_number}/").content.decode()
    for word in ("approve", "Omar", "Haddad", "Whitlock", "Nordlys Computing", "defense", "hit"):
        assert word not in text


def test_the_schema_is_whole() -> None:
    schema = Client().get("/api/schema/?format=json").json()
    assert schema["openapi"].startswith("3.")
    for path in (
        "models/",
        "applications/",
        "cases/",
        "licenses/",
        "verification/{number}/",
        "questions/{question_id}/answer/",
    ):
        assert f"/api/v1/{path}" in schema["paths"]
    assert any(scheme.get("scheme") == "bearer" for scheme in schema["components"]["securitySchemes"].values())
