"""Faults of time and of keeping: two sweepers, a sweeper that was away for days, a snapshot that somebody has changed."""

from collections import Counter
from datetime import timedelta

from django.db import close_old_connections
from django.utils import timezone

from tests.faults.workflows import invariants, office
from tests.faults.workflows.desk import Stuck
from tests.faults.workflows.machines import frozen, wait_until, without
from tests.faults.workflows.rounds import Line, Stand, references, start_here, wait_for_stage
from workflows import engine, verification
from workflows.kernel import Actor
from workflows.models import Event, Instance, OutboxRow, OutboxState, Timer

AWAY = timedelta(days=3)


def old_cases(names: list[str]) -> None:
    """Cases that came to review five days ago, so that their warning and their end fell due meanwhile."""
    then = timezone.now() - timedelta(days=5)
    for name in names:
        case = engine.start(key="office", reference=name, facts={}, actor=Actor("ann", "Ann"), at=then).instance
        key = case.state.effect
        office.append("runs", key)
        office.append("ledger", key)
        data = {"key": key, "outcome": "done", "facts": {}}
        engine.execute(instance_id=case.pk, kind="complete", actor=engine.SYSTEM, data=data, at=then)
        OutboxRow.objects.filter(key=key).update(state=OutboxState.DONE, created_at=then, due_at=then, finished_at=then)


def idle_cases(names: list[str]) -> None:
    """Cases whose work has been due for days."""
    start_here(names)
    then = timezone.now() - AWAY
    OutboxRow.objects.filter(key__in=[f"{name}:intake:1" for name in names]).update(due_at=then, created_at=then)


def _fired_once(line: Line, names: list[str]) -> None:
    fired = Counter(
        Event.objects.filter(instance__reference__in=names, kind__in=("warned", "expired")).values_list(
            "instance__reference", "kind"
        )
    )
    wanted = Counter({(name, kind): 1 for name in names for kind in ("warned", "expired")})
    if fired != wanted:
        line.wrong.append(f"fired {dict((fired - wanted) or (wanted - fired))}")
    if Timer.objects.filter(instance__reference__in=names).exists():
        line.wrong.append("timers are left")


def sweeper_away(stand: Stand) -> Line:
    """Everything is overdue and no message is left; then beat and worker start, and each thing happens once."""
    count = stand.times(10, 100)
    old, idle, desk = references(count), references(count), stand.desk()
    line = Line("sweeper away for three days", 1, 2 * count)
    with without(stand.plant.beat, stand.plant.worker):
        old_cases(old)
        idle_cases(idle)
        stand.plant.empty_redis()
    try:
        wait_for_stage(old, "late")
        line.seconds = desk.finish(idle)
    except Stuck as stuck:
        line.wrong.append(str(stuck))
    close_old_connections()
    line.add(invariants.check(old, ends=("late",)))
    line.add(invariants.check(idle, accepted=desk.accepted, refused=desk.refused))
    _fired_once(line, old)
    return line


def two_beats(stand: Stand) -> Line:
    """Two beats, and two processes that sweep at the same instant, over and over."""
    old, idle, desk = references(stand.times(10, 100)), references(stand.times(10, 100)), stand.desk()
    line = Line("two beats, two sweepers", stand.times(5, 20), len(old) + len(idle))
    stand.plant.second_beat.start()
    try:
        with frozen(stand.plant.worker):  # it would do the work that the old cases have behind them
            old_cases(old)
            idle_cases(idle)
        stand.pair.run([[("sweep", {})] * line.injected] * 2)
        wait_for_stage(old, "late")
        line.seconds = desk.finish(idle)
    except Stuck as stuck:
        line.wrong.append(str(stuck))
    finally:
        stand.plant.second_beat.stop()
    close_old_connections()
    line.add(invariants.check(old, ends=("late",)))
    line.add(invariants.check(idle, accepted=desk.accepted, refused=desk.refused))
    _fired_once(line, old)
    return line


def withdrawn_while_it_waits(stand: Stand) -> Line:
    """The case is withdrawn while its effect waits for a worker: the effect of a case that wants it no more never shows."""
    names, desk = references(stand.times(3, 20)), stand.desk()
    line = Line("withdrawn before its effect began", len(names), len(names))
    start_here(names)
    wait_for_stage(names, "review")
    with without(stand.plant.worker):
        for name in names:
            desk.vote(name, "left", "lea")
            desk.vote(name, "right", "ria")
            desk.command("/command", name, "ann", "withdraw", {"reason": "no longer needed"})
    rows = OutboxRow.objects.filter(key__in=[f"{name}:sealing:1" for name in names])
    wait_until(lambda: not rows.exclude(state=OutboxState.DONE).exists(), "the work of withdrawn cases is not settled")
    line.add(invariants.check(names, accepted=desk.accepted, refused=desk.refused, ends=("refused",)))
    sealed = [key for key in office.lines("ledger") if key.partition(":")[0] in names and ":sealing:" in key]
    line.wrong += [f"I9: {key} was done for a case that was withdrawn" for key in sealed]
    return line


def snapshot_corrupted(stand: Stand) -> Line:
    """A snapshot, a seat, a timer changed behind the engine's back: `verify` finds each, `rebuild` mends it."""
    names, desk = references(stand.times(3, 30)), stand.desk()
    line = Line("a corrupted snapshot", len(names), len(names))
    start_here(names)
    wait_for_stage(names, "review")
    for number, name in enumerate(names):
        cases = Instance.objects.filter(reference=name)
        if number % 3 == 0:
            cases.update(snapshot={**cases.get().snapshot, "stage": "closed"})
        elif number % 3 == 1:
            cases.get().seats.filter(key="left").update(status="voted", holder="mallory", choice="approve")
        else:
            cases.get().timers.all().delete()
        found = {breach.invariant for breach in verification.verify(name)}
        if not found & {"I1", "I7"}:
            line.wrong.append(f"{name}: changed, and verify finds {found or 'nothing'}")
        verification.rebuild(name)
    try:
        line.seconds = desk.finish(names)
    except Stuck as stuck:
        line.wrong.append(str(stuck))
    line.add(invariants.check(names, accepted=desk.accepted, refused=desk.refused))
    return line
