"""Commands of people who sit in a seat."""

from workflows.kernel import flow
from workflows.kernel.refusals import Code, Refused
from workflows.kernel.state import Seat, SeatStatus
from workflows.kernel.turn import Turn


def claim(turn: Turn) -> None:
    turn.not_on_hold()
    seat = turn.open_seat()
    if seat.status is not SeatStatus.OPEN:
        raise Refused(Code.CLAIMED_BY_ANOTHER, f"The seat {seat.key} is taken.")
    turn.take(seat)


def release(turn: Turn) -> None:
    seat = turn.open_seat()
    if seat.status is not SeatStatus.CLAIMED or seat.holder != turn.actor.person:
        raise Refused(Code.NOT_THE_HOLDER, f"You do not hold the seat {seat.key}.")
    turn.emit("released", seat=seat.key)


def vote(turn: Turn) -> None:
    """Vote, or change one's vote while the stage is open."""
    turn.not_on_hold()
    seat, choice = turn.open_seat(), turn.text("vote")
    if turn.stage.decide is None:
        raise Refused(Code.WRONG_STAGE, f"In {turn.state.stage} an action is proposed, no vote is cast.")
    if choice not in (*turn.definition.favor, *turn.definition.against):
        raise Refused(Code.UNKNOWN_VOTE, f"{choice} is no vote of this workflow.")
    signs = _signature(turn, seat)
    capacity = turn.take(seat)
    turn.emit(
        "voted", seat=seat.key, pool=seat.pool, capacity=capacity, vote=choice, conditions=turn.texts("conditions"),
        denied_items=turn.texts("denied_items"), signs=signs, note=turn.text("note", required=False),
    )  # fmt: skip
    flow.void_successors(turn, seat.key)
    flow.after_vote(turn, seat.key)


def _signature(turn: Turn, seat: Seat) -> str:
    """What the vote signs. A seat after another binds what that one signed, when it signed anything."""
    signs = turn.text("signs", required=False)
    before = turn.state.seat(turn.plan(seat).after)
    if before and before.ballot and before.ballot.signs and signs != before.ballot.signs:
        raise Refused(Code.SIGNATURE_STALE, "What you read has changed since; read it again and sign that.")
    return signs


def _acting_seat(turn: Turn, *, first: bool) -> Seat:
    turn.not_on_hold()
    seat = turn.open_seat()
    if not turn.stage.actions:
        raise Refused(Code.WRONG_STAGE, f"In {turn.state.stage} votes are cast, no action is proposed.")
    if first == bool(turn.plan(seat).after):
        who = "proposes" if first else "agrees"
        raise Refused(Code.UNKNOWN_ACTION, f"The seat {seat.key} is not the one that {who}.")
    return seat


def propose(turn: Turn) -> None:
    """Propose an action; it runs when every seat after has agreed, at once when there is none."""
    seat, action = _acting_seat(turn, first=True), turn.text("action")
    if action not in turn.stage.actions:
        raise Refused(Code.UNKNOWN_ACTION, f"{turn.state.stage} has no action {action}.")
    within_limit(turn, action)
    capacity = turn.take(seat)
    turn.emit(
        "proposed", seat=seat.key, pool=seat.pool, capacity=capacity, action=action,
        signs=turn.text("signs", required=False), note=turn.text("note", required=False),
    )  # fmt: skip
    flow.void_successors(turn, seat.key)
    flow.after_vote(turn, seat.key)
    run_if_agreed(turn)


def agree(turn: Turn) -> None:
    """Countersign what the first seat proposed: exactly what was signed."""
    seat = _acting_seat(turn, first=False)
    signs = _signature(turn, seat)
    capacity = turn.take(seat)
    turn.emit("agreed", seat=seat.key, pool=seat.pool, capacity=capacity, signs=signs)
    flow.after_vote(turn, seat.key)
    run_if_agreed(turn)


def return_(turn: Turn) -> None:
    """Send the proposal back: a new round of the stage, with fresh seats."""
    seat, reason = _acting_seat(turn, first=False), turn.text("reason")
    within_limit(turn, "returned")
    capacity = turn.take(seat)
    turn.emit("returned", seat=seat.key, pool=seat.pool, capacity=capacity, reason=reason)
    flow.leave(turn, "returned", turn.state.stage)


def within_limit(turn: Turn, action: str) -> None:
    limit = turn.stage.limits.get(action)
    if limit and turn.state.counts.get(f"{turn.state.stage}.{action}", 0) >= limit:
        told = f"; {turn.stage.at_limit} may lift the limit" if turn.stage.at_limit else ""
        raise Refused(Code.LIMIT_REACHED, f"{action} has been used {limit} times in {turn.state.stage}{told}.")


def lift(turn: Turn) -> None:
    """Allow an action once more, past its limit: for those whom the definition names, with a reason."""
    action, reason = turn.text("action"), turn.text("reason")
    pool = turn.stage.at_limit
    if not pool or turn.actor.person not in turn.world.members(pool):
        raise Refused(Code.NOT_IN_POOL, f"Only {pool or 'nobody'} may lift a limit of {turn.state.stage}.")
    limit = turn.stage.limits.get(action)
    if not limit or turn.state.counts.get(f"{turn.state.stage}.{action}", 0) < limit:
        raise Refused(Code.UNKNOWN_ACTION, f"{action} is at no limit in {turn.state.stage}.")
    turn.emit("limit_lifted", action=action, reason=reason, pool=pool)


def run_if_agreed(turn: Turn) -> None:
    waiting = [seat for seat in turn.state.seats if seat.status not in (SeatStatus.VOTED, SeatStatus.SKIPPED)]
    if waiting:
        return
    action = next(
        seat.ballot.choice for seat in turn.state.seats if seat.ballot and seat.ballot.choice in turn.stage.actions
    )
    flow.leave(turn, action, turn.stage.actions[action])


def recuse(turn: Turn) -> None:
    """Step aside for good. A vote that the person has cast in this stage is taken back with it."""
    reason = turn.text("reason")
    person = turn.actor.person
    seats = [
        seat
        for seat in turn.state.seats
        if person in turn.world.members(seat.pool) | turn.world.stands_in_for(seat.pool)
    ]
    if not seats:
        raise Refused(Code.NOT_IN_POOL, "You have no seat in this stage to step aside from.")
    if person in turn.state.recused:
        raise Refused(Code.RECUSED, "You stepped aside already.")
    turn.emit("recused", person=person, reason=reason)
    for seat in turn.state.seats:
        if seat.ballot and seat.ballot.person == person and not turn.state.provisional:
            turn.follow("ballot_voided", seat=seat.key, status=SeatStatus.OPEN.value, why="recused")
            flow.void_successors(turn, seat.key)


def ask(turn: Turn) -> None:
    """Ask a question; clocks that name questions stand still until it is answered."""
    turn.not_on_hold()
    seat, question = turn.open_seat(), turn.text("question_id")
    rfi = turn.stage.rfi
    if rfi is None:
        raise Refused(Code.NO_QUESTIONS, f"No questions are asked in {turn.state.stage}.")
    if sum(1 for asked in turn.state.questions if asked.stage == turn.state.stage) >= rfi.max:
        raise Refused(Code.LIMIT_REACHED, f"{turn.state.stage} has used its {rfi.max} questions.")
    if any(asked.id == question for asked in turn.state.questions):
        raise Refused(Code.BAD_DATA, "A question with this id was asked already.")
    if seat.status is SeatStatus.VOTED:
        raise Refused(Code.SEAT_NOT_OPEN, f"The seat {seat.key} has voted; ask before you vote.")
    capacity = turn.take(seat)
    turn.emit("question_asked", question_id=question, seat=seat.key, pool=seat.pool, capacity=capacity)


def answer(turn: Turn) -> None:
    """Answer a question; the application sees to it that the right party does."""
    question = next((asked for asked in turn.state.questions if asked.id == turn.text("question_id")), None)
    if question is None:
        raise Refused(Code.UNKNOWN_QUESTION, "There is no such question.")
    if question.closed_at is not None:
        raise Refused(Code.QUESTION_CLOSED, "The question is closed already.")
    turn.emit("question_answered", question_id=question.id)
