"""One fault at a time: a name, how it is injected, and the line of the table that comes of it."""

import itertools
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import close_old_connections

from tests.faults.workflows import invariants
from tests.faults.workflows.desk import Desk, Stuck
from tests.faults.workflows.machines import Plant
from tests.faults.workflows.racers import Racers
from workflows import engine
from workflows.kernel import Actor
from workflows.models import Instance

RECOVERY = 60.0  # seconds within which everything must be whole again
_numbers = itertools.count(1)


@dataclass
class Line:
    """A line of the table; `wrong` says what is not as it should be."""

    fault: str
    injected: int
    cases: int
    lost: int = 0
    duplicated: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.duplicated or self.wrong) and self.seconds <= RECOVERY

    def add(self, found: invariants.Found) -> None:
        self.lost += found.lost
        self.duplicated += found.duplicated
        self.wrong += found.sentences


@dataclass
class Stand:
    """What every fault gets: the plant, people, racers, and whether this is the short form."""

    plant: Plant
    pair: Racers
    five: Racers
    quick: bool = settings.QUICK

    def times(self, quick: int, whole: int) -> int:
        return quick if self.quick else whole

    def desk(self) -> Desk:
        return Desk(self.plant.address)


Fault = Callable[[Stand], Line]


def references(count: int) -> list[str]:
    """Names of cases that nobody has had yet."""
    batch = next(_numbers)
    return [f"F{batch}-{number}" for number in range(1, count + 1)]


def start_here(names: Sequence[str]) -> dict[str, uuid.UUID]:
    """Open cases from this process, without the web; their ids by reference."""
    close_old_connections()
    return {
        name: engine.start(key="office", reference=name, facts={}, actor=Actor("ann", "Ann")).instance.pk
        for name in names
    }


def wait_for_stage(names: Sequence[str], stage: str, patience: float = RECOVERY) -> None:
    """Wait until all these cases stand in a stage. Raises Stuck."""
    deadline = time.monotonic() + patience
    close_old_connections()
    while Instance.objects.filter(reference__in=names, stage=stage).count() < len(names):
        if time.monotonic() > deadline:
            raise Stuck(f"not all of {names[0]}… came to {stage}")
        time.sleep(0.05)


def disturbed(
    stand: Stand, fault: str, *, times: int, cases: int, disturb: Callable[[Desk, list[str]], None], once: bool = True
) -> Line:
    """Open a batch, disturb it while it is under way, let it finish and check it; so many times."""
    line = Line(fault, times, times * cases)
    for _ in range(times):
        desk, names = stand.desk(), references(cases)
        try:
            desk.open(names)
            disturb(desk, names)
            line.seconds = max(line.seconds, desk.finish(names))
        except Stuck as stuck:
            line.wrong.append(str(stuck))
        close_old_connections()
        line.add(invariants.check(names, accepted=desk.accepted, refused=desk.refused, once=once))
    return line
