"""What goes into the kernel and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Somebody who acts. `person` is one id for one human being, whatever accounts they have; `"system"` is no person."""

    person: str
    label: str


SYSTEM_ACTOR = Actor(SYSTEM, "System")


@dataclass(frozen=True)
class Command:
    """What somebody wants: a kind, who, and the data that the kind asks for (docs/workflows.md)."""

    kind: str
    actor: Actor
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """What has happened. `data` is plain JSON."""

    kind: str
    at: datetime
    actor: Actor
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """Work for the application: the effect of an automated stage, once per key."""

    name: str
    key: str
    stage: str


@dataclass(frozen=True)
class Timer:
    """An instant at which the case moves by itself: fire it with the command `expire`."""

    key: str
    due_at: datetime


@dataclass(frozen=True)
class Action:
    """Something that the actor may do now. `choice` is the vote or action; `label` is for a button."""

    kind: str
    stage: str
    seat: str = ""
    choice: str = ""
    label: str = ""


class World(Protocol):
    """What the kernel may ask about the world at the instant of a decision."""

    def members(self, pool: str) -> frozenset[str]:
        """The people in a pool now."""
        ...

    def stands_in_for(self, pool: str) -> frozenset[str]:
        """The people who may act for absent members of a pool now."""
        ...

    def stewards(self) -> frozenset[str]:
        """The people who may help a case that is stuck."""
        ...

    def took_part_before(self) -> frozenset[str]:
        """The people who acted in a linked case, such as the one under appeal; they may not decide here."""
        ...
