"""An office whose every effect leaves a line on paper: what is lost is missing there, what is doubled stands there twice.

An effect is armed by a file named like its case: then it kills its own process, once, at the point written there.
"""

import fcntl
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction

from workflows import automation, registry
from workflows.kernel import Event
from workflows.models import Instance

DEFINITION = """
key: office
version: 1
start: intake
votes: {favor: [approve], against: [deny]}
stages:
  intake:
    effect: note
    route: {done: review}
    on_failure: incident
  review:
    seats:
      left: {pool: office.left}
      right: {pool: office.right, not_same_person_as: [review.left]}
    decide: {rule: unanimous, on_split: against}
    route: {favor: sealing, against: refused}
    clock: {limit: 2, unit: calendar_days, warn: [1], at_expiry: {goto: late}}
  sealing:
    effect: seal
    route: {done: closed}
    on_failure: incident
  closed: {end: closed}
  refused: {end: refused}
  late: {end: late}
any_stage: {withdraw: refused}
"""
BY_DAYS = """
key: {key}
version: 1
start: review
votes: {{favor: [approve], against: [deny]}}
stages:
  review:
    seats: {{left: {{pool: office.left}}}}
    decide: {{rule: any}}
    route: {{favor: closed, against: closed}}
    clock: {{limit: {limit}, unit: {unit}, calendar: england, at_expiry: {{goto: late}}}}
  closed: {{end: closed}}
  late: {{end: late}}
"""
POOLS = {"office.left": frozenset({"lea", "leo"}), "office.right": frozenset({"ria", "rob", "lea"})}
POINTS = ("before", "during", "after", "reported")
PACE = 0.02  # seconds that an effect takes
PAPER: Path = settings.VAR_DIR / "paper"


def register() -> None:
    """Bring pools, effects and the ear at the case's events to the engine."""
    registry.pools.use(_members, stewards=_stewards)
    registry.listeners.register(_hear)
    automation.register("note", _write_line, "checks")
    automation.register("seal", _write_line, "documents")


def _members(pool: str, at: datetime) -> frozenset[str]:
    return frozenset() if away(pool).exists() else POOLS.get(pool, frozenset())


def away(pool: str) -> Path:
    """While this file is there, nobody is in the pool."""
    return PAPER / f"away-{pool}"


def _stewards(at: datetime) -> frozenset[str]:
    return frozenset({"sue"})


def _write_line(instance_id: UUID, key: str) -> automation.Result:
    """Write the line of this key, once however often it is asked for, as the engine demands of every effect."""
    reference = key.partition(":")[0]
    with _alone_at(key):
        append("runs", key)
        strike(reference, "before")
        time.sleep(PACE)
        strike(reference, "during")
        if key not in lines("ledger"):
            append("ledger", key)
        strike(reference, "after")
    return automation.Result("done")


@contextmanager
def _alone_at(key: str) -> Iterator[None]:
    """Note when somebody alive is at the same work: two leases at a time. The kernel frees a dead process's lock."""
    with open(PAPER / f"lock-{key}", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            append("overlaps", key)
        yield


def _hear(instance: Instance, events: Sequence[Event]) -> None:
    if any(event.kind == "effect_completed" for event in events):
        transaction.on_commit(lambda: strike(instance.reference, "reported"))


def append(sheet: str, line: str) -> None:
    """One write to the end of a sheet: whole, or not at all."""
    file = os.open(PAPER / sheet, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{line}\n".encode())
    os.close(file)


def lines(sheet: str) -> Counter[str]:
    """How often each line stands on a sheet: "ledger" (what the world sees), "runs" or "overlaps"."""
    try:
        return Counter((PAPER / sheet).read_text().split())
    except FileNotFoundError:
        return Counter()


def arm(reference: str, point: str) -> None:
    """Have the next effect of the case kill its process at this point; "poison": every one, always."""
    (PAPER / f"arm-{reference}").write_text(point)


def strike(reference: str, point: str) -> None:
    file = PAPER / f"arm-{reference}"
    try:
        armed = file.read_text()
    except FileNotFoundError:
        return
    if armed == point:
        file.unlink()
    if armed == point or (armed == "poison" and point == "before"):
        os.kill(os.getpid(), signal.SIGKILL)
