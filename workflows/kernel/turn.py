"""One command under way: the state as it changes, the events so far, and what every command has to ask first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflows.kernel.definition import Definition, SeatPlan, Stage
from workflows.kernel.evolve import evolve
from workflows.kernel.refusals import Code, Refused
from workflows.kernel.state import Seat, State
from workflows.kernel.types import SYSTEM, SYSTEM_ACTOR, Actor, Command, Event, World


class Turn:
    """Collects the events of one command; each is applied at once, so that what follows sees what came before."""

    def __init__(self, definition: Definition, state: State, command: Command, now: datetime, world: World) -> None:
        self.definition, self.command, self.now, self.world = definition, command, now, world
        self.state = state
        self.events: list[Event] = []

    @property
    def actor(self) -> Actor:
        return self.command.actor

    @property
    def stage(self) -> Stage:
        return self.definition.stages[self.state.stage]

    def emit(self, kind: str, **data: Any) -> None:
        """Write an event of the actor's."""
        self._write(Event(kind, self.now, self.actor, data))

    def follow(self, kind: str, **data: Any) -> None:
        """Write an event that follows by itself."""
        self._write(Event(kind, self.now, SYSTEM_ACTOR, data))

    def _write(self, event: Event) -> None:
        self.events.append(event)
        self.state = evolve(self.state, event)

    def text(self, name: str, *, required: bool = True) -> str:
        """A text of the command's data."""
        value = self.command.data.get(name, "")
        if not isinstance(value, str) or (required and not value.strip()):
            raise Refused(Code.BAD_DATA, f"{self.command.kind} needs {name}: a text.")
        return value.strip()

    def texts(self, name: str) -> list[str]:
        value = self.command.data.get(name, ())
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise Refused(Code.BAD_DATA, f"{name} is a list of texts.")
        return sorted(set(value))

    def mapping(self, name: str) -> Mapping[str, Any]:
        value = self.command.data.get(name) or {}
        if not isinstance(value, Mapping):
            raise Refused(Code.BAD_DATA, f"{name} is a mapping.")
        return value

    def only_system(self) -> None:
        if self.actor.person != SYSTEM:
            raise Refused(Code.NOT_IN_POOL, "Only the system does this.")

    def not_on_hold(self) -> None:
        if self.state.on_hold:
            raise Refused(Code.ON_HOLD, "The case is on hold; resume it first.")

    def open_seat(self) -> Seat:
        """The seat that the command names: open, claimed or voted, in a stage that still takes votes."""
        seat = self.state.seat(self.text("seat"))
        if seat is None:
            raise Refused(Code.UNKNOWN_SEAT, f"The stage {self.state.stage} has no seat {self.text('seat')}.")
        if self.state.provisional or seat.status in ("waiting", "skipped", "cancelled"):
            raise Refused(Code.SEAT_NOT_OPEN, f"The seat {seat.key} is not open.")
        return seat

    def plan(self, seat: Seat) -> SeatPlan:
        plan = self.stage.seat(seat.key)
        assert plan is not None  # noqa: S101 - seats of a state come from its definition
        return plan

    def may_sit(self, seat: Seat) -> str:
        """In which capacity the actor may act for a seat, "member" or "substitute". Raises Refused when in none."""
        person = self.actor.person
        if person in self.state.recused:
            raise Refused(Code.RECUSED, "You stepped aside in this case.")
        capacity = self._capacity(seat, person)
        if person in self.world.took_part_before():
            raise Refused(Code.SEPARATION_OF_DUTIES, "You took part in the case that this one reviews.")
        place = f"{self.state.stage}.{seat.key}"
        for other in self.definition.apart_from(place):
            if person in self.state.acted.get(other, ()):
                raise Refused(Code.SEPARATION_OF_DUTIES, f"You acted as {other}; {place} needs another person.")
        return capacity

    def _capacity(self, seat: Seat, person: str) -> str:
        if person in self.world.members(seat.pool):
            return "member"
        if person == seat.holder or person in self.world.stands_in_for(seat.pool):
            return "substitute"
        raise Refused(Code.NOT_IN_POOL, f"You are not a member of {seat.pool}.")

    def take(self, seat: Seat) -> str:
        """The actor's capacity in a seat that is theirs or free; a free one is claimed on the way."""
        capacity = self.may_sit(seat)
        if seat.holder and seat.holder != self.actor.person:
            raise Refused(Code.CLAIMED_BY_ANOTHER, f"Somebody else holds the seat {seat.key}.")
        if not seat.holder:
            self.emit("claimed", seat=seat.key, pool=seat.pool, capacity=capacity)
            if self.state.incident == "empty_pool":
                self.follow("incident_resolved", what="empty_pool", reason="Somebody has taken the seat.")
        return capacity
