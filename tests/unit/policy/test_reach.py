"""Rows that can never answer are named, and nothing is claimed that brute force refutes."""

from copy import deepcopy
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licensing.policy import checks, reach
from licensing.policy.rules import determine
from licensing.policy.rulesets import VersionRef, compile_ruleset

STATUS = {"citation": "c", "legal_status": "in_force", "enforcement_status": "enforced"}
AT = datetime(2026, 6, 1, tzinfo=UTC)
FACTS = {"kind": "str", "sector": "str", "places": "list[str]", "military": "bool", "size": "float"}
ATOMS = [
    'kind == "a"', 'kind == "b"', 'kind in ["a", "b"]', 'sector == "x"', '"NO" in places', '"FR" in places', "military", "!military",
    'kind != "a"', '(kind == "a" || military)', "size >= 2.0", "size > 2.0", "size < 2", "size <= 3.0", '!(kind == "a" && size > 1.0)',
    "places.size() > 1", 'kind == "a" ? military : size > 1.0', '!("NO" in places || military)',
]  # fmt: skip


def content(*rows: tuple[str, str], **more: Any) -> dict[str, Any]:
    table = [
        {"id": f"r{n}", "when": when, "then": {"requirement": answer}, **STATUS}
        for n, (when, answer) in enumerate(rows)
    ]
    always = {"when": "true", **STATUS}
    return {
        "facts": FACTS, "lists": [],
        "tables": {
            "requirement": table,
            "review_policy": [{**always, "id": "p", "then": {"review_policy": "case_by_case"}}],
            "workflow": [{**always, "id": "w", "then": {"workflow": "w"}}],
        },
        **more,
    }  # fmt: skip


def told(*rows: tuple[str, str]) -> list[str]:
    return [problem.mend for problem in checks.problems(content(*rows))]


def test_a_table_without_a_mistake_is_let_through() -> None:
    assert (
        told(('kind == "a" && military', "required"), ('kind == "a"', "not_required"), ("true", "not_required")) == []
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("true", "military"), ("military", "military"), ('kind == "a"', 'kind == "a" && military'), ('kind in ["a", "b"]', '(kind == "b")'),
        ("size >= 1.0", "size > 1e3 && military"), ('kind != "a"', 'kind in ["b", "c"]'), ("military || size > 1.0", "size > 2.0"),
        ('!(kind == "a" && military)', "!military"), ("military ? false : true", "military ? false : true"),
        ('"NO" in places', '"NO" in places && sector == "x"'), ("!military", 'sector == "x" && !military && places.size() > 2'),
    ],
)  # fmt: skip
def test_a_row_that_another_always_answers_before_is_unreachable(first: str, second: str) -> None:
    (mend,) = (
        told((first, "required"), (second, "required"), ("true", "required"))
        if first != "true"
        else told((first, "required"), (second, "required"))
    )
    assert mend == "Row r1 is never reached, for r0 answers first: put it before, or remove it."


def test_the_same_condition_with_two_answers_is_a_contradiction() -> None:
    assert (
        "ask the same and answer otherwise"
        in told(("military", "required"), ("military", "not_required"), ("true", "required"))[0]
    )


@pytest.mark.parametrize("when", ['kind == "a" && kind == "b"', "military && !military", "false", "military && false"])
def test_a_row_that_contradicts_itself_is_named(when: str) -> None:
    assert "contradicts itself" in told((when, "required"), ("true", "not_required"))[0]


def test_a_list_may_have_two_at_once() -> None:
    assert told(('"NO" in places && "FR" in places', "required"), ("true", "not_required")) == []


def test_a_gap_is_named() -> None:
    assert told(("military", "required")) == [
        "Some facts may have no answer in requirement: end the table with a row without dates whose condition is true."
    ]


def test_days_and_statuses_count() -> None:
    made = content(("military", "required"), ("military", "not_required"), ("true", "required"))
    rows = made["tables"]["requirement"]
    for change in ({"until": "2026-01-01"}, {"enforcement_status": "not_enforced"}, {"legal_status": "rescinded"}):
        other = deepcopy(made)
        other["tables"]["requirement"][0] |= change
        assert checks.problems(other) == []
    rows[0] |= {"until": "2026-01-01"}
    rows[1] |= {"until": "2025-01-01"}
    assert "never" in checks.problems(made)[0].mend or "otherwise" in checks.problems(made)[0].mend


def test_rows_that_leave_nothing_over_need_no_last_one() -> None:
    assert told(("military", "required"), ("!military", "not_required")) == []
    assert (
        told(("size >= 2.0", "required"), ("size < 2.0 && military", "required"), ("!military", "not_required")) == []
    )
    assert "no answer" in told(("size > 2.0", "required"), ("size < 2.0", "not_required"))[0]


def test_what_is_not_known_may_reach_a_row_that_two_others_cover_together() -> None:
    assert told(("military", "required"), ("!military", "required"), ("true", "required")) == []


CONDITION = st.lists(st.sampled_from(ATOMS), min_size=1, max_size=3).flatmap(
    lambda atoms: st.sampled_from([" && ".join(atoms), " || ".join(atoms), f"!({' && '.join(atoms)})"])
)
VALUES: dict[str, tuple[Any, ...]] = {
    "kind": ("a", "b", "c", None), "sector": ("x", "y", None), "places": (["NO"], ["NO", "FR"], ["DE"], None),
    "military": (True, False, None),
    "size": (1.0, 2.0, 4.0, None),
}  # fmt: skip
WORLDS = [
    {name: value for name, value in zip(VALUES, each, strict=True) if value is not None}
    for each in product(*VALUES.values())
]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(CONDITION, st.sampled_from(["required", "not_required"])), min_size=1, max_size=5), st.booleans()
)
def test_what_is_claimed_of_rows_holds_for_all_facts_known_or_not(rows: list[tuple[str, str]], closed: bool) -> None:
    made = content(*rows, *([("true", "not_required")] if closed else []))
    found = list(reach.problems(made))
    claimed = {problem.field.partition("[")[2].partition("]")[0] for problem in found} - {""}
    gap = any(problem.field == "tables.requirement" for problem in found)
    if not claimed and gap:
        return
    rules = compile_ruleset(made, policy=VersionRef("t", 1), lists={})
    for facts in WORLDS:
        answer = determine(rules, facts, AT, explain=False)
        assert not claimed & {rule.id for rule in answer.rules if rule.table == "requirement"}
        if len(facts) == len(VALUES) and not gap:
            assert answer.requirement != "needs_information"
