"""Which entry a version falls under, on the control list that is committed."""

from decimal import Decimal
from typing import Any

import pytest
import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from licensing.catalog.control_lists import ControlLists
from licensing.catalog.rules import VersionFacts, classify, figure, parsed_operations, threshold

CONTENT: dict[str, Any] = yaml.safe_load((settings.BASE_DIR / "fixtures/control/us.yaml").read_text(encoding="utf-8"))
BEST_PUBLISHED = {"best_published_operations": "3.8e26", "best_published_evidence": "An evaluation, 2026-10-01"}


def with_entry(**changes: Any) -> dict[str, Any]:
    return {**CONTENT, "entries": [{**CONTENT["entries"][0], **changes}]}


@pytest.mark.parametrize(
    ("weights", "operations", "controlled"),
    [
        ("closed", "2.1e26", True),
        ("closed", "1e26", True),  # "10^26 or more"
        ("closed", "99999999999999999999999999", False),
        ("open", "1e26", True),
        ("published", "9e26", False),  # 15 CFR 734.7(a)
    ],
)
def test_closed_weights_are_controlled_from_ten_to_the_26(weights: str, operations: str, controlled: bool) -> None:
    found = classify(VersionFacts(weights, Decimal(operations)), CONTENT)
    assert (found.entry, found.controlled) == ("4E091", controlled)


def test_what_is_not_declared_is_taken_as_controlled_unless_published() -> None:
    assert classify(VersionFacts("closed", None), CONTENT).controlled
    assert not classify(VersionFacts("published", None), CONTENT).controlled


def test_the_threshold_floats_with_the_best_published_model() -> None:
    version = VersionFacts("closed", Decimal("2.1e26"))
    assert not classify(version, with_entry(**BEST_PUBLISHED)).controlled
    lower = with_entry(best_published_operations="3e25")
    assert classify(version, lower).controlled
    assert threshold(lower["entries"][0]) == Decimal("1e26")


def test_the_reason_gives_figures_that_differ_and_counts_the_origin() -> None:
    just_below = classify(VersionFacts("closed", Decimal("1e26") - 1), CONTENT)
    assert just_below.reason == "9.9999999999999999999999999e25 training operations are below the 1e26 of 4E091."
    tuned = classify(VersionFacts("closed", Decimal("2.1e26"), "fine_tuned"), CONTENT)
    assert tuned.reason == (
        "2.1e26 training operations, with those of what it was fine tuned from, reach the 1e26 of 4E091."
    )


@given(
    weights=st.sampled_from(["closed", "open"]),
    fewer=st.integers(1, 10**28),
    more=st.integers(0, 10**28),
)
def test_more_training_never_frees_a_model(weights: str, fewer: int, more: int) -> None:
    before = classify(VersionFacts(weights, Decimal(fewer)), CONTENT)
    after = classify(VersionFacts(weights, Decimal(fewer + more)), CONTENT)
    assert after.controlled or not before.controlled


@pytest.mark.parametrize("text", ["2.1e26", "2.1E+26", "2.1 x 10^26", "2.1 × 10^26", "210" + ",000" * 8, 2.1e26])  # noqa: RUF001
def test_operations_are_read_as_people_write_them(text: str | float) -> None:
    assert parsed_operations(text) == Decimal("2.1e26")


@pytest.mark.parametrize("text", ["", "many", "2,1e26", "0", "-1e26", "1.5", "nan", "inf", "1e39", "1e999999"])
def test_operations_that_could_be_misread_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        parsed_operations(text)


@given(st.integers(1, 10**28 - 1))
def test_a_figure_reads_back_as_itself(amount: int) -> None:
    assert parsed_operations(figure(Decimal(amount))) == amount


def test_the_committed_list_may_be_published() -> None:
    assert ControlLists().validate("us", CONTENT) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"entry": ""}, "entries.0.entry"),
        ({"weights": []}, "entries.0.weights"),
        ({"weights": ["secret"]}, "entries.0.weights"),
        ({"operations": None}, "entries.0.operations"),
        ({"operations": "1,0e26"}, "entries.0.operations"),
        ({"best_published_operations": "3.8e26"}, "entries.0.best_published_evidence"),
    ],
)
def test_a_list_with_a_wrong_entry_is_named_with_its_place(changes: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in ControlLists().validate("us", with_entry(**changes))] == [field]


@pytest.mark.parametrize("entries", [None, "4E091", {"entry": "4E091"}, ["4E091"]])
def test_what_is_no_list_of_entries_is_refused(entries: object) -> None:
    assert [problem.field for problem in ControlLists().validate("us", {**CONTENT, "entries": entries})] == ["entries"]


def test_a_list_is_not_empty_has_a_source_and_no_entry_twice() -> None:
    assert {problem.field for problem in ControlLists().validate("us", {"entries": []})} == {"entries", "source"}
    twice = {**CONTENT, "entries": CONTENT["entries"] * 2}
    assert [problem.value for problem in ControlLists().validate("us", twice)] == ["4E091"]


def test_a_change_of_the_threshold_is_told_in_figures() -> None:
    told = ControlLists().diff(CONTENT, with_entry(**BEST_PUBLISHED))
    assert told == [
        "4E091 controls from 3.8e26 operations, before from 1e26",
        "best published evidence of 4E091 changes",
    ]
    assert ControlLists().diff({}, CONTENT)[0] == "4E091 is added, from 1e26 operations"
    assert ControlLists().diff(CONTENT, CONTENT) == []
