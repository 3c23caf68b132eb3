"""The state of a case: what replaying its events gives. Immutable, and plain JSON on the way in and out."""

from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Self


class SeatStatus(StrEnum):
    WAITING = "waiting"
    OPEN = "open"
    CLAIMED = "claimed"
    VOTED = "voted"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


LIVE = frozenset({SeatStatus.OPEN, SeatStatus.CLAIMED})


@dataclass(frozen=True)
class Ballot:
    """What a seat has said: a vote, a proposed action or an agreement."""

    person: str
    choice: str
    at: datetime
    conditions: tuple[str, ...] = ()
    denied_items: tuple[str, ...] = ()
    signs: str = ""


@dataclass(frozen=True)
class Seat:
    """A seat in one round of the stage that the case is in."""

    key: str
    pool: str
    status: SeatStatus
    opened_at: datetime | None = None
    claimed_at: datetime | None = None
    holder: str = ""
    owner: str = ""
    ballot: Ballot | None = None

    @property
    def live(self) -> bool:
        return self.status in LIVE


@dataclass(frozen=True)
class Question:
    id: str
    stage: str
    round: int
    seat: str
    asked_at: datetime
    closed_at: datetime | None = None
    answered: bool = False


@dataclass(frozen=True)
class Pause:
    """An interval in which clocks that name its reason stand still. `stage` is where it arose."""

    reason: str
    stage: str
    started: datetime
    ended: datetime | None = None
    cause: str = ""


@dataclass(frozen=True)
class Visit:
    """One stay in a stage."""

    stage: str
    round: int
    entered_at: datetime
    left_at: datetime | None = None
    outcome: str = ""


@dataclass(frozen=True)
class Provisional:
    """An outcome that waits for its appeal window to shut."""

    outcome: str
    target: str
    since: datetime


@dataclass(frozen=True)
class State:
    """Where a case is. `acted` maps `stage.seat` to everybody who has acted there, in any round."""

    reference: str
    opened_at: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    stage: str = ""
    round: int = 0
    rule: str = ""
    seats: tuple[Seat, ...] = ()
    questions: tuple[Question, ...] = ()
    pauses: tuple[Pause, ...] = ()
    visits: tuple[Visit, ...] = ()
    fired: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    acted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    recused: tuple[str, ...] = ()
    effect: str = ""
    incident: str = ""
    force: dict[str, str] = field(default_factory=dict)
    provisional: Provisional | None = None
    conditions: tuple[str, ...] = ()
    denied_items: tuple[str, ...] = ()
    consolidated: str = ""
    end: str = ""
    closed_at: datetime | None = None

    @property
    def closed(self) -> bool:
        return self.closed_at is not None

    @property
    def on_hold(self) -> bool:
        return any(pause.reason == "hold" and pause.ended is None for pause in self.pauses)

    @property
    def entered_at(self) -> datetime:
        return self.visits[-1].entered_at

    def seat(self, key: str) -> Seat | None:
        return next((seat for seat in self.seats if seat.key == key), None)

    def with_seat(self, key: str, **changes: Any) -> "State":
        return replace(self, seats=tuple(replace(seat, **changes) if seat.key == key else seat for seat in self.seats))

    def open_questions(self) -> list[Question]:
        return [question for question in self.questions if question.closed_at is None]

    def to_json(self) -> dict[str, Any]:
        return dict(_plain(vars(self)))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        whole = {
            **data,
            "opened_at": _when(data["opened_at"]),
            "closed_at": _when(data["closed_at"]),
            "seats": tuple(_seat(row) for row in data["seats"]),
            "questions": tuple(_row(Question, row) for row in data["questions"]),
            "pauses": tuple(_row(Pause, row) for row in data["pauses"]),
            "visits": tuple(_row(Visit, row) for row in data["visits"]),
            "provisional": _row(Provisional, data["provisional"]) if data["provisional"] else None,
            "acted": {place: tuple(people) for place, people in data["acted"].items()},
        }
        for name in ("fired", "recused", "conditions", "denied_items"):
            whole[name] = tuple(data[name])
        return cls(**whole)


def _plain(value: Any) -> Any:
    """JSON's own types; by hand, for `dataclasses.asdict` takes a tenth of a command's whole time."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in (vars(value) if is_dataclass(value) else value).items()}


def _when(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


@cache
def _instants(kind: Any) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind) if "datetime" in str(field.type))


def _row(kind: Any, row: dict[str, Any]) -> Any:
    instants = _instants(kind)
    return kind(**{name: _when(value) if name in instants else value for name, value in row.items()})


def _seat(row: dict[str, Any]) -> Seat:
    ballot = row["ballot"]
    if ballot is not None:
        ballot = _row(
            Ballot, {**ballot, "conditions": tuple(ballot["conditions"]), "denied_items": tuple(ballot["denied_items"])}
        )
    return _row(Seat, {**row, "status": SeatStatus(row["status"]), "ballot": ballot})  # type: ignore[no-any-return]
