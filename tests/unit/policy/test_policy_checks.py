"""A policy that does not pass its checks cannot be published: each mistake is named."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from licensing.policy.checks import problems
from licensing.policy.findings import Finding


@pytest.fixture
def content(us_content: dict[str, Any]) -> dict[str, Any]:
    return deepcopy(us_content)


def test_the_shipped_policy_passes(content: dict[str, Any]) -> None:
    assert problems(content, known_lists=content["lists"]) == []


def change(content: dict[str, Any], key: str, value: object) -> None:
    content["tables"]["requirement"][1][key] = value


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("when", "wmd_end_use &&", "does not parse"),
        ("when", "wmd_end_uze", "Did you mean wmd_end_use?"),
        ("when", '"EAR_D9" in destination_lists', "Did you mean EAR_D5?"),
        ("when", '"EAR_D9" in destination_lists_throughout', "EAR_D9"),
        ("when", "wmd_end_use == 3 + military_end_use", "does not fit the declared types"),
        ("when", "transaction_kind", "answers true or false"),
        ("id", "published", "2 rows are called 'published'"),
        ("citation", "", "needs citation"),
        ("legal_status", "law", "legal_status is one of"),
        ("enforcement_status", None, "enforcement_status is one of"),
        ("until", "soon", "Write dates as"),
        ("then", {"requirement": "maybe"}, "requirement is one of"),
        ("then", {"requirment": "required"}, "Did you mean requirement?"),
        ("if", "true", "'if' is not known"),
    ],
)
def test_each_mistake_in_a_row_is_named(content: dict[str, Any], key: str, value: object, says: str) -> None:
    change(content, key, value)
    assert any(says in problem.mend for problem in problems(content))


def test_a_list_that_does_not_exist_is_named(content: dict[str, Any]) -> None:
    found = problems(content, known_lists=[*content["lists"][:-1], "AUTHORITY_WATCHED"])
    assert [(problem.field, problem.value) for problem in found] == [("lists", "AUTHORITY_WATCH")]


def test_a_derived_fact_is_not_declared(content: dict[str, Any]) -> None:
    content["facts"]["destination_lists"] = "list[str]"
    assert "worked out" in problems(content)[0].mend


def test_a_condition_without_a_text_is_named(content: dict[str, Any]) -> None:
    found = problems(content, known_texts=lambda key: key != "condition:human-oversight")
    assert [problem.value for problem in found] == ["condition:human-oversight"]


@pytest.mark.parametrize("broken", [{}, {"facts": [], "tables": {}, "lists": []}, {"tables": {"requirement": 1}}])
def test_content_of_another_shape_is_refused_not_crashed_on(broken: dict[str, Any]) -> None:
    assert problems(broken)


def test_every_code_is_explained_and_nothing_else_is() -> None:
    """What a check finds has a code, and `docs/policies.md` says what it means."""
    document = (Path(__file__).parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")
    table = document.partition("| code | what is found |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z-]+)`", table)) == set(Finding)


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("when", "wmd_end_use &&", Finding.UNPARSABLE), ("when", "wmd_end_uze", Finding.UNKNOWN),
        ("when", 'transaction_kind == "exprt"', Finding.UNKNOWN), ("when", 'items.exists(i, i.weights == "closd")', Finding.UNKNOWN),
        ("when", 'items.exists(i, "4E019" in i.entries)', Finding.UNKNOWN),
        ("when", "parties.exists(p, size(p.lists) > 1)", Finding.LOOKUP),
        ("when", "wmd_end_use == 3 + military_end_use", Finding.MISFIT), ("when", "wmd_end_use && !wmd_end_use", Finding.IMPOSSIBLE),
        ("when", "all_published && wmd_end_use", Finding.UNREACHABLE), ("when", "all_published", Finding.CONTRADICTION),
        ("until", "soon", Finding.DATE), ("citation", "", Finding.MISSING), ("legal_status", "law", Finding.STATUS),
    ],
)  # fmt: skip
def test_each_finding_has_its_code(content: dict[str, Any], key: str, value: object, code: Finding) -> None:
    change(content, key, value)
    assert {problem.code for problem in problems(content)} == {code}


@pytest.mark.parametrize(
    ("part", "value", "field"),
    [
        (
            "ownership",
            [{"id": "o", "percent": 0, "citation": "c", "legal_status": "in_force", "enforcement_status": "enforced"}],
            "percent",
        ),
        ("words", {"items.weights": ["closed"]}, "words"),
        ("thresholds", {"4E091": "a lot"}, "thresholds"),
    ],
)
def test_other_parts_are_checked_too(content: dict[str, Any], part: str, value: object, field: str) -> None:
    assert any(field in problem.field for problem in problems({**content, part: value}))


def test_entries_and_lists_of_authorized_parties_have_to_exist(content: dict[str, Any]) -> None:
    found = problems(content, known_entries=["4E091", "3A090.a", "3A090.b", "4A090.a", "4A090.c"], known_authorized=[])
    assert [(problem.field, problem.value) for problem in found] == [
        ("authorized_lists", "VALIDATED_END_USERS"),
        ("entries", "4A090.b"),
    ]
