"""Walking everything that can happen under a definition: facts, votes, actions, answers and expiries, without people or dates.

What makes two states one: the stage, its seats and votes, what was used up of limits, an open question, the facts that may still
be asked for. Each limited loop is walked once and each stage asks once, unless the walk is whole; seats vote in one order, for
their votes change places freely.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, combinations, product
from typing import Any

from workflows.kernel.conditions import asked, unset
from workflows.kernel.decide import decide
from workflows.kernel.definition import Definition, Stage
from workflows.kernel.evolve import evolve
from workflows.kernel.flow import facts_used
from workflows.kernel.graph import edges, reached
from workflows.kernel.refusals import Refused
from workflows.kernel.state import SeatStatus, State
from workflows.kernel.timers import alarms
from workflows.kernel.types import SYSTEM_ACTOR, Actor, Command

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
MOST_STATES = 200_000
Key = tuple[Any, ...]
Step = tuple[str, Command, datetime]


class Everybody:
    """Each seat has a person of its own, so that separation of duties never stands in the way."""

    def __init__(self, definition: Definition) -> None:
        self._pools: dict[str, set[str]] = {}
        for stage in definition.stages.values():
            for seat in stage.seats:
                self._pools.setdefault(seat.pool, set()).add(f"{stage.key}.{seat.key}")

    def members(self, pool: str) -> frozenset[str]:
        return frozenset(self._pools.get(pool, {f"somebody of {pool}"}))

    def stands_in_for(self, pool: str) -> frozenset[str]:
        return frozenset()

    def stewards(self) -> frozenset[str]:
        return frozenset()

    def took_part_before(self) -> frozenset[str]:
        return frozenset()


@dataclass
class Explored:
    """What was found. `stuck` are states, described, from which no end can be reached; `whole` is False when the walk was cut off."""

    states: int = 0
    steps: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    longest: int = 0
    longest_path: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    whole: bool = True


def explore(definition: Definition, most: int = MOST_STATES, *, whole: bool = False) -> Explored:
    """Every state that can be reached; at most so many. `whole` walks every loop as often as its limit allows."""
    definition = definition if whole else _loops_once(definition)
    world = Everybody(definition)
    found = Explored()
    limited = frozenset(f"{stage.key}.{word}" for stage in definition.stages.values() for word in stage.limits)
    relevant = _asked_from(definition)
    known: dict[Key, State] = {}
    ways: dict[Key, list[tuple[str, Key]]] = {}
    waiting: list[tuple[Key, datetime]] = []

    def meet(state: State, at: datetime) -> Key:
        key = key_of(state, limited, relevant[state.stage])
        if key not in known:
            known[key] = state
            waiting.append((key, at))
        return key

    roots = [meet(_after(definition, None, step, world), START) for step in _starts(definition)]
    while waiting:
        if len(known) > most:
            found.whole = False
            break
        key, at = waiting.pop()
        ways[key] = []
        for words, command, when in _steps(definition, known[key], at):
            try:
                following = _after(definition, known[key], (words, command, when), world)
            except Refused:
                continue
            ways[key].append((words, meet(following, when)))
    _sum_up(found, known, ways, roots)
    return found


def _after(definition: Definition, state: State | None, step: Step, world: Everybody) -> State:
    for event in decide(definition, state, step[1], step[2], world):
        state = evolve(state, event)
    assert state is not None  # noqa: S101 - a command has events
    return state


def _starts(definition: Definition) -> Iterator[Step]:
    names = sorted(definition.facts)
    for values in product(*(_values(definition.facts[name]) for name in names)):
        data = {"reference": "case", "facts": dict(zip(names, values, strict=True))}
        yield "start", Command("start", Actor("applicant", "applicant"), data), START


def _values(kind: Any) -> list[Any]:
    if kind == "bool":
        return [False, True]
    if isinstance(kind, dict):
        items = sorted(kind["set"])
        return [list(some) for some in chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))]
    return [unset(kind)]


def _loops_once(definition: Definition) -> Definition:
    stages = {
        key: replace(stage, limits=dict.fromkeys(stage.limits, 1), rfi=replace(stage.rfi, max=1) if stage.rfi else None)
        for key, stage in definition.stages.items()
    }
    return replace(definition, stages=stages)


def _asked_from(definition: Definition) -> dict[str, frozenset[str]]:
    """By stage, the facts that it or any stage that it can come to asks for; the others make no difference any more."""
    asked_in = {
        key: facts_used(stage)
        | {name for route in stage.route.values() for condition, _ in route.when for name in asked(condition)}
        for key, stage in definition.stages.items()
    }
    ways: dict[str, set[str]] = {}
    for source, target, _ in edges(definition):
        ways.setdefault(source, set()).add(target)
    return {
        key: frozenset(name for stage in reached({key}, ways) for name in asked_in[stage]) for key in definition.stages
    }


def key_of(state: State, limited: frozenset[str], relevant: frozenset[str]) -> Key:
    """What makes two states the same for the walk."""
    return (
        state.stage,
        tuple((seat.key, seat.status.value, seat.ballot.choice if seat.ballot else "") for seat in state.seats),
        tuple(sorted((place, count) for place, count in state.counts.items() if place in limited)),
        sum(1 for question in state.questions if question.stage == state.stage),
        bool(state.open_questions()),
        tuple(sorted((name, str(value)) for name, value in state.facts.items() if name in relevant)),
        state.provisional.outcome if state.provisional else "",
        state.on_hold,
        bool(state.incident),
        state.end,
    )


def _steps(definition: Definition, state: State, at: datetime) -> Iterator[Step]:
    if state.closed:
        return
    stage = definition.stages[state.stage]
    later = at + timedelta(minutes=1)
    if stage.effect and state.effect:
        for outcome in stage.route:
            yield outcome, Command("complete", SYSTEM_ACTOR, {"key": state.effect, "outcome": outcome}), later
    yield from _of_seats(definition, stage, state, later)
    for question in state.open_questions():
        yield "answer", Command("answer", Actor("applicant", "applicant"), {"question_id": question.id}), later
    for alarm in alarms(definition, state):
        if alarm.kind in ("question", "appeal") or alarm.expiry.goto or alarm.expiry.cast:
            yield (
                f"{alarm.kind} expires",
                Command("expire", SYSTEM_ACTOR, {"timer": alarm.timer.key}),
                max(later, alarm.timer.due_at),
            )
    if definition.withdraw:
        yield "withdraw", Command("withdraw", Actor("applicant", "applicant"), {"reason": "walk"}), later


def _of_seats(definition: Definition, stage: Stage, state: State, at: datetime) -> Iterator[Step]:
    votes = definition.favor[:1] + definition.against[:1]  # the way on depends on sides, not on words
    live = [seat for seat in state.seats if seat.live]
    for seat in state.seats:
        person = Actor(f"{stage.key}.{seat.key}", seat.key)
        if stage.appeal and state.provisional and seat.key in stage.appeal.by:
            yield f"{seat.key} appeals", Command("appeal", person, {"seat": seat.key, "reason": "walk"}), at
        if seat not in live[:1]:
            continue  # votes of different seats change places freely: one order stands for all
        before = next((plan.after for plan in stage.seats if plan.key == seat.key), "")
        if stage.decide:
            for vote in votes:
                yield f"{seat.key}: {vote}", Command("vote", person, {"seat": seat.key, "vote": vote}), at
        elif not before:
            for action in stage.actions:
                yield f"{seat.key}: {action}", Command("propose", person, {"seat": seat.key, "action": action}), at
        else:
            yield f"{seat.key} agrees", Command("agree", person, {"seat": seat.key}), at
            yield f"{seat.key} returns", Command("return", person, {"seat": seat.key, "reason": "walk"}), at
        if stage.rfi and seat.status is SeatStatus.OPEN:
            asked = {"seat": seat.key, "question_id": f"q{len(state.questions)}"}
            yield f"{seat.key} asks", Command("ask", person, asked), at


def _sum_up(found: Explored, known: dict[Key, State], ways: dict[Key, list[tuple[str, Key]]], roots: list[Key]) -> None:
    found.states, found.steps = len(known), sum(len(steps) for steps in ways.values())
    for state in known.values():
        if state.end:
            found.ends[state.end] = found.ends.get(state.end, 0) + 1
        if state.incident:
            found.incidents.append(f"{state.stage}: {state.incident}")
    found.incidents = sorted(set(found.incidents))
    backward: dict[Key, list[Key]] = {}
    for key, steps in ways.items():
        for _, following in steps:
            backward.setdefault(following, []).append(key)
    ending = reached([key for key, state in known.items() if state.end], backward)
    found.stuck = sorted({described(known[key]) for key in known if key not in ending and key in ways})
    found.longest, found.longest_path = _longest(roots, ways)


def described(state: State) -> str:
    seats = ", ".join(f"{seat.key} {seat.ballot.choice if seat.ballot else seat.status.value}" for seat in state.seats)
    return f"{state.stage} ({seats or 'no seats'})"


def _longest(roots: list[Key], ways: dict[Key, list[tuple[str, Key]]]) -> tuple[int, list[str]]:
    """The longest way without meeting a state twice on it; exact where the walk has no circle, which limits see to."""
    best: dict[Key, tuple[int, str, Key | None]] = {}
    for root in roots:
        stack: list[tuple[Key, bool]] = [(root, False)]
        open_: set[Key] = set()
        while stack:
            key, done = stack.pop()
            if done:
                open_.discard(key)
                following = [(best[to][0] + 1, words, to) for words, to in ways.get(key, ()) if to in best]
                best[key] = max(following, key=lambda row: row[0], default=(0, "", None))
            elif key not in best and key not in open_:
                open_.add(key)
                stack.append((key, True))
                stack.extend((to, False) for _, to in ways.get(key, ()) if to not in best and to not in open_)
    root = max(roots, key=lambda key: best.get(key, (0, "", None))[0])
    path: list[str] = []
    here: Key | None = root
    while here is not None:
        _, words, here = best[here]
        if words:
            path.append(words)
    return best[root][0], path
