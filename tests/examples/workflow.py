"""A case under the kernel alone, for tests: who is in which pool, and commands one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from workflows.kernel import (
    SYSTEM_ACTOR,
    Action,
    Actor,
    Command,
    Definition,
    Event,
    State,
    allowed,
    decide,
    evolve,
    load,
    rescues,
    timers,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "workflows"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def shipped(name: str) -> Definition:
    return load((FIXTURES / f"{name}.yaml").read_text(encoding="utf-8"))


@dataclass
class Office:
    """Pools and the people in them; stewards; who stands in for whom."""

    pools: Mapping[str, set[str]]
    standing_in: Mapping[str, set[str]] = field(default_factory=dict)
    helping: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)

    def members(self, pool: str) -> frozenset[str]:
        return frozenset(self.pools.get(pool, ()))

    def stands_in_for(self, pool: str) -> frozenset[str]:
        return frozenset(self.standing_in.get(pool, ()))

    def stewards(self) -> frozenset[str]:
        return frozenset(self.helping)

    def took_part_before(self) -> frozenset[str]:
        return frozenset(self.before)


US = {
    "commerce.licensing": {"omar", "grace"},
    "commerce.licensing_lead": {"grace", "ruth"},
    "commerce.ai_safety_institute": {"sven"},
    "commerce.oc_chair": {"lena", "omar"},
    "commerce.asst_sec": {"paul"},
    "commerce.secretary": {"irene"},
    "defense.dtsa": {"dana", "dick"},
    "defense.oc": {"dana"},
    "defense.asst_sec": {"victor"},
    "defense.secretary": {"mara"},
    "state.isn": {"samir"},
    "state.oc": {"samir"},
    "state.asst_sec": {"claire"},
    "state.secretary": {"edwin"},
    "energy.nnsa": {"yuki"},
    "energy.oc": {"yuki"},
    "energy.asst_sec": {"boris"},
    "energy.secretary": {"nina"},
    "executive.president": {"jo"},
}


class Played:
    """One case. `do` executes a command a minute later and returns its events; `at` is the instant of the last one."""

    def __init__(self, definition: Definition, office: Office | None = None, **facts: Any) -> None:
        self.definition, self.office = definition, office or Office(US, helping={"amara", "henrik"})
        self.at = START
        self.state: State | None = None
        self.history: list[Event] = []
        self._apply(Command("start", Actor("applicant", ""), {"reference": "T1", "facts": facts}))

    @property
    def now(self) -> State:
        assert self.state is not None
        return self.state

    def do(self, kind: str, person: str = "system", **data: Any) -> list[Event]:
        self.at += timedelta(minutes=1)
        actor = SYSTEM_ACTOR if person == "system" else Actor(person, person)
        return self._apply(Command(kind, actor, data))

    def _apply(self, command: Command) -> list[Event]:
        events = decide(self.definition, self.state, command, self.at, self.office)
        for event in events:
            self.state = evolve(self.state, event)
        self.history += events
        return events

    def complete(self, outcome: str, **facts: Any) -> list[Event]:
        return self.do("complete", key=self.now.effect, outcome=outcome, facts=facts)

    def wait(self, days: float) -> list[Event]:
        """Let time pass; what comes due happens."""
        until = self.at + timedelta(days=days)
        found: list[Event] = []
        while due := [timer for timer in timers(self.definition, self.now) if timer.due_at <= until]:
            self.at = max(self.at, due[0].due_at)
            found += self._apply(Command("expire", SYSTEM_ACTOR, {"timer": due[0].key}))
        self.at = until
        return found

    def allowed(self, person: str) -> list[Action]:
        return allowed(self.definition, self.now, Actor(person, person), self.at, self.office)

    def rescues(self, person: str) -> list[Action]:
        return rescues(self.definition, self.now, Actor(person, person), self.at, self.office)

    def in_review(self, **facts: Any) -> "Played":
        self.complete("clear", **facts)
        self.do("propose", "omar", seat="officer", action="refer")
        return self

    def vote_all(self, **votes: str) -> "Played":
        people = {"defense": "dana", "state": "samir", "safety": "sven", "commerce": "omar", "energy": "yuki"}
        for seat, vote in votes.items():
            self.do("vote", people[seat], seat=seat, vote=vote)
        return self

    def in_decision(self) -> "Played":
        return self.in_review().vote_all(defense="approve", state="approve", safety="approve", commerce="approve")


def us(**facts: Any) -> Played:
    return Played(shipped("us-interagency"), **facts)
