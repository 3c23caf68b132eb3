"""People at work over HTTP: they open cases and vote until every case is closed, and repeat whatever got no answer."""

import http.client
import json
import time
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import OperationalError, close_old_connections

from workflows.models import Instance, OutboxRow, OutboxState, Seat

PATIENCE = 90.0  # seconds until whoever still has no answer gives up
VOTERS = {"left": ("lea", "leo"), "right": ("ria", "rob")}  # the second where the first may not
NAMES = uuid.UUID("5f0c1a44-5a0b-4a5e-9d55-6c7d7f0b9a11")


class Stuck(Exception):
    """Cases that did not close in time."""


def named(*words: str) -> uuid.UUID:
    """The id of a command, the same whenever the same is asked for again."""
    return uuid.uuid5(NAMES, "/".join(words))


class Desk:
    """`accepted` are the commands that got a yes, `refused` those that got a no; `slowest` is the longest wait for either."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.accepted: set[uuid.UUID] = set()
        self.refused: set[uuid.UUID] = set()
        self.slowest = 0.0

    def open(self, references: Iterable[str], *, die: bool = False) -> None:
        for reference in references:
            self.command("/start", reference, "ann", "start", {}, die=die)

    def vote(self, reference: str, seat: str, who: str, *, die: bool = False) -> bool:
        data = {"seat": seat, "vote": "approve"}
        return self.command("/command", reference, who, "vote", data, die=die)

    def vote_for(self, reference: str, seat: str) -> None:
        """Vote on a seat as the first of its people who may."""
        any(self.vote(reference, seat, who) for who in VOTERS[seat])

    def command(
        self, path: str, reference: str, who: str, kind: str, data: Mapping[str, Any], *, die: bool = False
    ) -> bool:
        """Say it until there is an answer, each time under the same id; whether it was accepted."""
        command = named(reference, who, kind, json.dumps(data, sort_keys=True))
        said = {"id": str(command), "reference": reference, "who": who, "kind": kind, "data": data, "die": die}
        deadline = time.monotonic() + PATIENCE
        while True:
            began = time.monotonic()
            status = self._post(path, said)
            self.slowest = max(self.slowest, time.monotonic() - began)
            if status in (200, 409):
                break
            if time.monotonic() > deadline:
                raise Stuck(f"{kind} of {reference}: no answer but {status}")
            said["die"] = False
            time.sleep(0.05)
        (self.accepted if status == 200 else self.refused).add(command)
        return status == 200

    def _post(self, path: str, said: Mapping[str, Any]) -> int:
        """The status of the answer; 0 when there was none."""
        try:
            connection = http.client.HTTPConnection(*self.address, timeout=30)
            connection.request("POST", path, json.dumps(said), {"Content-Type": "application/json"})
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException):
            return 0
        return status

    def finish(self, references: list[str], patience: float = PATIENCE) -> float:
        """Vote wherever a seat is open until all are closed; the seconds that it took. Raises Stuck."""
        began = time.monotonic()
        while open_cases := self.pending(references):
            for reference, seat in open_cases:
                if seat:
                    self.vote_for(reference, seat)
            if time.monotonic() - began > patience:
                raise Stuck(f"{len(open_cases)} of {len(references)} still open: {sorted(open_cases)[:3]}")
            time.sleep(0.02)
        return time.monotonic() - began

    def pending(self, references: list[str]) -> set[tuple[str, str]]:
        """Open cases: with a seat that waits for a vote, or with ""; also those that are not there yet, or are owed work."""
        while True:
            try:
                close_old_connections()
                found = Instance.objects.filter(reference__in=references)
                closed = set(found.filter(closed_at__isnull=False).values_list("reference", flat=True))
                seats = Seat.objects.filter(instance__in=found, status__in=("open", "claimed")).values_list(
                    "instance__reference", "key"
                )
                waiting = set(seats)
                due = OutboxRow.objects.filter(state=OutboxState.DUE).values_list("key", flat=True)
                owed = {key.partition(":")[0] for key in due}
            except OperationalError:
                time.sleep(0.1)
                continue
            return waiting | {
                (reference, "") for reference in references if reference not in closed or reference in owed
            }
