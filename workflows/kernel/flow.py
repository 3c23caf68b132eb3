"""Entering and leaving stages, and what follows from a vote by itself."""

import uuid
from typing import Any

from workflows.kernel import tally
from workflows.kernel.conditions import asked, holds
from workflows.kernel.definition import Rule, Stage
from workflows.kernel.state import SeatStatus
from workflows.kernel.turn import Turn


def enter(turn: Turn, key: str) -> None:
    """Go into a stage: seats and rule are fixed here, with the facts that decided them."""
    stage = turn.definition.stages[key]
    round_ = 1 + sum(1 for visit in turn.state.visits if visit.stage == key)
    statuses = _seat_statuses(turn, stage)
    seats = [{"key": plan.key, "pool": plan.pool, "status": statuses[plan.key].value} for plan in stage.seats]
    rule = _rule(turn, stage)
    used = {name: turn.state.facts[name] for name in facts_used(stage) if name in turn.state.facts}
    turn.follow("stage_entered", stage=key, round=round_, rule=_written(rule), seats=seats, facts=used)
    if stage.end:
        end(turn, stage.end)
    elif stage.effect:
        request(turn)
    else:
        _open(turn, stage)


def _seat_statuses(turn: Turn, stage: Stage) -> dict[str, SeatStatus]:
    statuses: dict[str, SeatStatus] = {}
    waiting = list(stage.seats)
    while waiting:
        plan = next((plan for plan in waiting if not plan.after or plan.after in statuses), waiting[0])
        waiting.remove(plan)
        if not holds(plan.when, turn.definition, turn.state.facts) or statuses.get(plan.after) is SeatStatus.SKIPPED:
            statuses[plan.key] = SeatStatus.SKIPPED
        else:
            statuses[plan.key] = SeatStatus.WAITING if plan.after else SeatStatus.OPEN
    return statuses


def _rule(turn: Turn, stage: Stage) -> Rule | None:
    if stage.decide is None:
        return None
    for condition, rule in stage.decide.when:
        if holds(condition, turn.definition, turn.state.facts):
            return rule
    return stage.decide.default


def routed(turn: Turn, outcome: str) -> str:
    """Where the stage's outcome leads with the facts as they are now; nothing when it is not routed."""
    route = turn.stage.route.get(outcome)
    if route is None:
        return ""
    targets = (target for condition, target in route.when if holds(condition, turn.definition, turn.state.facts))
    return next(targets, route.default)


def _written(rule: Rule | None) -> str:
    return "" if rule is None else f"{rule.name}:{rule.n}" if rule.n else rule.name


def facts_used(stage: Stage) -> set[str]:
    """The facts that decide a stage's seats and rule at entry."""
    conditions = [plan.when for plan in stage.seats]
    if stage.decide:
        conditions += [condition for condition, _ in stage.decide.when]
    return {name for condition in conditions for name in asked(condition)}


def _open(turn: Turn, stage: Stage) -> None:
    if stage.rfi and stage.rfi.on_entry:
        turn.follow("question_asked", question_id=_entry_question(turn), seat="")
    look_for_people(turn)


def _entry_question(turn: Turn) -> str:
    """An id for the question that a stage asks by itself: the same for the same place, as replays need it."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{turn.state.reference}:{turn.state.stage}:{turn.state.round}"))


def look_for_people(turn: Turn) -> None:
    """An open seat that nobody can take is an incident, never a silent pass."""
    open_seats = [seat for seat in turn.state.seats if seat.status is SeatStatus.OPEN]
    if not turn.state.incident and not any(seat.status is not SeatStatus.SKIPPED for seat in turn.state.seats):
        turn.follow("incident_opened", what="no_seats", why="Every seat of the stage was skipped.")
    for seat in open_seats:
        if not turn.state.incident and not (turn.world.members(seat.pool) | turn.world.stands_in_for(seat.pool)):
            turn.follow(
                "incident_opened", what="empty_pool", why=f"Nobody is in {seat.pool}, who has the seat {seat.key}."
            )


def request(turn: Turn) -> None:
    """Ask the application for the effect of an automated stage, under a key of its own."""
    attempts = turn.state.counts.get(f"{turn.state.stage}.retried", 0)
    key = f"{turn.state.reference}:{turn.state.stage}:{turn.state.round}" + (f":{attempts}" if attempts else "")
    turn.follow("effect_requested", effect=turn.stage.effect, key=key)


def end(turn: Turn, name: str) -> None:
    for question in turn.state.open_questions():
        turn.follow("question_closed", question_id=question.id, why="case_closed")
    turn.follow("ended", end=name)


def leave(turn: Turn, outcome: str, target: str, **more: Any) -> None:
    """Go from the stage to the next; what its seats recommended goes along."""
    stage = turn.stage
    conditions, denied = tally.united(turn.state)
    for question in turn.state.open_questions():
        turn.follow("question_closed", question_id=question.id, why="stage_left")
    conditional = stage.route[outcome].when if outcome in stage.route else ()
    if used := {name: turn.state.facts.get(name) for condition, _ in conditional for name in asked(condition)}:
        more["facts"] = used
    turn.follow(
        "stage_left", stage=stage.key, outcome=outcome, conditions=list(conditions), denied_items=list(denied), **more
    )
    limit = stage.limits.get(outcome)
    if limit and stage.at_limit and turn.state.counts[f"{stage.key}.{outcome}"] == limit:
        turn.follow("escalated", pool=stage.at_limit, why="limit_reached", action=outcome)
    enter(turn, target)


def leave_for(turn: Turn, target: str) -> None:
    """Leave a stage that may not exist in this definition: what its seats recommended goes along."""
    conditions, denied = tally.united(turn.state)
    turn.follow(
        "stage_left", stage=turn.state.stage, outcome="migrated", conditions=list(conditions), denied_items=list(denied)
    )
    enter(turn, target)


def after_vote(turn: Turn, seat: str) -> None:
    """What a seat's vote brings about: its own question ends, its successors open, the stage may be decided."""
    for question in turn.state.open_questions():
        if question.seat == seat:
            turn.follow("question_closed", question_id=question.id, why="seat_voted")
    for plan in turn.stage.seats:
        successor = turn.state.seat(plan.key)
        if plan.after == seat and successor and successor.status is SeatStatus.WAITING:
            turn.follow("seat_opened", seat=plan.key, pool=plan.pool)
    look_for_people(turn)
    if turn.stage.decide:
        close_if_decided(turn)


def void_successors(turn: Turn, seat: str) -> None:
    """A signature stands on what was signed: when a seat votes anew, those after it must sign anew."""
    for plan in turn.stage.seats:
        successor = turn.state.seat(plan.key)
        if plan.after == seat and successor and successor.ballot:
            turn.follow("ballot_voided", seat=plan.key, status=SeatStatus.WAITING.value, why="predecessor_changed")
            void_successors(turn, plan.key)


def close_if_decided(turn: Turn) -> None:
    stage = turn.stage
    verdict = tally.tally(turn.definition, stage, turn.state)
    if verdict is None:
        return
    target = verdict.target or routed(turn, verdict.outcome)
    if not target:
        turn.follow("incident_opened", what="no_route", why=f"{stage.key} has no route for {verdict.outcome}.")
    elif stage.appeal and not verdict.target:
        for question in turn.state.open_questions():
            turn.follow("question_closed", question_id=question.id, why="stage_decided")
        turn.follow("provisional", outcome=verdict.outcome, target=target)
    else:
        leave(turn, verdict.outcome, target, consolidated=tally.consolidated(stage, turn.state))
