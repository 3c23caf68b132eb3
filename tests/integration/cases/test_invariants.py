"""`workflow verify` asks the rooms too: history, trail and license tie together, and each thing that does not is named."""

from collections.abc import Iterator

import pytest
from django.db import connection

from licensing.audit.models import Event as TrailEvent
from licensing.cases.models import Case
from licensing.licenses.models import License
from licensing.licenses.rules import license_number
from tests.examples.story import Story, seed, work_off
from workflows import verification
from workflows.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    seed()
    case = Story().decided()
    work_off()
    return case


@pytest.fixture
def keys_of_the_database() -> Iterator[None]:
    """As somebody could who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def breaches() -> list[str]:
    return [str(breach) for breach in verification.verify()]


def test_a_whole_case_breaks_nothing(case: Case) -> None:
    assert breaches() == []


def test_a_history_that_the_trail_does_not_know_is_named(case: Case, keys_of_the_database: None) -> None:
    known = TrailEvent.objects.filter(subject_id=str(case.pk)).exclude(workflow_hash="").order_by("-sequence").first()
    assert known is not None
    tied = TrailEvent.objects.filter(workflow_hash=known.workflow_hash)
    tied.update(workflow_hash="f" * 64)

    reference, event = case.workflow.reference, Event.objects.get(hash=known.workflow_hash)
    assert breaches() == [
        f"{reference}: I10 the trail knows nothing of event {event.sequence}, {event.kind}",
        f"{reference}: I10 the trail holds 1 hashes that are no event's, such as ffffffffffff…",
    ]


def test_a_second_license_and_one_before_its_decision_are_named(case: Case) -> None:
    license_ = License.objects.get(case=case)
    first = license_.number
    second = license_number(jurisdiction="US", kind="IND", year=2026, serial=7, revision="B")
    license_.pk, license_.number, license_.revision = None, second, "B"
    license_.document = license_.signed_at = None
    license_.save(force_insert=True)
    assert breaches() == [f"{case.workflow.reference}: I9 has the licenses {first}, {second}"]

    License.objects.filter(number=second).delete()
    License.objects.update(issued_at=case.workflow.opened_at)
    assert breaches() == [f"{case.workflow.reference}: I9 {first} was issued before anybody had decided"]
