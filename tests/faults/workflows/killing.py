"""Faults of processes: children, workers and the web killed with -9; an effect that kills whoever does it."""

import time

from django.db import close_old_connections
from django.utils import timezone

from tests.faults.workflows import invariants, office
from tests.faults.workflows.desk import Desk, Stuck
from tests.faults.workflows.rounds import Line, Stand, disturbed, references
from workflows import outbox
from workflows.models import Incident, OutboxRow, OutboxState

WORDS = {
    "before": "kill -9 of a child before the effect",
    "during": "kill -9 of a child during the effect",
    "after": "kill -9 of a child after the effect",
    "reported": "kill -9 of a child after its report",
}


def children(stand: Stand) -> list[Line]:
    """The four at once, for each waits for a lease to run out: one line for each. Recovery counts from the last kill of its kind."""
    count = stand.times(2, 20)
    batches = {point: references(count) for point in office.POINTS}
    desk = stand.desk()
    began = time.monotonic()
    for point, names in batches.items():
        for name in names:
            office.arm(name, point)
        desk.open(names)
    lines = {point: Line(WORDS[point], count, count) for point in batches}
    left, struck = dict(batches), dict.fromkeys(batches, began)
    while left and time.monotonic() - began < 2 * 60:
        for point, names in list(left.items()):
            if _armed(names):
                struck[point] = time.monotonic()
            waiting = desk.pending(names)
            for name, seat in waiting:
                if seat:
                    desk.vote_for(name, seat)
            if not waiting:
                lines[point].seconds = time.monotonic() - struck[point]
                del left[point]
        time.sleep(0.1)
    for point, line in lines.items():
        line.add(invariants.check(batches[point], once=False))
        line.wrong += [f"{name} was never struck" for name in _armed(batches[point])]
    _whole(lines["before"], desk)
    return list(lines.values())


def _armed(names: list[str]) -> list[str]:
    return [name for name in names if (office.PAPER / f"arm-{name}").exists()]


def _whole(line: Line, desk: Desk) -> None:
    line.add(invariants.check((), accepted=desk.accepted, refused=desk.refused))


def whole_worker(stand: Stand) -> Line:
    """The worker and all its children, in the middle of work; another is started, as a supervisor would."""

    def disturb(_desk: Desk, _names: list[str]) -> None:
        stand.plant.worker.kill()
        stand.plant.worker.start()

    return disturbed(
        stand, "kill -9 of the whole worker", times=stand.times(1, 2), cases=10, disturb=disturb, once=False
    )


def web_before_the_bell(stand: Stand) -> Line:
    """The web process is killed when it has committed and before it rings: whoever asked got no answer and asks again."""

    def disturb(desk: Desk, _names: list[str]) -> None:
        desk.open(dying, die=True)

    dying = references(stand.times(2, 10))
    line = disturbed(stand, "web killed between commit and bell", times=1, cases=1, disturb=disturb)
    desk = stand.desk()
    try:
        line.seconds = max(line.seconds, desk.finish(dying))
    except Stuck as stuck:
        line.wrong.append(str(stuck))
    line.injected, line.cases = len(dying), len(dying)
    line.add(invariants.check(dying, accepted=desk.accepted, refused=desk.refused))
    return line


def poison(stand: Stand) -> Line:
    """An effect that kills its worker each time: dead after eight attempts, an incident of its case; the others go on.

    Its leases are run out by hand, for seven of forty seconds each prove nothing more.
    """
    desk, (bad,), others = stand.desk(), references(1), references(stand.times(5, 20))
    line = Line("an effect that kills its worker", outbox.MOST_ATTEMPTS, 1 + len(others))
    office.arm(bad, "poison")
    desk.open([bad, *others])
    began = time.monotonic()
    row = OutboxRow.objects.filter(key__startswith=f"{bad}:")
    killed = 0
    while row.get().state == OutboxState.DUE and time.monotonic() - began < 2 * 60:
        attempts = office.lines("runs")[row.get().key]
        if attempts > killed:  # it has begun and is dead by now
            killed = attempts
            time.sleep(0.1)
            row.update(leased_until=timezone.now())
            outbox.ring(row.get().pk, "note")
        time.sleep(0.05)
    close_old_connections()
    line.seconds = desk.finish(others)
    line.add(invariants.check(others, accepted=desk.accepted, refused=desk.refused))
    line.add(invariants.check([bad], ends=[""], once=False, incidents=1))
    if (row.get().state, row.get().attempts, killed) != (OutboxState.DEAD, outbox.MOST_ATTEMPTS, outbox.MOST_ATTEMPTS):
        line.wrong.append(f"{row.get()} is {row.get().state} after {row.get().attempts} attempts and {killed} kills")
    if not Incident.objects.filter(instance__reference=bad, resolved_at__isnull=True, what="effect_failed").exists():
        line.wrong.append("nobody hears of it")
    return line
