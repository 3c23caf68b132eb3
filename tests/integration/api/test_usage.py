"""Use of a license over the API: idempotent, in batches, each refusal with its code."""

from typing import Any

import pytest
from django.utils import timezone

from licensing.accounts.models import Organization, Person
from licensing.licenses.models import License
from tests.examples.story import Story, seed, work_off
from tests.integration.api.test_the_applicants_way import Machine


@pytest.mark.django_db
def test_use_is_put_once_and_a_batch_answers_row_by_row() -> None:
    seed()
    Story().decided(conditions=[{"key": "condition:quantity", "parameters": {"quantity": "5", "unit": "copies"}}])
    work_off()
    noa, path = Machine("noa.feld"), f"licenses/{License.objects.get().number}/usage/"

    def row(amount: int, **more: Any) -> dict[str, Any]:
        return {"kind": "transfer", "occurred_at": at, "amounts": {"quantity": amount}, **more}

    def put(reference: str, data: dict[str, Any]) -> Any:
        return noa.client.put(f"/api/v1/{path}{reference}/", data, content_type="application/json")

    at = timezone.now().isoformat()
    assert [put("T-1", row(2)).status_code for _ in range(2)] == [201, 200]
    assert (put("T-1", row(3)).status_code, put("T-2", row(4)).json()["code"]) == (409, "over_use")
    assert put("T-3", {**row(1), "occurred_at": "2001-01-01T00:00:00Z"}).json()["code"] == "outside_validity"
    assert put("T-3", {"kind": "dance"}).status_code == 422

    rows = [row(1, client_reference="B-1"), row(9, client_reference="B-2"), row(2, client_reference="T-1"), {"kind": 1}]
    answer = noa.post(path, rows).json()
    assert [each["result"] for each in answer["results"]] == ["recorded", "over_use", "there_already", "invalid"]
    assert answer["balance"] == [
        {"measure": "quantity", "unit": "copies", "tolerance": 0, "cap": "5", "drawn": "3", "left": "2"}
    ]
    back = {**row(-1), "kind": "correction", "corrects": "B-1"}
    assert put("C-1", back).status_code == 201
    history = noa.get(path).json()
    assert [(each["client_reference"], each["corrects"]) for each in history["results"]] == [
        ("C-1", "B-1"), ("B-1", None), ("T-1", None),
    ]  # fmt: skip
    assert noa.post(path, {"not": "a list"}).status_code == 422
    others = Organization.objects.filter(kind="applicant").exclude(key="meridian")
    other = Person.objects.filter(memberships__organization__in=others).first()
    assert other is not None
    assert Machine(other.email.split("@")[0]).get(path).status_code == 404
