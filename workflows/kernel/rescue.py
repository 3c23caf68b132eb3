"""Commands of stewards, who help a case that is stuck: each with a reason that stays in the history, and two people for a force."""

from dataclasses import replace

from workflows.kernel import flow
from workflows.kernel.refusals import Code, Refused
from workflows.kernel.seats import run_if_agreed
from workflows.kernel.state import SeatStatus
from workflows.kernel.turn import Turn
from workflows.kernel.types import SYSTEM, Command


def _steward(turn: Turn) -> str:
    """The reason, from somebody who may help, or from the system. Raises Refused for anybody else and for none."""
    if turn.actor.person not in turn.world.stewards() | {SYSTEM}:
        raise Refused(Code.NOT_A_STEWARD, "Only a steward of workflows may do this.")
    return turn.text("reason")


def retry(turn: Turn) -> None:
    """Try the effect of an automated stage again after an incident; or look again for people."""
    reason = _steward(turn)
    if not turn.state.incident:
        raise Refused(Code.NO_INCIDENT, "There is no incident to resolve.")
    turn.emit("incident_resolved", what=turn.state.incident, reason=reason)
    if turn.stage.effect:
        turn.follow("retried")
        flow.request(turn)
    else:
        flow.look_for_people(turn)


def reassign(turn: Turn) -> None:
    """Give a seat to somebody else of its pool: a steward, or a member of the pool, says why."""
    seat, person, reason = turn.open_seat(), turn.text("to"), turn.text("reason")
    if turn.actor.person not in turn.world.stewards() | turn.world.members(seat.pool):
        raise Refused(Code.NOT_IN_POOL, f"Only a steward or a member of {seat.pool} may reassign its seat.")
    _may_take(turn, person)
    turn.emit("reassigned", seat=seat.key, to=person, reason=reason, owner="")


def delegate(turn: Turn) -> None:
    """Let somebody else do the work of a seat that one holds; both then count for separation of duties."""
    seat, person = turn.open_seat(), turn.text("to")
    if seat.status is not SeatStatus.CLAIMED or seat.holder != turn.actor.person:
        raise Refused(Code.NOT_THE_HOLDER, f"You do not hold the seat {seat.key}.")
    if seat.owner:
        raise Refused(Code.NOT_THE_HOLDER, "What was delegated to you is handed back, not handed on.")
    if person == turn.actor.person:
        raise Refused(Code.BAD_DATA, f"You hold the seat {seat.key} already: name somebody else.")
    _may_take(turn, person)
    turn.emit("delegated", seat=seat.key, to=person, owner=turn.actor.person)


def hand_back(turn: Turn) -> None:
    """Give delegated work back to whose it is."""
    seat = turn.open_seat()
    if seat.status is not SeatStatus.CLAIMED or seat.holder != turn.actor.person or not seat.owner:
        raise Refused(Code.NOT_THE_HOLDER, f"The seat {seat.key} was not delegated to you.")
    turn.emit("handed_back", seat=seat.key, to=seat.owner, owner="")


def _may_take(turn: Turn, person: str) -> None:
    """Whether somebody else could sit here: the same questions as if they came by themselves."""
    there = Turn(
        turn.definition,
        turn.state,
        Command("claim", replace(turn.actor, person=person), turn.command.data),
        turn.now,
        turn.world,
    )
    there.may_sit(there.open_seat())


def skip(turn: Turn) -> None:
    """Do without an open seat; those that come after it are skipped too."""
    reason, seat, stage = _steward(turn), turn.open_seat(), turn.state.stage
    if seat.status is SeatStatus.VOTED:
        raise Refused(Code.SEAT_NOT_OPEN, f"The seat {seat.key} has acted already.")
    if sum(1 for each in turn.state.seats if each.status not in (SeatStatus.SKIPPED, SeatStatus.CANCELLED)) == 1:
        raise Refused(Code.SEAT_NOT_OPEN, f"{seat.key} is the only seat: force the case on, or cancel it.")
    turn.emit("seat_skipped", seat=seat.key, reason=reason)
    _skip_those_after(turn, seat.key)
    flow.after_vote(turn, seat.key)
    if turn.state.stage == stage and turn.stage.actions and any(each.ballot for each in turn.state.seats):
        run_if_agreed(turn)


def _skip_those_after(turn: Turn, seat: str) -> None:
    for plan in turn.stage.seats:
        successor = turn.state.seat(plan.key)
        if plan.after == seat and successor and successor.status is SeatStatus.WAITING:
            turn.follow("seat_skipped", seat=plan.key, reason=f"{seat} was skipped")
            _skip_those_after(turn, plan.key)


def force(turn: Turn) -> None:
    """Take the case to a stage that no route leads to. The first steward proposes, a second one confirms the same stage."""
    reason, target = _steward(turn), turn.text("stage")
    if target not in turn.definition.stages:
        raise Refused(Code.BAD_DATA, f"There is no stage {target}.")
    proposed = turn.state.force
    if proposed.get("stage") != target:
        turn.emit("force_proposed", stage=target, reason=reason)
        return
    if proposed["by"] == turn.actor.person:
        raise Refused(Code.SECOND_PERSON, "You proposed this; somebody else has to confirm it.")
    turn.emit("forced", stage=target, reason=reason, proposed_by=proposed["by"])
    flow.leave(turn, "forced", target)


def reopen(turn: Turn) -> None:
    """Open a closed case again, in a stage that is not an end."""
    reason, target = _steward(turn), turn.text("stage")
    if not turn.state.closed:
        raise Refused(Code.WRONG_STAGE, "The case is open.")
    stage = turn.definition.stages.get(target)
    if stage is None or stage.end:
        raise Refused(Code.BAD_DATA, f"{target} is no stage in which a case can be open.")
    turn.emit("reopened", stage=target, reason=reason)
    flow.enter(turn, target)


def cancel(turn: Turn) -> None:
    """End a case that should not be there."""
    turn.emit("cancelled", reason=_steward(turn))
    flow.end(turn, "cancelled")
