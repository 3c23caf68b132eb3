"""A policy that does not pass its checks cannot be published: each mistake is named."""

from copy import deepcopy
from typing import Any

import pytest

from licensing.policy.checks import problems


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
