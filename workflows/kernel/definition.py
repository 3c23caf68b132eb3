"""A workflow definition as frozen values, canonical JSON and a digest. Where each part stood in its file is kept beside."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Path = tuple[str, ...]

CLOSED = "closed"


@dataclass(frozen=True)
class Expiry:
    """What happens when a clock runs out. `goto`, `cast` and `closed` move the case; `alert` and `escalate` tell people."""

    alert: str = ""
    escalate: str = ""
    goto: str = ""
    cast: str = ""
    closed: bool = False


@dataclass(frozen=True)
class Clock:
    limit: int
    unit: str
    calendar: str = ""
    starts: str = ""
    pauses_on: tuple[str, ...] = ()
    warn: tuple[int, ...] = ()
    at_expiry: Expiry = Expiry()


@dataclass(frozen=True)
class SeatPlan:
    key: str
    pool: str
    when: str = ""
    after: str = ""
    not_same_person_as: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A quorum rule, or one of several by condition; the first that is true holds."""

    name: str
    n: int = 0


@dataclass(frozen=True)
class Decide:
    default: Rule
    when: tuple[tuple[str, Rule], ...] = ()
    chair: str = ""
    tie: str = ""
    tie_goto: str = ""
    on_split: str = ""

    def rules(self) -> tuple[Rule, ...]:
        return (self.default, *(rule for _, rule in self.when))


@dataclass(frozen=True)
class Route:
    """Where an outcome leads: the first target whose condition holds, else the default."""

    default: str
    when: tuple[tuple[str, str], ...] = ()

    def targets(self) -> tuple[str, ...]:
        return (self.default, *(target for _, target in self.when))


@dataclass(frozen=True)
class Rfi:
    to: str
    limit: int
    unit: str
    at_expiry: str
    max: int
    calendar: str = ""
    on_entry: bool = False


@dataclass(frozen=True)
class Claim:
    """How long a seat may be held without acting; then it is free again."""

    limit: int
    unit: str
    calendar: str = ""


@dataclass(frozen=True)
class Appeal:
    by: tuple[str, ...]
    window: int
    unit: str
    to: str
    calendar: str = ""


@dataclass(frozen=True)
class Stage:
    """One stage: automated (`effect`), an end (`end`), a vote (`decide`), or an action (`actions`)."""

    key: str
    seats: tuple[SeatPlan, ...] = ()
    decide: Decide | None = None
    consolidate: Mapping[str, str] = field(default_factory=dict)
    route: Mapping[str, Route] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    at_limit: str = ""
    clock: Clock | None = None
    claim: Claim | None = None
    rfi: Rfi | None = None
    appeal: Appeal | None = None
    visibility: str = "open"
    effect: str = ""
    end: str = ""

    def seat(self, key: str) -> SeatPlan | None:
        return next((seat for seat in self.seats if seat.key == key), None)

    def targets(self) -> list[tuple[Path, str]]:
        """Every stage that this one can lead to, with the place where it is named."""
        found: list[tuple[Path, str]] = [
            (("route", outcome), target) for outcome, route in self.route.items() for target in route.targets()
        ]
        found += [(("actions", action), target) for action, target in self.actions.items()]
        if self.clock and self.clock.at_expiry.goto:
            found.append((("clock", "at_expiry"), self.clock.at_expiry.goto))
        if self.rfi and self.rfi.at_expiry != CLOSED:
            found.append((("rfi", "at_expiry"), self.rfi.at_expiry))
        if self.appeal:
            found.append((("appeal", "to"), self.appeal.to))
        if self.decide:
            if self.decide.on_split and self.decide.on_split not in ("favor", "against"):
                found.append((("decide", "on_split"), self.decide.on_split))
            if self.decide.tie_goto:
                found.append((("decide", "tie"), self.decide.tie_goto))
        return found


@dataclass(frozen=True)
class Hold:
    max: int
    unit: str
    reasons: str = ""


@dataclass(frozen=True)
class Definition:
    """A whole definition. `source` is what was loaded, as plain JSON; `lines` says where each part stood, when it came from a file."""

    key: str
    version: int
    start: str
    facts: Mapping[str, Any]
    favor: tuple[str, ...]
    against: tuple[str, ...]
    clocks: Mapping[str, Clock]
    stages: Mapping[str, Stage]
    withdraw: str
    hold: Hold | None
    source: Mapping[str, Any]
    lines: Mapping[Path, int] = field(default_factory=dict, compare=False)

    @cached_property
    def canonical(self) -> str:
        return json.dumps(self.source, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    def line(self, path: Path) -> int:
        """The line of a part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def apart_from(self, place: str) -> set[str]:
        """Every place (`stage.seat`) that must be held by somebody else than `place`, whichever of the two names the other."""
        apart: set[str] = set()
        for stage in self.stages.values():
            for plan in stage.seats:
                here = f"{stage.key}.{plan.key}"
                if here == place:
                    apart.update(plan.not_same_person_as)
                elif place in plan.not_same_person_as:
                    apart.add(here)
        return apart

    def pools(self) -> dict[str, Path]:
        """Every pool that is named, and where."""
        found: dict[str, Path] = {}
        for stage in self.stages.values():
            for seat in stage.seats:
                found.setdefault(seat.pool, ("stages", stage.key, "seats", seat.key))
            if stage.clock and stage.clock.at_expiry.escalate:
                found.setdefault(stage.clock.at_expiry.escalate, ("stages", stage.key, "clock", "at_expiry"))
            if stage.at_limit:
                found.setdefault(stage.at_limit, ("stages", stage.key, "at_limit"))
        return found
