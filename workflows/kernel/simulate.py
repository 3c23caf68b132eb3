"""Playing a definition from a script, without a database: each line an actor, an instant and a command.

A line is a JSON object: `{"at": "2026-01-05T09:00Z", "actor": "ada", "command": "vote", "data": {"seat": "defense", "vote": "approve"}}`.
`{"at": …}` alone lets time pass, and what comes due on the way happens. `{"at": …, "outcome": "clear", "facts": {…}}` is what an
automated stage answers. The case starts at the first instant. A command that is refused prints its code and the script goes on.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from workflows.kernel.decide import decide
from workflows.kernel.definition import Definition
from workflows.kernel.evolve import evolve
from workflows.kernel.refusals import Refused
from workflows.kernel.state import State
from workflows.kernel.timers import running, timers
from workflows.kernel.types import SYSTEM_ACTOR, Actor, Command, Event

REFERENCE = "simulation"
KEYS = frozenset({"at", "actor", "command", "data", "outcome", "facts"})


class BadScript(ValueError):
    """A line that cannot be played; the sentence names the line, what is wrong and the mend."""


@dataclass(frozen=True)
class Pools:
    """Who is in which pool; where none are given, everybody of the script is in every pool."""

    members_of: Mapping[str, frozenset[str]] | None
    everybody: frozenset[str]

    def members(self, pool: str) -> frozenset[str]:
        return self.everybody if self.members_of is None else self.members_of.get(pool, frozenset())

    def stands_in_for(self, pool: str) -> frozenset[str]:
        return frozenset()

    def stewards(self) -> frozenset[str]:
        return self.members("stewards")

    def took_part_before(self) -> frozenset[str]:
        return frozenset()


@dataclass
class Simulation:
    """One case, played: `step` yields what to print for a line."""

    definition: Definition
    pools: Pools
    facts: Mapping[str, Any] = field(default_factory=dict)
    state: State | None = None

    def step(self, row: Mapping[str, Any], number: int) -> Iterator[dict[str, Any]]:
        at = _instant(row, number)
        if self.state is None:
            yield from self._do(
                Command("start", _actor(row), {"reference": REFERENCE, "facts": dict(self.facts)}), at, number
            )
        yield from self.pass_time(at, number)
        if "outcome" in row:
            key = self.state.effect if self.state else ""
            data = {"key": key, "outcome": row["outcome"], "facts": row.get("facts", {})}
            yield from self._do(Command("complete", SYSTEM_ACTOR, data), at, number)
        elif "command" in row:
            yield from self._do(Command(row["command"], _actor(row), row.get("data", {})), at, number)

    def pass_time(self, until: datetime, number: int) -> Iterator[dict[str, Any]]:
        """Fire every timer that comes due, in order."""
        while self.state is not None:
            due = [timer for timer in timers(self.definition, self.state) if timer.due_at <= until]
            if not due:
                return
            yield from self._do(Command("expire", SYSTEM_ACTOR, {"timer": due[0].key}), due[0].due_at, number)

    def _do(self, command: Command, at: datetime, number: int) -> Iterator[dict[str, Any]]:
        try:
            events = decide(self.definition, self.state, command, at, self.pools)
        except Refused as refused:
            yield {
                "line": number,
                "at": at.isoformat(),
                "command": command.kind,
                "refused": refused.code.value,
                "sentence": refused.sentence,
            }
            return
        for event in events:
            self.state = evolve(self.state, event)
            yield told(event)

    def end(self, at: datetime) -> dict[str, Any]:
        """The state in the end, with its clocks and what is due."""
        if self.state is None:
            return {"state": None}
        clocks = [
            {
                "clock": clock.key,
                "elapsed": round(clock.elapsed(self.state.closed_at or at), 4),
                "limit": clock.clock.limit,
                "unit": clock.clock.unit,
                "running": not (clock.stands_still or self.state.closed),
            }
            for clock in running(self.definition, self.state)
        ]
        due = [
            {"timer": timer.key, "due_at": timer.due_at.isoformat()} for timer in timers(self.definition, self.state)
        ]
        return {"state": self.state.to_json(), "clocks": clocks, "timers": due}


def told(event: Event) -> dict[str, Any]:
    return {"event": event.kind, "at": event.at.isoformat(), "actor": event.actor.person, **dict(event.data)}


def read(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of a script; empty lines and lines that begin with # are left out. Raises BadScript."""
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadScript(f"line {number}: this is not JSON ({error.msg}): write one object a line") from None
        if not isinstance(row, dict) or "at" not in row:
            raise BadScript(f'line {number}: an object with "at" is needed, such as {{"at": "2026-01-05T09:00Z"}}')
        unknown = sorted(set(row) - KEYS)
        if unknown:
            raise BadScript(f"line {number}: {unknown[0]!r} is unknown: use {', '.join(sorted(KEYS))}")
        rows.append({**row, "_line": number})
    return rows


def _instant(row: Mapping[str, Any], number: int) -> datetime:
    try:
        at = datetime.fromisoformat(row["at"])
    except (ValueError, TypeError):
        raise BadScript(f"line {number}: {row['at']!r} is no instant: write 2026-01-05T09:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _actor(row: Mapping[str, Any]) -> Actor:
    person = str(row.get("actor", "applicant"))
    return Actor(person, person)


def play(
    definition: Definition,
    rows: list[dict[str, Any]],
    facts: Mapping[str, Any],
    pools: Mapping[str, frozenset[str]] | None = None,
) -> Iterator[dict[str, Any]]:
    """Everything that a script brings about, one JSON object after another, the state last. Raises BadScript."""
    everybody = frozenset(str(row["actor"]) for row in rows if "actor" in row)
    simulation = Simulation(definition, Pools(pools, everybody), facts)
    at = datetime.now(UTC)
    for row in rows:
        number = row["_line"]
        later = _instant(row, number)
        if simulation.state is not None and later < at:
            raise BadScript(f"line {number}: {later.isoformat()} lies before the line above: instants run forward")
        at = later
        yield from simulation.step(row, number)
    yield simulation.end(at)
