"""The engine on PostgreSQL: one command, one transaction; a history that only grows; work that is owed and done once."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.integration.workflows.conftest import LEAVE, Shop, person
from workflows import engine, exports, migrating, outbox, reports, tasks, verification
from workflows.kernel import BadDefinition, Refused, calendars
from workflows.kernel.clocks import CALENDARS
from workflows.models import Event, Incident, Instance, OutboxRow, Seat, Timer

pytestmark = pytest.mark.django_db
MOST_QUERIES = 8


def started(reference: str = "L-1", parent: uuid.UUID | None = None) -> Instance:
    return engine.start(key="leave", reference=reference, facts={}, actor=person("emil"), parent=parent).instance


def do(instance: Instance, kind: str, who: str, **data: object) -> engine.Outcome:
    return engine.execute(instance_id=instance.pk, kind=kind, actor=person(who), data=data)


def work_off() -> None:
    while rows := outbox.due():
        for row_id, _ in rows:
            outbox.work(row_id)


def in_review(reference: str = "L-1", parent: uuid.UUID | None = None) -> Instance:
    instance = started(reference, parent)
    work_off()
    return Instance.objects.get(pk=instance.pk)


def to_the_end(instance: Instance) -> Instance:
    for who, seat in (("mia", "manager"), ("pia", "peer"), ("dan", "desk"), ("doc", "doctor")):
        do(instance, "vote", who, seat=seat, vote="grant")
    do(instance, "propose", "dan", seat="clerk", action="sign", signs="x")
    do(instance, "agree", "hal", seat="head", signs="x")
    return Instance.objects.get(pk=instance.pk)


def test_a_case_goes_all_the_way(shop: Shop) -> None:
    instance = to_the_end(in_review())

    assert (instance.end, instance.closed_at is not None) == ("granted", True)
    assert not Timer.objects.filter(instance=instance).exists()
    assert list(verification.verify()) == []
    assert shop.asked == ["L-1:balance:1"]
    assert shop.heard[0] == "started"
    assert shop.heard[-1] == "ended"


def test_no_command_takes_more_than_eight_queries_however_long_the_history(shop: Shop) -> None:
    instance = in_review()
    counts = []

    def counted(kind: str, who: str, **data: object) -> None:
        with CaptureQueriesContext(connection) as queries:
            do(instance, kind, who, **data)
        counts.append((len(queries), kind))

    for number in range(40):
        counted("ask", "mia", seat="manager", question_id=f"q{number}")
        counted("answer", "emil", question_id=f"q{number}")
    for who, seat in (("mia", "manager"), ("pia", "peer"), ("dan", "desk"), ("doc", "doctor")):
        counted("vote", who, seat=seat, vote="grant")
    counted("propose", "dan", seat="clerk", action="again", signs="x")
    counted("agree", "hal", seat="head", signs="x")
    assert max(counts)[0] <= MOST_QUERIES, sorted(counts)[-3:]


def test_the_same_command_again_gets_the_first_answer(shop: Shop) -> None:
    instance, command = in_review(), uuid.uuid4()
    data = {"seat": "manager", "vote": "grant"}
    first = engine.execute(instance_id=instance.pk, kind="vote", actor=person("mia"), data=data, command_id=command)
    again = engine.execute(instance_id=instance.pk, kind="vote", actor=person("mia"), data=data, command_id=command)

    assert (first.repeated, again.repeated) == (False, True)
    assert [event.kind for event in again.events] == [event.kind for event in first.events]
    assert Event.objects.filter(instance=instance, command=command).count() == len(first.events)


def test_a_refused_command_leaves_nothing(shop: Shop) -> None:
    instance = in_review()
    before = (instance.version, instance.head, Event.objects.count())

    with pytest.raises(Refused), transaction.atomic():
        do(instance, "vote", "pia", seat="manager", vote="grant")

    instance.refresh_from_db()
    assert (instance.version, instance.head, Event.objects.count()) == before


def test_the_database_itself_keeps_histories(shop: Shop) -> None:
    started()
    for statement in ("UPDATE workflows_event SET actor = 'x'", "DELETE FROM workflows_event"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_nobody_reviews_a_case_in_which_they_acted(shop: Shop) -> None:
    first = in_review()
    do(first, "vote", "mia", seat="manager", vote="grant")
    appeal = in_review("L-2", parent=first.pk)
    last = in_review("L-3", parent=appeal.pk)
    for instance in (appeal, last):
        with pytest.raises(Refused, match="the case that this one reviews"), transaction.atomic():
            do(instance, "vote", "mia", seat="manager", vote="grant")
    do(in_review("L-4"), "vote", "mia", seat="manager", vote="grant")


def test_a_published_definition_never_changes(shop: Shop) -> None:
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_definition SET content = '{}'")
    with pytest.raises(BadDefinition, match="version-taken"):
        engine.publish(LEAVE.replace("max: 50", "max: 5"), actor=person("eve"))
    assert engine.publish(LEAVE, actor=person("eve")).version == 1


def test_a_definition_whose_pool_is_empty_is_not_published(shop: Shop) -> None:
    shop.pools["shop.doctors"] = set()
    with pytest.raises(BadDefinition, match="empty-pool"):
        engine.publish(LEAVE.replace("version: 1", "version: 2"), actor=person("eve"))


def test_an_effect_that_fails_is_tried_again_later_and_done_once(shop: Shop) -> None:
    shop.fails = 1
    instance = started()
    work_off()
    row = OutboxRow.objects.get(effect="check_balance")
    assert (row.attempts, row.state, row.due_at > timezone.now()) == (1, "due", True)
    assert "payroll" in row.error

    OutboxRow.objects.update(due_at=timezone.now())
    work_off()
    assert Instance.objects.get(pk=instance.pk).stage == "review"
    assert outbox.work(row.pk) is False, "a row that is done is left alone"


def test_what_keeps_failing_dies_and_is_an_incident_of_the_case(shop: Shop) -> None:
    shop.fails = 100
    instance = started()
    for _ in range(outbox.MOST_ATTEMPTS):
        OutboxRow.objects.update(due_at=timezone.now())
        work_off()

    instance.refresh_from_db()
    assert OutboxRow.objects.get().state == "dead"
    assert instance.incident == "effect_failed"
    assert Incident.objects.filter(instance=instance, resolved_at__isnull=True).count() == 1

    shop.fails = 0
    do(instance, "retry", "eve", reason="The payroll office is back.")
    work_off()
    assert Instance.objects.get(pk=instance.pk).stage == "review"
    assert not Incident.objects.filter(resolved_at__isnull=True).exists()


def test_a_worker_that_was_lost_loses_its_lease_and_its_word(shop: Shop) -> None:
    started()
    row = OutboxRow.objects.get()
    lost = outbox._claim(row.pk)
    assert lost is not None
    assert outbox.work(row.pk) is False, "somebody is at it"

    OutboxRow.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert outbox.work(row.pk) is True
    assert outbox._ours(lost).update(error="too late") == 0
    assert shop.asked == ["L-1:balance:1"]


def test_a_late_report_finds_the_case_gone_on(shop: Shop) -> None:
    instance = started()
    do(instance, "withdraw", "emil", reason="I am well again.")
    work_off()

    assert OutboxRow.objects.get().state == "done"
    assert Instance.objects.get(pk=instance.pk).end == "refused"


def test_due_timers_fire_once_and_two_sweeps_do_no_harm(shop: Shop) -> None:
    instance = in_review()
    past = timezone.now() - timedelta(days=6)
    engine_state = instance.state.to_json()
    moved = json.loads(json.dumps(engine_state).replace(engine_state["visits"][-1]["entered_at"], past.isoformat()))
    Instance.objects.filter(pk=instance.pk).update(snapshot=moved)
    Timer.objects.update(due_at=past + timedelta(days=5))

    assert tasks.fire_due_timers() == 1
    assert tasks.fire_due_timers() == 0
    assert Instance.objects.get(pk=instance.pk).stage == "signing"
    assert set(Seat.objects.filter(instance=instance, stage="review").values_list("choice", flat=True)) == {"grant"}


def test_verify_names_what_was_tampered_with_and_rebuild_mends_it(shop: Shop) -> None:
    instance = to_the_end(in_review())
    Instance.objects.filter(pk=instance.pk).update(stage="review", snapshot={**instance.snapshot, "round": 7})
    Seat.objects.filter(instance=instance, key="head").update(choice="refuse")
    found = {breach.invariant for breach in verification.verify()}
    assert found == {"I1"}

    verification.rebuild("L-1")
    assert list(verification.verify()) == []


def test_a_broken_chain_is_named_and_never_built_upon(shop: Shop) -> None:
    instance = to_the_end(in_review())
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # as somebody with the keys of the database could
        cursor.execute(
            "UPDATE workflows_event SET actor = 'mallory' WHERE instance_id = %s AND sequence = 4", [instance.pk]
        )
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert [str(breach) for breach in verification.verify()] == ["L-1: I10 the chain breaks at event 4"]
    with pytest.raises(ValueError, match="event 4"):
        verification.rebuild("L-1")


def test_running_cases_move_to_another_version_by_a_whole_plan(shop: Shop) -> None:
    instance = in_review()
    engine.publish(
        LEAVE.replace("version: 1", "version: 2").replace("  review:", "  reading:").replace("review", "reading"),
        actor=person("eve"),
    )
    with pytest.raises(migrating.BadPlan, match="review"):
        migrating.prepare(migrating.Plan("leave", 1, 2, {}))

    moves = migrating.migrate(
        migrating.Plan("leave", 1, 2, {"review": "reading"}), actor=person("eve"), reason="A new name"
    )
    instance.refresh_from_db()
    assert [(move.stage, move.to) for move in moves] == [("review", "reading")]
    assert (instance.stage, instance.definition.version) == ("reading", 2)
    assert list(verification.verify()) == []
    do(instance, "vote", "mia", seat="manager", vote="grant")


def test_reports_tell_time_running_and_time_stopped(shop: Shop) -> None:
    instance = in_review()
    do(instance, "ask", "mia", seat="manager", question_id="q")
    later = timezone.now() + timedelta(days=2)
    instance.refresh_from_db()

    clock = next(reading for reading in reports.clocks(instance, later) if reading.stage == "review")
    assert (clock.running, clock.due_at) == (False, None)
    assert clock.elapsed == pytest.approx(0, abs=0.01)
    review = next(row for row in reports.stage_times(instance, later) if row.stage == "review")
    assert review.stopped == pytest.approx(timedelta(days=2), abs=timedelta(minutes=1))


def test_histories_go_out_as_csv_and_xes(shop: Shop) -> None:
    to_the_end(in_review())
    table, log = StringIO(), StringIO()
    exports.to_csv(Instance.objects.all(), table)
    exports.to_xes(Instance.objects.all(), log)
    assert len(table.getvalue().splitlines()) == 1 + Event.objects.count()
    assert log.getvalue().count("<event>") == Event.objects.count()


def test_the_command_line_verifies_draws_and_retires(shop: Shop) -> None:
    in_review()
    out = StringIO()
    call_command("workflow", "verify", stdout=out)
    call_command("workflow", "draw", "--case", "L-1", stdout=out)
    call_command("workflow", "retire", "leave", "1", stdout=out)
    assert "every case holds" in out.getvalue()
    assert "> review" in out.getvalue()
    with pytest.raises(LookupError):
        started("L-2")


def test_each_seat_tells_how_long_it_waited_was_worked_on_and_stood_still(shop: Shop) -> None:
    monday = timezone.now() - timedelta(days=9)
    instance = engine.start(key="leave", reference="L-1", facts={}, actor=person("emil"), at=monday).instance

    def then(hours: float, kind: str, who: str, **data: object) -> None:
        at = monday + timedelta(hours=hours)
        engine.execute(instance_id=instance.pk, kind=kind, actor=person(who), data=data, at=at)

    then(1, "complete", "system", key=instance.state.effect, outcome="enough", facts={})
    then(3, "claim", "mia", seat="manager")
    then(4, "ask", "mia", seat="manager", question_id="q1")
    then(9, "answer", "emil", question_id="q1")
    then(12, "vote", "mia", seat="manager", vote="grant")
    rows = {
        row.seat: row for row in reports.seat_times(Instance.objects.get(pk=instance.pk), monday + timedelta(hours=21))
    }

    hours = timedelta(hours=1)
    manager, peer = rows["manager"], rows["peer"]
    assert (manager.waited / hours, manager.worked / hours, manager.stopped / hours) == (2, 4, 5)
    assert (peer.waited / hours, peer.worked / hours, peer.stopped / hours) == (15, 0, 5)

    out = StringIO()
    call_command("workflow", "times", "L-1", stdout=out)
    assert "review 1 manager" in out.getvalue()


def test_rebuilding_all_mends_what_verify_finds_and_nothing_else(shop: Shop) -> None:
    in_review(), in_review("L-2")
    Timer.objects.filter(instance__reference="L-2").update(due_at=timezone.now() + timedelta(days=400))
    assert [(breach.reference, breach.invariant) for breach in verification.verify()] == [("L-2", "I7")]

    out = StringIO()
    call_command("workflow", "rebuild", "--all", stdout=out)
    assert out.getvalue() == "L-2 is rebuilt from its history\n"
    assert list(verification.verify()) == []


CALENDAR = "shop: {country: US, zone: UTC, cutoff_hour: 18, source: the shop, off: {OFF}}"


@pytest.fixture
def other_calendars() -> Iterator[None]:
    shipped = dict(CALENDARS)
    yield
    CALENDARS.clear()
    CALENDARS.update(shipped)


@pytest.mark.usefixtures("other_calendars")
def test_a_day_off_that_is_proclaimed_later_puts_a_deadline_off_and_fires_nothing(shop: Shop) -> None:
    calendars.use(CALENDAR.replace("OFF", ""))
    clock = "clock: {limit: 1, unit: working_days, calendar: shop,"
    text = LEAVE.replace("version: 1", "version: 2").replace("clock: {limit: 5, unit: calendar_days,", clock)
    engine.publish(text, actor=person("eve"))
    long_ago = timezone.now() - timedelta(days=20)
    instance = engine.start(key="leave", reference="L-1", facts={}, actor=person("emil"), at=long_ago).instance
    done = {"key": instance.state.effect, "outcome": "enough", "facts": {}}
    engine.execute(instance_id=instance.pk, kind="complete", actor=person("system"), data=done, at=long_ago)
    OutboxRow.objects.all().delete()

    days = [(long_ago + timedelta(days=number)).date().isoformat() for number in range(40)]
    calendars.use(CALENDAR.replace("OFF", ", ".join(f'"{day}": proclaimed' for day in days)))
    assert tasks.fire_due_timers() == 0
    assert Instance.objects.get().stage == "review"
    assert Timer.objects.get().due_at > timezone.now() + timedelta(days=15)
    assert "I7" not in {breach.invariant for breach in verification.verify()}

    calendars.use(CALENDAR.replace("OFF", ""))
    call_command("workflow", "rebuild", "--all", stdout=StringIO())
    assert tasks.fire_due_timers() == 1
    assert Instance.objects.get().stage == "signing"
