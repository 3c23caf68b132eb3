"""The audit trail: what is recorded is chained, the database keeps it, and what was tampered with is named."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from licensing.accounts.models import Organization
from licensing.audit.commands import record, refusals_logged, seal_checkpoint
from licensing.audit.models import Event, Refusal
from licensing.audit.queries import verify
from licensing.audit.refusals import NotPermitted
from tests.examples import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> people.Applicant:
    made = people.applicant()
    for number in range(5):
        record(
            made.organization,
            "accounts:organization:created",
            actor=made.preparer,
            name=f"Lumen {number}",
            kind="applicant",
        )
    return made


@contextmanager
def triggers_off() -> Iterator[None]:
    """What only the owner of the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")


def run(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_event SET actor_label = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event CASCADE"],
)
def test_the_database_refuses_to_change_it(lumen: people.Applicant, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        run(statement)


def test_a_whole_trail_holds(lumen: people.Applicant) -> None:
    seal_checkpoint(below=Event.objects.latest("pk").xact + 1)
    assert verify() == []
    call_command("audit", "verify")


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE audit_event SET data = '{"name": "Other"}' WHERE id = %s""",
        "UPDATE audit_event SET actor_label = 'Somebody else' WHERE id = %s",
        "UPDATE audit_event SET at = at - interval '1 day' WHERE id = %s",
        "DELETE FROM audit_event WHERE id = %s",
    ],
)
def test_the_first_event_that_was_tampered_with_is_named(lumen: people.Applicant, change: str) -> None:
    event = Event.objects.filter(subject_id=str(lumen.organization.pk)).order_by("sequence")[2]
    with triggers_off():
        run(change, event.pk)
    place = event.sequence + (1 if change.startswith("DELETE") else 0)
    broken = verify()
    assert len(broken) == 1
    assert str(place) in str(broken[0]) or str(event.sequence) in str(broken[0])
    with pytest.raises(CommandError, match="first broken link"):
        call_command("audit", "verify")


def test_a_trail_that_was_cut_off_is_noticed_by_its_checkpoint(lumen: people.Applicant) -> None:
    checkpoint = seal_checkpoint(below=Event.objects.latest("pk").xact + 1)
    assert checkpoint is not None
    last = Event.objects.filter(subject_id=str(lumen.organization.pk)).latest("sequence")
    with triggers_off():
        run("DELETE FROM audit_event WHERE id = %s", last.pk)
    assert verify() != []
    with pytest.raises(CommandError, match="not the one written down"):
        call_command("audit", "verify", checkpoint=f"{checkpoint.number}:{'0' * 64}")


def test_a_refusal_stays_although_the_command_left_nothing(lumen: people.Applicant) -> None:
    @refusals_logged("accounts:organization:created")
    def rename(*, actor: object, organization: Organization) -> None:
        with transaction.atomic():
            record(organization, "accounts:organization:created", actor=actor, name="New", kind="applicant")  # type: ignore[arg-type]
            raise NotPermitted("not_yours", "This organization is not yours.")

    before = Event.objects.count()
    with pytest.raises(NotPermitted):
        rename(actor=lumen.preparer, organization=lumen.organization)
    assert Event.objects.count() == before
    refusal = Refusal.objects.get(code="not_yours")
    assert (refusal.event, refusal.actor_label) == ("accounts:organization:created", lumen.preparer.actor_label)
