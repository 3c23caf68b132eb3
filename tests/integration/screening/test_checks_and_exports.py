"""Parties besides those of a case: over the API and from a file; and the record of a run for an inspector."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from licensing.audit.models import Access
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.cases.models import Case
from licensing.screening.commands import start_batch
from licensing.screening.models import Batch, BatchPart, ScreeningRun
from licensing.screening.replaying import replay
from tests.examples.story import Story, person, seed, work_off

pytestmark = pytest.mark.django_db
NEAR = {"id": "a", "name": "Nordlys Compute AS", "type": "organization", "country": "NO"}
CLEAN = {"id": "b", "name": "Quiet Harbor Hospital"}


def client_of(login: str) -> Client:
    client = Client()
    client.force_login(person(login), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def post(login: str, *parties: Any) -> Any:
    return client_of(login).post("/api/v1/screenings/", {"parties": parties}, content_type="application/json")


def test_a_reviewer_checks_parties_and_it_is_kept_and_written_down() -> None:
    seed()
    answer = post("dana.whitlock", NEAR, CLEAN)
    body = answer.json()
    assert (answer.status_code, [party["id"] for party in body["parties"]]) == (201, ["a", "b"])
    assert [len(party["hits"]) for party in body["parties"]] == [1, 0]
    run = ScreeningRun.objects.get(pk=body["id"])
    assert replay(run).same
    assert Access.objects.get(subject_id=str(run.pk)).actor_label == "Dana Whitlock"
    path = f"/api/v1/screenings/{run.pk}/"
    assert client_of("dana.whitlock").get(path).json()["result_sha256"] == run.result_sha256
    assert client_of("omar.haddad").get(path).status_code == 404
    assert post("noa.feld", NEAR).status_code == 403
    unkept = {"id": "d" * 121, "name": "Quiet"}, {"id": "e", "name": "Nord\x00lys"}
    refused = post(
        "dana.whitlock", {"id": "a"}, {"id": "b", "name": "---"}, {"id": "c", "name": "X", "aliases": "Y"}, *unkept
    )
    assert (refused.status_code, ScreeningRun.objects.count()) == (422, 1)
    assert [row["field"] for row in refused.json()["errors"]] == [
        "parties.0",
        "parties.1.name",
        *(f"parties.{at}" for at in (2, 3, 4)),
    ]
    assert post("dana.whitlock").status_code == 422


def test_a_file_is_screened_in_parts_and_a_part_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seed()
    for place in ("models.batches", "commands.checks"):
        monkeypatch.setattr(f"licensing.screening.{place}.PART", 2)
    omar = client_of("omar.haddad")
    lines = "\n".join(json.dumps(row) for row in (NEAR, CLEAN, {"id": "c", "name": "…"}))
    sent = omar.post(reverse("reviewer:batches"), {"file": SimpleUploadedFile("parties.jsonl", lines.encode())})
    started = Batch.objects.get()
    page = reverse("reviewer:batch", args=[started.pk])
    assert sent.headers["Location"] == page
    assert "0 of 3 parties are screened" in omar.get(page).content.decode()
    assert omar.get(reverse("reviewer:batch_csv", args=[started.pk])).status_code == 404
    work_off()
    assert (BatchPart.objects.count(), started.parts_owed) == (2, 2)
    shown = omar.get(page).content.decode()
    assert "3 of 3 parties are screened; 2 came near" in shown
    assert "Not screened:" in shown
    got = omar.get(reverse("reviewer:batch_json", args=[started.pk])).content.decode().splitlines()
    assert [json.loads(line)["id"] for line in got] == ["a", "b", "c"]
    rows = list(
        csv.DictReader(io.StringIO(omar.get(reverse("reviewer:batch_csv", args=[started.pk])).content.decode()))
    )
    assert [(row["id"], row["list"], bool(row["error"])) for row in rows] == [
        ("a", "synthetic", False), ("b", "", False), ("c", "", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b"", "it has 0 parties"),
        ("a.jsonl", b'{"id": "1"}', "line 1: give an object"),
        ("a.jsonl", b"\xff", "not UTF-8"),
        ("a.csv", b"id;name\n1;X\n", "line 2: give an object"),
        ("a.csv", b"id,name\n1,Fjord\n1,Dal\n", "stands twice"),
    ],
    ids=["empty", "no name", "encoding", "semicolons", "twice"],
)
def test_a_file_that_cannot_be_used_whole_is_refused(name: str, content: bytes, words: str) -> None:
    seed()
    with pytest.raises(Invalid, match=words):
        start_batch(actor=person("omar.haddad"), filename=name, content=content)
    with pytest.raises(NotPermitted):
        start_batch(actor=person("noa.feld"), filename="a.jsonl", content=json.dumps(CLEAN).encode())
    assert not Batch.objects.exists()


def test_a_table_of_parties_is_read_too() -> None:
    seed()
    content = "id,name,type,aliases\n1,Harbor,organization,Nordlys Compute AS|Quay\n".encode("utf-8-sig")
    start_batch(actor=person("omar.haddad"), filename="p.CSV", content=content)
    work_off()
    assert BatchPart.objects.get().answers[0]["hits"][0]["entity_id"] == "SYN-0001"


def test_the_record_of_a_run_says_everything_and_who_decided(tmp_path: Path) -> None:
    seed()
    case: Case = Story().checked()
    omar = client_of("omar.haddad")
    got = {
        format_: omar.get(reverse(f"reviewer:export_{format_}", args=[case.control_number, case.screening_run_id]))
        for format_ in ("json", "csv", "pdf")
    }
    record = json.loads(got["json"].content)
    run = ScreeningRun.objects.get(pk=case.screening_run_id)
    assert (record["result_sha256"], record["snapshots"], record["thresholds"]) == (
        run.result_sha256, run.snapshots, run.thresholds,
    )  # fmt: skip
    assert {hit["decision"]["reviewer"] for hit in record["hits"]} == {"Omar Haddad"}
    rows = list(csv.DictReader(io.StringIO(got["csv"].content.decode())))
    assert [row["status"] for row in rows] == ["false_match"] * len(record["hits"])
    assert rows[0]["snapshot_sha256"] == run.snapshots[0]["sha256"]
    assert got["pdf"].content.startswith(b"%PDF-")
    assert Access.objects.filter(what__startswith=f"screening {run.pk} as").count() == 3
    out = tmp_path / "run.json"
    call_command("screening", "export", str(run.pk), "--output", str(out), stdout=io.StringIO())
    assert out.read_bytes() == got["json"].content


def test_the_queue_shows_what_waits_over_all_cases() -> None:
    seed()
    story = Story()
    case = story.file()
    work_off()
    omar = client_of("omar.haddad")
    shown = omar.get(reverse("reviewer:screening"), {"list": "synthetic", "status": "potential"}).content.decode()
    assert shown.count(case.control_number + "</a>") == ScreeningRun.objects.get().hits.count() > 0
    story.checked(case)
    assert "No hit waits for a decision" in omar.get(reverse("reviewer:screening")).content.decode()
