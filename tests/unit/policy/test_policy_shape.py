"""Content of any shape is answered with problems, never with a crash: administrators write drafts by hand."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from licensing.policy.checks import problems
from licensing.policy.rulesets import VersionRef, compile_ruleset

JUNK: tuple[Any, ...] = (None, "", 0, True, [], {}, [1], {"x": 1}, [[]], "GONE")


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, part in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(part, (*path, key))


def spoiled(content: dict[str, Any], path: tuple[Any, ...], junk: Any) -> dict[str, Any]:
    changed = deepcopy(content)
    node: Any = changed
    for key in path[:-1]:
        node = node[key]
    if junk == "GONE":
        del node[path[-1]]
    else:
        node[path[-1]] = deepcopy(junk)
    return changed


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_what_passes_the_checks_compiles_and_nothing_crashes_them(us_content: dict[str, Any], junk: Any) -> None:
    small = {**us_content, "tables": {name: rows[:2] for name, rows in us_content["tables"].items()}}
    passed = 0
    for path in places(small):
        changed = spoiled(small, path, junk)
        if not problems(changed, known_texts=lambda key: True):
            compile_ruleset(changed, policy=VersionRef("us", 1), lists={})
            passed += 1
    assert passed < sum(1 for _ in places(small))


@pytest.mark.parametrize("content", [None, [], "policy", {}, {"facts": [], "tables": {}, "lists": []}])
def test_content_that_is_no_policy_is_told_so(content: Any) -> None:
    assert problems(content)


def test_a_threshold_that_is_no_number_is_named(us_content: dict[str, Any]) -> None:
    (problem,) = problems({**us_content, "thresholds": {"4E091": "a lot"}})
    assert (problem.field, problem.value) == ("thresholds.4E091", "a lot")
    assert problem.mend == "thresholds.4E091 must be a number above zero, such as 1e26."
