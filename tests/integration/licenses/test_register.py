"""What everybody may know of a license, and what only who holds its document."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from licensing.licenses import register
from licensing.licenses.models import License
from licensing.publishing.models import Publication

SECRET = ("Meridian", "Fjordhelse", "Nordlys", "Oslo North", "patient")


@pytest.fixture
def aged(license_: License) -> License:
    """The license, 40 days old, so that the register holds it."""
    back = timedelta(days=40)
    License.objects.filter(pk=license_.pk).update(
        issued_at=license_.issued_at - back, valid_from=license_.valid_from - back
    )
    return license_


def test_a_license_appears_after_the_delay_with_its_public_fields_and_no_party(
    license_: License, client: Client
) -> None:
    assert client.get("/api/v1/register/").json()["licenses"] == []
    back = timedelta(days=31)
    License.objects.filter(pk=license_.pk).update(issued_at=license_.issued_at - back)
    row = client.get("/api/v1/register/").json()["licenses"][0]
    assert list(row) == [
        "number",
        "status",
        "issued_on",
        "valid_from",
        "valid_until",
        "end_moved_from",
        "transaction_kind",
        "conditions",
    ]
    assert (row["number"], row["status"], row["conditions"]) == (license_.number, "valid", "No onward transfer")
    table = list(csv.DictReader(io.StringIO(client.get("/api/v1/register.csv").content.decode())))
    assert table == [row]
    for path in ("/register/", "/api/v1/register/", "/api/v1/register.csv", f"/api/v1/verification/{license_.number}/"):
        page = client.get(path).content.decode()
        assert [word for word in SECRET if word in page] == [], path
    assert license_.document is not None
    for path in (f"/api/v1/verification/{license_.number}/", f"/verify/{license_.number}/", "/register/"):
        assert license_.document.sha256 not in client.get(path).content.decode(), "the hash is the key to the parties"


def test_who_holds_the_document_may_read_the_parties(license_: License, client: Client) -> None:
    assert license_.document is not None
    path = f"/api/v1/verification/{license_.number}/"
    told = client.get(path, {"document": license_.document.sha256}).json()["register"]
    assert (told["licensee"], "Fjordhelse Sykehus HF" in told["recipients"]) == (license_.licensee.name, True)
    assert "end_use" not in told, "what is the authority's stays there"
    assert client.get(path, {"document": "00" * 32}).json()["register"] == {}


def test_a_count_that_would_tell_of_one_license_is_not_told(aged: License, client: Client) -> None:
    begun = register.quarter_of(aged.issued_at.date())
    quarter = datetime(begun.year, begun.month, begun.day, tzinfo=UTC)
    found = register.statistics(quarter + timedelta(days=125))  # a quarter and the delay later
    assert found.since == begun
    assert (found.total, found.tables) == (None, {})
    after = register.statistics(quarter + timedelta(days=216))
    assert (after.since, after.total) == (found.until, 0), "no license is in two quarters"
    assert client.get("/api/v1/register/statistics/").json()["smallest"] == 3
    assert client.get("/api/v1/register/statistics.csv").content.decode().startswith("field,value,licenses")


def test_counts_are_of_whole_quarters() -> None:
    assert register.quarter_of(date(2026, 11, 25)) == date(2026, 10, 1)
    assert register.quarter_of(date(2026, 1, 1)) == date(2026, 1, 1)


def test_publicity_is_checked_before_it_is_published(license_: License) -> None:
    content: dict[str, Any] = Publication.objects.get(kind="publicity").content
    assert register.Publicities().validate("us", content) == []
    broken = {
        "delay_days": -1,
        "smallest_cell": 1,
        "fields": {**content["fields"], "shoe_size": "public", "model": "everybody"},
    }
    found = {problem.field for problem in register.Publicities().validate("us", broken)}
    assert found == {"delay_days", "smallest_cell", "fields.shoe_size", "fields.model"}
