"""Definitions that nobody has written: drawn at random, in every form that the language has, and kept when they are sound."""

import json
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from workflows.kernel import BadDefinition, Definition, load
from workflows.kernel.checks import check

POOLS = {f"office.{unit}": {f"{unit}{number}" for number in range(1, 5)} for unit in ("a", "b", "c")}
UNITS = st.sampled_from(sorted(POOLS))
RULES = ["all", "unanimous", "majority", "any", "veto", "collect", {"rule": "n_of_m", "n": 1}]
DAYS = st.integers(1, 30)


@st.composite
def sound(draw: st.DrawFn) -> Definition:
    """Two to five stages in a row, each leading on or to an end, with all that a stage may have."""
    keys = [f"s{number}" for number in range(1, draw(st.integers(3, 6)))]
    stages: dict[str, Any] = {
        key: draw(stage(key, later=[*keys[at + 1 :], "yes", "no"], earlier=keys[:at])) for at, key in enumerate(keys)
    }
    source = {
        "key": "drawn",
        "version": 1,
        "start": keys[0],
        "facts": {"risky": "bool", "urgent": "bool"},
        "votes": {"favor": ["approve", "agree_if"], "against": ["deny"]},
        "clocks": {
            "total": {
                "limit": draw(DAYS) * 9,
                "unit": "calendar_days",
                "starts": "registered",
                "at_expiry": {"alert": "late"},
            }
        },
        "stages": {**stages, "yes": {"end": "approved"}, "no": {"end": "denied"}},
        "any_stage": {"withdraw": "no", "hold": {"max": draw(DAYS), "unit": "calendar_days"}},
    }
    try:
        definition = load(json.dumps(source))
    except BadDefinition:
        assume(False)
    pools = {pool: frozenset(people) for pool, people in POOLS.items()}
    assume(not check(definition, pools))
    return definition


@st.composite
def stage(draw: st.DrawFn, key: str, later: list[str], earlier: list[str]) -> dict[str, Any]:
    kind = draw(st.sampled_from(["vote", "vote", "act", "effect"]))
    if kind == "effect":
        return {"effect": "work", "route": {"done": draw(onward(later)), "odd": "no"}, "on_failure": "incident"}
    found = draw(voting(later)) if kind == "vote" else draw(acting(key, later, earlier))
    if draw(st.booleans()):
        expiries = [{"alert": "late"}, {"escalate": "office.c"}, {"goto": draw(st.sampled_from(later))}]
        expiries += [{"cast": "approve"}] if kind == "vote" else []
        found["clock"] = {"limit": draw(DAYS), "unit": "calendar_days", "at_expiry": draw(st.sampled_from(expiries))}
    if draw(st.booleans()):
        found["rfi"] = {
            "to": "applicant", "limit": draw(DAYS), "unit": "calendar_days", "max": draw(st.integers(1, 3)),
            "at_expiry": draw(st.sampled_from(["closed", "no"])),
        }  # fmt: skip
    return found


@st.composite
def voting(draw: st.DrawFn, later: list[str]) -> dict[str, Any]:
    seats: dict[str, Any] = {}
    for number in range(1, draw(st.integers(2, 5))):
        plan: dict[str, Any] = {"pool": draw(UNITS)}
        if number > 1 and draw(st.booleans()):
            plan["when"] = draw(st.sampled_from(["risky", "urgent", "risky && !urgent"]))
        elif number > 1 and draw(st.booleans()):
            plan["after"] = f"v{number - 1}"
        seats[f"v{number}"] = plan
    rule = draw(st.sampled_from(RULES))
    decide: dict[str, Any] = {"rule": rule}
    if rule == "unanimous":
        decide["on_split"] = draw(st.sampled_from(["favor", "against", *later]))
    if rule == "majority":
        decide["tie"] = draw(st.sampled_from(["v1", {"goto": draw(st.sampled_from(later))}]))
    outcomes = ["collected"] if rule == "collect" else ["favor", "against"]
    found = {"seats": seats, "decide": decide, "route": {outcome: draw(onward(later)) for outcome in outcomes}}
    if rule != "collect" and draw(st.booleans()):
        found["appeal"] = {
            "by": ["v1"],
            "window": draw(DAYS),
            "unit": "calendar_days",
            "to": draw(st.sampled_from(later)),
        }
    return found


@st.composite
def acting(draw: st.DrawFn, key: str, later: list[str], earlier: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "seats": {"first": {"pool": draw(UNITS)}},
        "actions": {"go": later[0], "stop": "no"},
        "limits": {},
    }
    if draw(st.booleans()):
        found["seats"]["second"] = {"pool": draw(UNITS), "after": "first"}
        if draw(st.booleans()):
            found["seats"]["second"]["not_same_person_as"] = [f"{key}.first"]
        found["limits"]["returned"] = draw(st.integers(1, 2))
    if earlier and draw(st.booleans()):
        found["actions"]["again"] = draw(st.sampled_from(earlier))
        found["limits"]["again"] = draw(st.integers(1, 2))
    if found["limits"]:
        found["at_limit"] = {"escalate": "office.c"}
    else:
        del found["limits"]
    return found


@st.composite
def onward(draw: st.DrawFn, later: list[str]) -> Any:
    """A route to the next stage, or by a fact to another."""
    if draw(st.integers(0, 3)):
        return later[0]
    when = [{"if": draw(st.sampled_from(["risky", "urgent"])), "then": draw(st.sampled_from(later))}]
    return {"default": later[0], "when": when}
