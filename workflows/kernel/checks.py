"""What is wrong with a definition, told before it can be published: every mistake at once, with its line and its mend."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product

from workflows.kernel.clocks import CALENDARS
from workflows.kernel.conditions import asked, holds, unset
from workflows.kernel.definition import Clock, Definition, Path, SeatPlan, Stage
from workflows.kernel.graph import edges, reached
from workflows.kernel.load import Finding
from workflows.kernel.tally import AGAINST, COLLECTED, FAVOR

Found = Iterator[tuple[Path, str, str, str]]
Check = Callable[[Definition], Found]


def check(definition: Definition, pools: Mapping[str, frozenset[str]] | None = None) -> list[Finding]:
    """Every mistake, by line. `pools` maps a pool to its members; without it nothing is said about people."""
    found = [row for each in CHECKS for row in each(definition)]
    if not found:
        found += [row for each in GRAPH_CHECKS for row in each(definition)]
    if pools is not None:
        found += list(_people(definition, pools))
    findings = {Finding(definition.line(path), code, message, mend) for path, code, message, mend in found}
    return sorted(findings, key=lambda finding: (finding.line, finding.code, finding.message))


def _at(stage: Stage, *more: str) -> Path:
    return ("stages", stage.key, *more)


def _targets(definition: Definition) -> Found:
    if definition.start not in definition.stages:
        yield ("start",), "unknown-target", f"start names {definition.start}, which is no stage", "name a stage"
    if definition.withdraw and definition.withdraw not in definition.stages:
        yield (
            ("any_stage", "withdraw"),
            "unknown-target",
            f"withdraw leads to {definition.withdraw}, which is no stage",
            "name a stage",
        )
    for stage in definition.stages.values():
        for path, target in stage.targets():
            if target not in definition.stages:
                yield (
                    _at(stage, *path),
                    "unknown-target",
                    f"{stage.key} leads to {target}, which is no stage",
                    "name a stage, or add it",
                )
    for key, clock in definition.clocks.items():
        goto = clock.at_expiry.goto
        if goto and goto not in definition.stages:
            yield (
                ("clocks", key),
                "unknown-target",
                f"the clock {key} leads to {goto}, which is no stage",
                "name a stage",
            )


def _kinds(definition: Definition) -> Found:
    for stage in definition.stages.values():
        kinds = [name for name, is_it in _kind_of(stage).items() if is_it]
        if stage.end and len(kinds) + bool(stage.seats) + bool(stage.targets()) > 1:
            yield (
                _at(stage),
                "end-with-exits",
                f"the end {stage.key} has seats or exits",
                "remove them, or remove `end`",
            )
        elif not kinds:
            yield _at(stage), "dead-end", f"{stage.key} has no effect, rule, actions or end", "say what happens in it"
        elif len(kinds) > 1:
            yield _at(stage), "unclear-stage", f"{stage.key} is {' and '.join(kinds)} at once", "make it one of them"
        elif (stage.decide or stage.actions) and not stage.seats:
            yield _at(stage), "no-seats", f"{stage.key} has nobody who could act in it", "give it seats"
        elif stage.effect and stage.seats:
            yield (
                _at(stage, "seats"),
                "unclear-stage",
                f"{stage.key} is automated and has seats",
                "remove the seats or the effect",
            )


def _kind_of(stage: Stage) -> dict[str, bool]:
    return {
        "effect": bool(stage.effect),
        "vote": stage.decide is not None,
        "actions": bool(stage.actions),
        "end": bool(stage.end),
    }


def _outcomes(definition: Definition) -> Found:
    for stage in definition.stages.values():
        if stage.effect and not stage.route:
            yield _at(stage), "unrouted-outcome", f"no outcome of the effect {stage.effect} is routed", "add `route`"
        if stage.decide is None:
            continue
        wanted = _outcomes_of(stage)
        for outcome in sorted(wanted - stage.route.keys()):
            yield (
                _at(stage),
                "unrouted-outcome",
                f"{stage.key} can end {outcome}, which has no route",
                f"add {outcome} to `route`",
            )
        for outcome in sorted(stage.route.keys() - wanted):
            yield (
                _at(stage, "route", outcome),
                "unknown-outcome",
                f"{stage.key} never ends {outcome}",
                "remove it from `route`",
            )


def _outcomes_of(stage: Stage) -> set[str]:
    names = {rule.name for rule in stage.decide.rules()} if stage.decide else set()
    return ({COLLECTED} if "collect" in names else set()) | ({FAVOR, AGAINST} if names - {"collect"} else set())


def _rules(definition: Definition) -> Found:
    for stage in definition.stages.values():
        decide = stage.decide
        if decide is None:
            continue
        where = _at(stage, "decide")
        names = {rule.name for rule in decide.rules()}
        if "unanimous" in names and not decide.on_split:
            yield (
                where,
                "split-unrouted",
                f"in {stage.key} a split vote leads nowhere",
                "add `on_split`: favor, against or a stage",
            )
        if "majority" in names and not (decide.tie or decide.tie_goto):
            yield where, "tie-unrouted", f"in {stage.key} a tie leads nowhere", "add `tie`: a seat, or `{goto: stage}`"
        for name, seat in (("chair", decide.chair), ("tie", decide.tie)):
            if seat and stage.seat(seat) is None:
                yield (
                    (*where, name),
                    "chair-not-a-seat",
                    f"{name} names {seat}, which is no seat of {stage.key}",
                    "name one of its seats",
                )
            elif seat and _may_be_missing(stage, seat):
                yield (
                    (*where, name),
                    "chair-conditional",
                    f"the seat {seat} may be absent",
                    "name a seat without `when`",
                )
        if "chair_decides" in names and not decide.chair:
            yield where, "chair-not-a-seat", f"{stage.key} has no chair to decide", "add `chair`"
        guaranteed = sum(1 for seat in _last_seats(stage) if not _may_be_missing(stage, seat.key))
        for rule in decide.rules():
            if rule.name == "n_of_m" and rule.n > guaranteed:
                message = f"{stage.key} needs {rule.n} in favor and has {guaranteed} seats for certain"
                yield where, "quorum-too-high", message, "lower n, or make seats unconditional"


def _last_seats(stage: Stage) -> list[SeatPlan]:
    followed = {seat.after for seat in stage.seats}
    return [seat for seat in stage.seats if seat.key not in followed]


def _may_be_missing(stage: Stage, key: str) -> bool:
    seat, seen = stage.seat(key), set()
    while seat is not None and seat.key not in seen:
        seen.add(seat.key)
        if seat.when:
            return True
        seat = stage.seat(seat.after)
    return False


def _seats(definition: Definition) -> Found:
    places = {f"{stage.key}.{seat.key}" for stage in definition.stages.values() for seat in stage.seats}
    for stage in definition.stages.values():
        if stage.seats and all(seat.when for seat in stage.seats if not seat.after):
            yield (
                _at(stage, "seats"),
                "all-seats-conditional",
                f"every seat of {stage.key} may be absent",
                "make one unconditional",
            )
        firsts = [seat.key for seat in stage.seats if not seat.after]
        if stage.actions and len(firsts) != 1:
            message = f"{stage.key} has {len(firsts)} seats that propose"
            yield _at(stage, "seats"), "two-proposers", message, "let every seat but one come `after` another"
        for seat in stage.seats:
            where = _at(stage, "seats", seat.key)
            if seat.after and stage.seat(seat.after) is None:
                yield (
                    where,
                    "bad-reference",
                    f"{seat.key} comes after {seat.after}, which is no seat of {stage.key}",
                    "name one of its seats",
                )
            elif _comes_after_itself(stage, seat):
                yield where, "after-cycle", f"{seat.key} comes after itself", "break the circle of `after`"
            for place in seat.not_same_person_as:
                if place not in places:
                    yield where, "bad-reference", f"{place} is no seat", "write it as stage.seat"
                elif place == f"{stage.key}.{seat.key}":
                    yield where, "bad-reference", f"{place} is kept apart from itself", "remove it"


def _comes_after_itself(stage: Stage, seat: SeatPlan) -> bool:
    here, seen = seat, set()
    while here.after and here.after not in seen:
        seen.add(here.after)
        following = stage.seat(here.after)
        if following is None:
            return False
        if following.key == seat.key:
            return True
        here = following
    return False


def _facts(definition: Definition) -> Found:
    blank = {name: unset(kind) for name, kind in definition.facts.items()}
    for stage in definition.stages.values():
        conditions = [(_at(stage, "seats", seat.key), seat.when) for seat in stage.seats if seat.when]
        if stage.decide:
            conditions += [(_at(stage, "decide"), condition) for condition, _ in stage.decide.when]
        for outcome, route in stage.route.items():
            conditions += [(_at(stage, "route", outcome), condition) for condition, _ in route.when]
        for where, condition in conditions:
            try:
                names = asked(condition)
            except ValueError as error:
                yield where, "not-cel", f"{condition!r} is no condition: {str(error).splitlines()[0]}", "correct it"
                continue
            unknown = [name for name in names if name not in definition.facts]
            for name in unknown:
                yield (
                    where,
                    "undeclared-fact",
                    f"{condition!r} asks for {name}, which is not declared",
                    "declare it under `facts`",
                )
            if not unknown and not _answers(condition, definition, blank):
                yield where, "not-cel", f"{condition!r} does not answer yes or no", "compare it with something"


def _answers(condition: str, definition: Definition, facts: Mapping[str, object]) -> bool:
    try:
        holds(condition, definition, facts)
    except (ValueError, TypeError, RuntimeError):
        return False
    return True


def _clocks(definition: Definition) -> Found:
    clocks: list[tuple[Path, Clock]] = [(("clocks", key), clock) for key, clock in definition.clocks.items()]
    clocks += [(_at(stage, "clock"), stage.clock) for stage in definition.stages.values() if stage.clock]
    votes = {*definition.favor, *definition.against}
    for where, clock in clocks:
        if clock.unit == "working_days" and clock.calendar not in CALENDARS:
            known = ", ".join(sorted(CALENDARS))
            yield (
                where,
                "unknown-calendar",
                f"{clock.calendar or 'no calendar'} counts no working days",
                f"use one of {known}",
            )
        for days in clock.warn:
            if days >= clock.limit:
                yield (
                    where,
                    "late-warning",
                    f"the warning at {days} comes after the limit {clock.limit}",
                    "warn earlier",
                )
        stage = definition.stages.get(where[1])
        if clock.at_expiry.cast and (stage is None or stage.decide is None):
            yield where, "cast-without-vote", "expiry casts votes where nobody votes", "use goto, alert or escalate"
        elif clock.at_expiry.cast and clock.at_expiry.cast not in votes:
            yield (
                where,
                "unknown-vote",
                f"expiry casts {clock.at_expiry.cast}, which is no vote",
                "use one of the declared votes",
            )
    for stage in definition.stages.values():
        for kind, plan in (("rfi", stage.rfi), ("appeal", stage.appeal)):
            if plan and plan.unit == "working_days" and plan.calendar not in CALENDARS:
                yield (
                    _at(stage, kind),
                    "unknown-calendar",
                    f"{kind} of {stage.key} counts working days of no calendar",
                    "name a calendar",
                )


def _spent_clocks(definition: Definition) -> Found:
    """A timer that leads into a stage whose clock counts from registration and has run out by then."""
    timers: list[tuple[Path, Clock, str]] = [
        (("clocks", key), clock, clock.at_expiry.goto) for key, clock in definition.clocks.items()
    ]
    timers += [
        (_at(stage, "clock"), stage.clock, stage.clock.at_expiry.goto)
        for stage in definition.stages.values()
        if stage.clock and stage.clock.starts
    ]
    for where, clock, goto in timers:
        target = definition.stages.get(goto)
        if (
            target
            and target.clock
            and target.clock.starts
            and target.clock.unit == clock.unit
            and target.clock.limit <= clock.limit
        ):
            message = f"at day {clock.limit} the case goes to {goto}, whose clock ended at day {target.clock.limit}"
            yield where, "spent-clock", message, "start that clock with its stage, or raise its limit"


def _actions(definition: Definition) -> Found:
    votes = {*definition.favor, *definition.against}
    for stage in definition.stages.values():
        known = {*stage.actions, *stage.route, "returned", "amended"}
        for action in stage.limits:
            if action not in known:
                yield (
                    _at(stage, "limits", action),
                    "unknown-action",
                    f"{action} is nothing that {stage.key} counts",
                    "name an action or outcome",
                )
        if stage.at_limit and not stage.limits:
            yield _at(stage, "at_limit"), "unknown-action", f"{stage.key} has no limit to reach", "add `limits`"
        if stage.actions and any(seat.after for seat in stage.seats) and "returned" not in stage.limits:
            yield (
                _at(stage),
                "loop-without-limit",
                f"{stage.key} can be returned for ever",
                "add `limits: {returned: n}`",
            )
        if stage.appeal:
            for seat in stage.appeal.by:
                if stage.seat(seat) is None:
                    yield (
                        _at(stage, "appeal"),
                        "appeal-by-non-seat",
                        f"{seat} may appeal and is no seat of {stage.key}",
                        "name its seats",
                    )
        for row in stage.consolidate:
            for vote in row.split("+"):
                if row not in ("all_same", "else") and vote not in votes:
                    yield _at(stage, "consolidate"), "unknown-vote", f"{vote} is no vote", "use the declared votes"
        if stage.consolidate and "else" not in stage.consolidate:
            yield (
                _at(stage, "consolidate"),
                "consolidate-gap",
                f"some votes of {stage.key} give no recommendation",
                "add `else`",
            )


def _reachable(definition: Definition) -> Found:
    forward: dict[str, set[str]] = {}
    backward: dict[str, set[str]] = {}
    for source, target, _ in edges(definition):
        forward.setdefault(source, set()).add(target)
        if target != definition.withdraw or any(to == target for _, to in definition.stages[source].targets()):
            backward.setdefault(target, set()).add(source)
    found = reached({definition.start}, forward)
    ending = reached({stage.key for stage in definition.stages.values() if stage.end}, backward)
    for key, stage in definition.stages.items():
        if key not in found:
            yield _at(stage), "unreachable-stage", f"nothing leads to {key}", "lead to it, or remove it"
        elif key not in ending:
            yield _at(stage), "no-way-to-end", f"from {key} no end can be reached", "give it a way to an end"


def _loops(definition: Definition) -> Found:
    ways: dict[str, set[str]] = {}
    for source, target, limited in edges(definition):
        if not limited:
            ways.setdefault(source, set()).add(target)
    for key, stage in definition.stages.items():
        if key in reached(ways.get(key, set()), ways):
            yield (
                _at(stage),
                "loop-without-limit",
                f"a case can come back to {key} for ever",
                "limit an action on the way under `limits`",
            )


def _people(definition: Definition, pools: Mapping[str, frozenset[str]]) -> Found:
    """Pools that are empty or unknown, and separation of duties that leaves too few people."""
    for pool, where in definition.pools().items():
        if not pools.get(pool):
            yield where, "empty-pool", f"nobody is in {pool}", "give it members, or name another pool"
    for stage in definition.stages.values():
        for seat in stage.seats:
            group = [seat, *(_seat_at(definition, place) for place in seat.not_same_person_as)]
            members = [pools.get(one.pool, frozenset()) for one in group if one is not None]
            if len(members) > 1 and all(members) and not _distinct(members):
                names = ", ".join(sorted({one.pool for one in group if one is not None}))
                yield (
                    _at(stage, "seats", seat.key),
                    "too-few-people",
                    f"{names} have too few people to keep apart",
                    "add members",
                )


def _seat_at(definition: Definition, place: str) -> SeatPlan | None:
    stage, _, seat = place.partition(".")
    return definition.stages[stage].seat(seat) if stage in definition.stages else None


def _distinct(members: list[frozenset[str]]) -> bool:
    """Whether each seat can have a person of its own."""
    if all(len(group) >= len(members) for group in members):
        return True
    return any(
        len(set(people)) == len(people) for people in product(*(sorted(group)[: len(members)] for group in members))
    )


CHECKS: tuple[Check, ...] = (_targets, _kinds, _outcomes, _rules, _seats, _facts, _clocks, _spent_clocks, _actions)
GRAPH_CHECKS: tuple[Check, ...] = (_reachable, _loops)
