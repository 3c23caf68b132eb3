"""Monte-Carlo times: many made-up cases are played by chance, and the days are counted."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import quantiles

from workflows.kernel.decide import decide
from workflows.kernel.definition import Definition, Stage
from workflows.kernel.evolve import evolve
from workflows.kernel.explore import START, Everybody
from workflows.kernel.refusals import Refused
from workflows.kernel.state import State
from workflows.kernel.timers import timers
from workflows.kernel.types import SYSTEM_ACTOR, Actor, Command

DAY = timedelta(days=1)
MOST_STEPS = 500


@dataclass(frozen=True)
class Pace:
    """Mean days until a seat acts, an answer comes, an effect is done; shares of acts in favor, and of seats that ask."""

    seat_days: float = 4.0
    answer_days: float = 5.0
    effect_days: float = 0.01
    favor: float = 0.85
    asks: float = 0.15


@dataclass
class Forecast:
    """Days by stage (each stay) and to the end, and how often each end came."""

    cases: int
    stages: dict[str, list[float]] = field(default_factory=dict)
    total: list[float] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)


def forecast(
    definition: Definition, cases: int, seed: int, pace: Pace | None = None, facts: Mapping[str, object] | None = None
) -> Forecast:
    """Play so many cases with this seed: the same seed gives the same table."""
    chance = random.Random(seed)  # noqa: S311 - a forecast, not a secret
    world, made = Everybody(definition), Forecast(cases)
    for _ in range(cases):
        state = _played(definition, world, chance, pace or Pace(), dict(facts or {}))
        made.ends[state.end or "unfinished"] = made.ends.get(state.end or "unfinished", 0) + 1
        made.total.append(((state.closed_at or state.entered_at) - state.opened_at) / DAY)
        for visit in state.visits:
            if not definition.stages[visit.stage].end:
                made.stages.setdefault(visit.stage, []).append(
                    ((visit.left_at or visit.entered_at) - visit.entered_at) / DAY
                )
    return made


def _played(
    definition: Definition, world: Everybody, chance: random.Random, pace: Pace, facts: dict[str, object]
) -> State:
    now = START
    state = _after(
        definition, None, Command("start", Actor("applicant", ""), {"reference": "case", "facts": facts}), now, world
    )
    for _ in range(MOST_STEPS):
        if state.closed:
            break
        days, command = _next(definition, state, chance, pace)
        due = timers(definition, state)
        at = now + timedelta(days=days)
        if due and (command is None or due[0].due_at <= at):
            command, at = Command("expire", SYSTEM_ACTOR, {"timer": due[0].key}), max(now, due[0].due_at)
        if command is None:
            break
        now = at
        try:
            state = _after(definition, state, command, now, world)
        except Refused:
            continue
    return state


def _after(definition: Definition, state: State | None, command: Command, now: datetime, world: Everybody) -> State:
    for event in decide(definition, state, command, now, world):
        state = evolve(state, event)
    assert state is not None  # noqa: S101 - a command has events
    return state


def _next(definition: Definition, state: State, chance: random.Random, pace: Pace) -> tuple[float, Command | None]:
    """Who acts next, and after how many days: the quickest of everybody who could."""
    stage = definition.stages[state.stage]
    if stage.effect:
        outcome = next(iter(stage.route))
        return chance.expovariate(1 / pace.effect_days), Command(
            "complete", SYSTEM_ACTOR, {"key": state.effect, "outcome": outcome}
        )
    drawn = [
        (chance.expovariate(1 / pace.seat_days), _act(definition, stage, seat.key, chance, pace))
        for seat in state.seats
        if seat.live
    ]
    drawn += [
        (
            chance.expovariate(1 / pace.answer_days),
            Command("answer", Actor("applicant", ""), {"question_id": question.id}),
        )
        for question in state.open_questions()
    ]
    return min(drawn, key=lambda row: row[0], default=(0.0, None))


def _act(definition: Definition, stage: Stage, seat: str, chance: random.Random, pace: Pace) -> Command:
    person = Actor(f"{stage.key}.{seat}", seat)
    if stage.rfi and not stage.rfi.on_entry and chance.random() < pace.asks:
        return Command("ask", person, {"seat": seat, "question_id": f"{chance.getrandbits(64):x}"})
    if stage.decide:
        side = definition.favor if chance.random() < pace.favor else definition.against
        return Command("vote", person, {"seat": seat, "vote": chance.choice(side)})
    plan = stage.seat(seat)
    if plan is not None and plan.after:
        kind = "agree" if chance.random() < pace.favor else "return"
        return Command(kind, person, {"seat": seat, "reason": "forecast"})
    actions = list(stage.actions)
    action = actions[0] if chance.random() < pace.favor else chance.choice(actions)
    return Command("propose", person, {"seat": seat, "action": action})


def table(made: Forecast) -> list[tuple[str, int, float, float, float]]:
    """Rows of stage, stays, mean, median and 90th percentile in days; the last row is the whole case."""
    rows = [(stage, *_figures(days)) for stage, days in made.stages.items()]
    return [*rows, ("to the end", *_figures(made.total))]


def _figures(days: list[float]) -> tuple[int, float, float, float]:
    tenths = quantiles(days, n=10, method="inclusive") if len(days) > 1 else days * 9
    return len(days), sum(days) / len(days), tenths[4], tenths[8]
