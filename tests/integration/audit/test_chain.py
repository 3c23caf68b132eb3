"""The chain against those who may write to the database themselves, and under writers who come at the same time."""

import io
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licensing.accounts.commands import create_organization
from licensing.accounts.models import Organization
from licensing.audit.actors import SYSTEM
from licensing.audit.canonical import canonical, plain
from licensing.audit.commands import ChainConflict, record, seal_checkpoint
from licensing.audit.models import Checkpoint, CheckpointHead, Event
from licensing.audit.queries import verify
from licensing.audit.rules import Entry
from licensing.audit.wording import Unworded

EVENT = "accounts:organization:created"
# What JSON may hold and PostgreSQL keep: every text but NUL and lone surrogates, every finite number.
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.datetimes(timezones=st.timezones()) | st.decimals(-9, 9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def organization(key: str = "lumen", events: int = 4) -> Organization:
    made = create_organization(actor=SYSTEM, kind="applicant", key=key, name=f"{key} AI", country="US")
    for number in range(1, events):
        record(made, EVENT, actor=SYSTEM, name=f"{key} {number}", kind="applicant")
    return made


def sealed() -> Checkpoint:
    """A checkpoint over all that is written so far, by this test's own open transaction too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint + 1")
        (everything,) = cursor.fetchone()
    checkpoint = seal_checkpoint(below=everything)
    assert checkpoint is not None
    return checkpoint


def as_owner(sql: str, *values: object) -> None:
    """What somebody does who owns the database and covers traces: no trigger runs."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.django_db
def test_a_trail_that_was_written_anew_from_end_to_end_is_named_by_its_checkpoint() -> None:
    subject = organization()
    checkpoint = sealed()
    previous = ""
    for event in Event.objects.filter(subject_id=str(subject.pk)).order_by("sequence"):
        said = {name: getattr(event, name) for name in Entry.__dataclass_fields__}
        entry = Entry(**{**said, "data": {"name": "Another"}, "previous_hash": previous})
        as_owner(
            "UPDATE audit_event SET data = %s::jsonb, previous_hash = %s, hash = %s WHERE id = %s",
            '{"name": "Another"}', previous, entry.hash(), event.pk,
        )  # fmt: skip
        previous = entry.hash()
    Organization.objects.filter(pk=subject.pk).update(audit_head=previous)

    (broken,) = verify()

    assert (broken.subject, broken.sequence) == (f"accounts.organization:{subject.pk}", 4)
    assert broken.sentence == f"checkpoint {checkpoint.number} sealed another event 4."


# What is done to the second of two checkpoints, or to the first, and what is said of it.
FORGERIES = {
    "UPDATE audit_checkpoint SET at = at - interval '1 day' WHERE number = 2": "checkpoint 2 was edited",
    "UPDATE audit_checkpoint SET hash = repeat('0', 64) WHERE number = 1": "checkpoint 1 was edited",
    "UPDATE audit_checkpoint SET previous_hash = repeat('0', 64) WHERE number = 2": "checkpoint 2 does not follow",
    "DELETE FROM audit_checkpoint WHERE number = 1": "checkpoint 1 is missing",
    "DELETE FROM audit_checkpointhead USING audit_checkpoint c WHERE c.id = checkpoint_id AND number = 2": (
        "the heads that checkpoint 2 sealed were changed"
    ),
}


@pytest.mark.django_db(transaction=True)
def test_a_forged_checkpoint_is_named() -> None:
    with transaction.atomic():
        subject = organization()
    first = sealed()
    write_on(subject.pk, times=1)
    sealed()
    assert verify() == []

    told = {forgery: told_after(forgery) for forgery in FORGERIES}

    assert [forgery for forgery, sentence in FORGERIES.items() if sentence not in told[forgery]] == [], told
    call_command("audit", "verify", checkpoint=f"{first.number}:{first.hash}", stdout=io.StringIO())


def told_after(forgery: str) -> str:
    """The first broken link that the command names after a forgery, which is taken back."""
    with transaction.atomic():
        as_owner(forgery)
        with pytest.raises(CommandError) as broken:
            call_command("audit", "verify", stdout=io.StringIO(), stderr=io.StringIO())
        transaction.set_rollback(True)
    return str(broken.value)


@pytest.mark.django_db
def test_every_broken_chain_is_told_and_one_subject_can_be_asked_for() -> None:
    one, two, whole = (organization(key) for key in ("one", "two", "whole"))
    for subject in (one, two):
        as_owner("DELETE FROM audit_event WHERE subject_id = %s AND sequence = 2", str(subject.pk))
    errors = io.StringIO()

    with pytest.raises(CommandError) as first:
        call_command("audit", "verify", stderr=errors, stdout=io.StringIO())

    told = f"{first.value}\n{errors.getvalue()}"
    assert all(f"accounts.organization:{each.pk} #2: event 2 is missing." in told for each in (one, two))
    assert str(whole.pk) not in told
    call_command("audit", "verify", subject=f"accounts.organization:{whole.pk}", stdout=io.StringIO())


@pytest.mark.django_db
def test_the_rows_own_head_tells_of_an_end_that_was_cut_off_before_any_checkpoint() -> None:
    subject = organization()
    as_owner("DELETE FROM audit_event WHERE subject_id = %s AND sequence = 4", str(subject.pk))

    (broken,) = verify(("accounts.organization", str(subject.pk)))

    assert (broken.sequence, broken.sentence) == (4, "its row knows of 4 events; the last is missing.")


@pytest.mark.django_db
def test_an_event_has_its_sentence_and_a_row_that_has_moved_is_not_recorded_on() -> None:
    subject = organization()
    stale = Organization.objects.get(pk=subject.pk)
    record(subject, EVENT, actor=SYSTEM, name="First", kind="applicant")

    with pytest.raises(ChainConflict), transaction.atomic():
        record(stale, EVENT, actor=SYSTEM, name="Second", kind="applicant")
    with pytest.raises(Unworded):
        record(subject, "accounts:organization:sung", actor=SYSTEM)
    assert Event.objects.filter(subject_id=str(subject.pk)).count() == 5


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_whatever_is_recorded_reads_back_to_the_same_bytes(value: object) -> None:
    told = plain({"value": value})
    with transaction.atomic():
        event = Event.objects.create(
            subject_kind="test", subject_id="1", sequence=1, event=EVENT, at=timezone.now(), actor_id="1", actor_label="T",
            data=told, hash="0" * 64,
        )  # fmt: skip
        event.refresh_from_db()
        transaction.set_rollback(True)
    assert canonical(event.data) == canonical(told)


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_take_turns_and_the_chain_stays_whole() -> None:
    with transaction.atomic():
        subject = organization(events=1)
    failed = at_once(lambda: write_on(subject.pk, times=10), lambda: write_on(subject.pk, times=10))

    assert failed == []
    assert list(Event.objects.filter(subject_id=str(subject.pk)).order_by("id").values_list("sequence", flat=True)) == [
        *range(1, 22)
    ]
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_is_left_for_the_next_checkpoint_and_never_passed_over() -> None:
    with transaction.atomic():
        slow, quick = organization("slow", events=1), organization("quick", events=1)
    written, sealing_done = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            record(Organization.objects.select_for_update().get(pk=slow.pk), EVENT, actor=SYSTEM, name="S", kind="a")
            written.set()
            assert sealing_done.wait(20)

    def write_quickly_and_seal() -> None:
        assert written.wait(20)
        try:
            write_on(quick.pk, times=1)
            seal_checkpoint()
        finally:
            sealing_done.set()

    assert at_once(write_slowly, write_quickly_and_seal) == []
    last = sealed()

    heads = CheckpointHead.objects.filter(subject_id=str(slow.pk), sequence=2)
    assert [head.checkpoint_id for head in heads] == [last.pk]
    assert CheckpointHead.objects.filter(subject_id=str(quick.pk), sequence=2).count() == 1
    assert verify() == []


def write_on(key: UUID, *, times: int) -> None:
    for number in range(times):
        with transaction.atomic():
            row = Organization.objects.select_for_update().get(pk=key)
            record(row, EVENT, actor=SYSTEM, name=f"{number}", kind="applicant")


def at_once(*works: Callable[[], None]) -> list[BaseException]:
    """Each in a thread and a connection of its own; what went wrong in them."""
    failed: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return failed
