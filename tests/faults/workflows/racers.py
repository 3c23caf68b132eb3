"""Processes that wait at a barrier and act at the same instant, each on connections of its own."""

import multiprocessing
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from django.db import close_old_connections

from tests.faults.workflows.web import person
from workflows import engine, outbox, tasks
from workflows.kernel import Refused

MOST_SECONDS = 60.0
Call = tuple[str, Mapping[str, Any]]


def execute(
    *, case: uuid.UUID, kind: str, who: str, data: Mapping[str, Any], command: uuid.UUID, at: datetime | None = None
) -> str:
    """The answer: "accepted", "repeated", or the code of the refusal."""
    try:
        outcome = engine.execute(
            instance_id=case, kind=kind, actor=person(who), data=data, command_id=command, at=at
        )  # fmt: skip
    except Refused as refused:
        return str(refused.code)
    return "repeated" if outcome.repeated else "accepted"


def start(*, reference: str, command: uuid.UUID) -> str:
    outcome = engine.start(key="office", reference=reference, facts={}, actor=person("ann"), command_id=command)
    return "repeated" if outcome.repeated else "accepted"


def ring(*, row: uuid.UUID, effect: str) -> str:
    outbox.ring(row, effect)
    return "rung"


def work(*, row: uuid.UUID) -> str:
    return "worked" if outbox.work(row) else "nothing"


def sweep() -> str:
    tasks.sweep()
    return "swept"


CALLS = {"execute": execute, "start": start, "ring": ring, "work": work, "sweep": sweep}


class Racers:
    """So many processes, started before this one has any connection. `run` gives each a list of calls of one length."""

    def __init__(self, count: int) -> None:
        forking = multiprocessing.get_context("fork")
        barrier = forking.Barrier(count)
        self._lines: list[Connection] = []
        for _ in range(count):
            ours, theirs = forking.Pipe()
            forking.Process(target=_race, args=(theirs, barrier, [*self._lines, ours]), daemon=True).start()
            theirs.close()
            self._lines.append(ours)

    def run(self, calls: Sequence[Sequence[Call]]) -> list[list[str]]:
        """The answers, racer by racer. Before each call all wait for one another; an error is an answer with its name."""
        for line, mine in zip(self._lines, calls, strict=True):
            line.send(mine)
        return [line.recv() for line in self._lines]

    def race(self, *calls: Call) -> list[str]:
        """One call for each racer, at the same instant."""
        return [answers[0] for answers in self.run([[call] for call in calls])]


def _race(line: Connection, barrier: Any, others: Sequence[Connection]) -> None:
    for other in others:
        other.close()
    while True:
        try:
            calls = line.recv()
        except EOFError:
            return
        answers = []
        close_old_connections()
        for name, data in calls:
            barrier.wait(MOST_SECONDS)
            try:
                answers.append(CALLS[name](**data))
            except Exception as error:  # noqa: BLE001 - an error is what the test wants to hear of
                answers.append(f"{type(error).__name__}: {error}")
        line.send(answers)
