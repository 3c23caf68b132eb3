"""Faults of time and of people: clocks that jump, summer time, leap days, a day off proclaimed later, a pool that nobody is in."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from tests.faults.workflows import invariants, office
from tests.faults.workflows.desk import Stuck
from tests.faults.workflows.machines import wait_until, without
from tests.faults.workflows.rounds import Line, Stand, references, start_here, wait_for_stage
from workflows import engine, verification
from workflows.kernel import Actor, calendars
from workflows.models import Event, Instance, Timer

ANN, LEA, RIA = (Actor(name.lower(), name) for name in ("Ann", "Lea", "Ria"))
HOUR = timedelta(hours=1)
SHIPPED = settings.BASE_DIR / "fixtures" / "calendars.yaml"
FRIDAY = datetime(2026, 3, 27, 12, tzinfo=UTC)  # summer time begins in England on Sunday
LEAP = datetime(2024, 2, 28, 12, tzinfo=UTC)


def published(key: str, limit: int, unit: str) -> str:
    engine.publish(office.BY_DAYS.format(key=key, limit=limit, unit=unit), actor=engine.SYSTEM)
    return key


def opened(key: str, names: Sequence[str], at: datetime) -> None:
    close_old_connections()
    for name in names:
        engine.start(key=key, reference=name, facts={}, actor=ANN, at=at)


def _long_past(stand: Stand, fault: str, key: str, at: datetime, due: datetime) -> Line:
    """Cases whose deadline fell due on a day that is easily counted wrong: right to the second, and fired once."""
    names = references(stand.times(3, 20))
    line = Line(fault, len(names), len(names))
    with without(stand.plant.beat):
        opened(key, names, at)
        wrong = Timer.objects.filter(instance__reference__in=names).exclude(due_at=due)
        line.wrong += [f"{timer.instance} is due at {timer.due_at}, not at {due}" for timer in wrong]
    return _late(line, names)


def _late(line: Line, names: list[str]) -> Line:
    began = timezone.now()
    try:
        wait_for_stage(names, "late")
    except Stuck as stuck:
        line.wrong.append(str(stuck))
    line.seconds = (timezone.now() - began).total_seconds()
    close_old_connections()
    line.add(invariants.check(names, ends=("late",)))
    fired = Event.objects.filter(instance__reference__in=names, kind="expired").count()
    if fired != len(names):
        line.wrong.append(f"{fired} deadlines fired for {len(names)} cases")
    return line


def summer_time(stand: Stand) -> Line:
    key = published("by-working-days", 2, "working_days")
    return _long_past(stand, "summer time begins", key, FRIDAY, datetime(2026, 3, 30, 17, tzinfo=UTC))


def leap_day(stand: Stand) -> Line:
    key = published("by-calendar-days", 2, "calendar_days")
    return _long_past(stand, "a leap day", key, LEAP, datetime(2024, 3, 1, 12, tzinfo=UTC))


def clocks_jump(stand: Stand) -> Line:
    """The clock of one machine is an hour behind, that of the other an hour ahead: instants of a case never run backwards."""
    names, desk = references(stand.times(4, 40)), stand.desk()
    line = Line("clocks jump back and ahead", 2 * len(names), len(names))
    start_here(names)
    wait_for_stage(names, "review")
    now = timezone.now()
    for number, case in enumerate(Instance.objects.filter(reference__in=names).order_by("reference")):
        ahead, behind = (now + HOUR, now - HOUR) if number % 2 else (now - HOUR, now + HOUR)
        for actor, seat, at in ((LEA, "left", ahead), (RIA, "right", behind)):
            engine.execute(instance_id=case.pk, kind="vote", actor=actor, data={"seat": seat, "vote": "approve"}, at=at)
    try:
        line.seconds = desk.finish(names)
    except Stuck as stuck:
        line.wrong.append(str(stuck))
    close_old_connections()
    line.add(invariants.check(names, accepted=desk.accepted, refused=desk.refused))
    for case in Instance.objects.filter(reference__in=names):
        instants = list(case.events.order_by("sequence").values_list("at", flat=True))
        if instants != sorted(instants):
            line.wrong.append(f"{case}: time runs backwards")
    return line


def holiday_proclaimed(stand: Stand) -> Line:
    """A deadline has passed unnoticed when its days are proclaimed off: it may not fire, and fires once when they are taken back."""
    names = references(stand.times(3, 20))
    line = Line("days off proclaimed later", 2, len(names))
    key, began = published("by-working-days", 2, "working_days"), timezone.now() - timedelta(days=14)
    days = [(began + timedelta(days=day)).date() for day in range(30)]
    off = ", ".join(f'"{day}": proclaimed' for day in days)
    with _proclaimed(
        stand, SHIPPED.read_text().replace("off: {}", f"off: {{{off}}}"), lambda: opened(key, names, began)
    ):
        overdue = Timer.objects.filter(instance__reference__in=names, due_at__lte=timezone.now())
        wait_until(lambda: not overdue.exists(), "the deadlines are not put off")
        close_old_connections()
        line.add(invariants.check(names, ends=("",)))
    for name in names:
        verification.rebuild(name)
    return _late(line, names)


@contextmanager
def _proclaimed(stand: Stand, text: str, before: Callable[[], None]) -> Iterator[None]:
    """Every process counts by these calendars; afterwards by those that ship again. `before` is done while none of them sweeps."""
    file = settings.VAR_DIR / "paper" / "calendars.yaml"
    file.write_text(text)
    with without(stand.plant.beat, stand.plant.worker):
        before()
        os.environ["FAULTS_CALENDARS"] = str(file)
    calendars.use(text)
    try:
        yield
    finally:
        with without(stand.plant.beat, stand.plant.worker):
            del os.environ["FAULTS_CALENDARS"]
        calendars.use(SHIPPED.read_text())


def empty_pool(stand: Stand) -> Line:
    """Nobody is in a pool when its seat opens: an incident, never a silent pass; somebody comes back and the case goes on."""
    names, desk = references(stand.times(3, 20)), stand.desk()
    line = Line("an empty pool", len(names), len(names))
    office.away("office.right").touch()
    try:
        start_here(names)
        wait_for_stage(names, "review")
        close_old_connections()
        found = Instance.objects.filter(reference__in=names)
        line.wrong += [f"{case} waits in silence" for case in found if case.incident != "empty_pool"]
        line.add(invariants.check(names, ends=("",), incidents=len(names)))
    finally:
        office.away("office.right").unlink()
    try:
        line.seconds = desk.finish(names)
    except Stuck as stuck:
        line.wrong.append(str(stuck))
    close_old_connections()
    line.add(invariants.check(names, accepted=desk.accepted, refused=desk.refused, incidents=len(names)))
    return line
