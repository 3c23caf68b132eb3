"""Commands about the case as a whole: start, hold, withdraw, amend, appeal; and what machines report: effects and timers."""

from workflows.kernel import flow
from workflows.kernel.conditions import bad_value, unset
from workflows.kernel.definition import CLOSED
from workflows.kernel.refusals import Code, Refused
from workflows.kernel.seats import within_limit
from workflows.kernel.state import SeatStatus
from workflows.kernel.timers import Alarm, alarms
from workflows.kernel.turn import Turn
from workflows.kernel.types import SYSTEM


def check_facts(turn: Turn) -> dict[str, object]:
    """The facts that a command brings: each declared, each of its type."""
    facts = dict(turn.mapping("facts"))
    for name, value in facts.items():
        kind = turn.definition.facts.get(name)
        if kind is None:
            raise Refused(Code.UNDECLARED_FACT, f"The definition declares no fact {name}.")
        if wrong := bad_value(kind, value):
            raise Refused(Code.BAD_DATA, f"The fact {name} is {wrong}, not {value!r}.")
    return facts


def begin(turn: Turn) -> None:
    """Everything that follows from `started`."""
    flow.enter(turn, turn.definition.start)


def initial_facts(turn: Turn) -> dict[str, object]:
    declared = {name: unset(kind) for name, kind in turn.definition.facts.items()}
    return declared | check_facts(turn)


def hold(turn: Turn) -> None:
    reason = turn.text("reason")
    _has_a_seat(turn)
    if turn.definition.hold is None:
        raise Refused(Code.NOT_ON_HOLD, "This workflow knows no hold.")
    turn.not_on_hold()
    turn.emit("held", reason=reason)


def resume(turn: Turn) -> None:
    _has_a_seat(turn)
    if not turn.state.on_hold:
        raise Refused(Code.NOT_ON_HOLD, "The case is not on hold.")
    turn.emit("resumed", why=turn.text("reason", required=False))


def _has_a_seat(turn: Turn) -> None:
    """Whoever has a seat in the stage, or the system, may stop and start the clocks."""
    people = {person for seat in turn.state.seats for person in turn.world.members(seat.pool)}
    if turn.actor.person != SYSTEM and turn.actor.person not in people:
        raise Refused(Code.NOT_IN_POOL, "Only somebody with a seat in this stage may do this.")
    if turn.actor.person in turn.state.recused:
        raise Refused(Code.RECUSED, "You stepped aside in this case.")


def withdraw(turn: Turn) -> None:
    """The applicant takes the case back; the application sees to it that it is the applicant."""
    if not turn.definition.withdraw:
        raise Refused(Code.UNKNOWN_ACTION, "A case of this workflow cannot be withdrawn.")
    turn.emit("withdrawn", reason=turn.text("reason"))
    flow.leave(turn, "withdrawn", turn.definition.withdraw)


def amend(turn: Turn) -> None:
    """The application has changed. Votes of the affected seats are void; all of them where a fact that the stage used has changed."""
    facts, seats = check_facts(turn), turn.texts("seats")
    changed = {name for name, value in facts.items() if turn.state.facts.get(name) != value}
    turn.emit("amended", facts=facts, seats=seats)
    if turn.stage.effect or changed & flow.facts_used(turn.stage):
        flow.leave(turn, "amended", turn.state.stage)
    else:
        for seat in turn.state.seats:
            if seat.ballot and (seat.key in seats or turn.stage.actions):
                first = not turn.plan(seat).after
                status = SeatStatus.OPEN if first else SeatStatus.WAITING
                turn.follow("ballot_voided", seat=seat.key, status=status.value, why="amended")


def appeal(turn: Turn) -> None:
    """Appeal a provisional outcome, for a seat that the definition lets appeal."""
    seat, reason = turn.state.seat(turn.text("seat")), turn.text("reason")
    plan = turn.stage.appeal
    if plan is None or turn.state.provisional is None:
        raise Refused(Code.NO_APPEAL, "Nothing is open to appeal now.")
    if seat is None or seat.key not in plan.by:
        raise Refused(Code.UNKNOWN_SEAT, f"Only {', '.join(plan.by)} may appeal.")
    if seat.status is SeatStatus.SKIPPED:
        raise Refused(Code.SEAT_NOT_OPEN, f"{seat.key} had no seat in this case.")
    turn.may_sit(seat)
    turn.emit("appealed", seat=seat.key, pool=seat.pool, reason=reason, to=plan.to)
    flow.leave(turn, "appealed", plan.to)


def complete(turn: Turn) -> None:
    """An effect reports its outcome; one that the stage does not route is an incident."""
    turn.only_system()
    _pending(turn)
    outcome, facts = turn.text("outcome"), check_facts(turn)
    turn.emit("effect_completed", effect=turn.stage.effect, key=turn.text("key"), outcome=outcome, facts=facts)
    target = flow.routed(turn, outcome)
    if not target:
        turn.follow(
            "incident_opened",
            what="undeclared_outcome",
            why=f"{turn.stage.effect} answered {outcome}, which has no route.",
        )
        return
    try:
        within_limit(turn, outcome)
    except Refused as limit:
        turn.follow("incident_opened", what="limit_reached", why=limit.sentence)
        return
    flow.leave(turn, outcome, target)


def fail(turn: Turn) -> None:
    turn.only_system()
    _pending(turn)
    why = turn.text("reason")
    turn.emit("effect_failed", effect=turn.stage.effect, key=turn.text("key"), reason=why)
    turn.follow("incident_opened", what="effect_failed", why=why)


def _pending(turn: Turn) -> None:
    if not turn.stage.effect:
        raise Refused(Code.NOT_AUTOMATED, f"{turn.state.stage} waits for no effect.")
    if turn.text("key") != turn.state.effect:
        raise Refused(Code.STALE_EFFECT, "This effect is not the one that the case waits for.")


def expire(turn: Turn) -> None:
    """A timer has come due."""
    turn.only_system()
    key = turn.text("timer")
    alarm = next((alarm for alarm in alarms(turn.definition, turn.state) if alarm.timer.key == key), None)
    if alarm is None:
        raise Refused(Code.UNKNOWN_TIMER, f"No timer {key} is running.")
    if alarm.timer.due_at > turn.now:
        raise Refused(Code.NOT_DUE, f"{key} is due at {alarm.timer.due_at.isoformat()}.")
    turn.emit("warned" if alarm.kind == "warn" else "expired", timer=key, what=alarm.kind, subject=alarm.subject)
    _after_expiry(turn, alarm)


def _after_expiry(turn: Turn, alarm: Alarm) -> None:
    if alarm.kind == "expiry":
        _clock_ran_out(turn, alarm)
    elif alarm.kind == "question":
        rfi = turn.stage.rfi
        turn.follow("question_closed", question_id=alarm.subject, why="expired")
        if rfi and rfi.at_expiry != CLOSED:
            flow.leave(turn, "unanswered", rfi.at_expiry)
    elif alarm.kind == "appeal" and turn.state.provisional:
        flow.leave(turn, turn.state.provisional.outcome, turn.state.provisional.target)
    elif alarm.kind == "hold":
        turn.follow("resumed", why="hold_expired")
    elif alarm.kind == "claim":
        turn.follow("released", seat=alarm.subject, why="claim_expired")


def _clock_ran_out(turn: Turn, alarm: Alarm) -> None:
    expiry = alarm.expiry
    if expiry.alert:
        turn.follow("alerted", alert=expiry.alert, clock=alarm.subject)
    if expiry.escalate:
        turn.follow("escalated", pool=expiry.escalate, why="expired", clock=alarm.subject)
    if expiry.cast:
        _cast(turn, expiry.cast)
    elif expiry.goto:
        flow.leave(turn, "expired", expiry.goto)


def _cast(turn: Turn, choice: str) -> None:
    """The seats that did not vote are deemed to have said this; a seat that opens by it is cast too."""
    stage = turn.state.visits[-1]
    while turn.state.visits[-1] == stage and not turn.state.closed and not turn.state.provisional:
        seat = next((seat for seat in turn.state.seats if seat.live), None)
        if seat is None:
            return
        turn.follow(
            "voted",
            seat=seat.key,
            pool=seat.pool,
            capacity="deemed",
            vote=choice,
            conditions=[],
            denied_items=[],
            signs="",
        )
        flow.after_vote(turn, seat.key)
