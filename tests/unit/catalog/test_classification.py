"""Which entry a version falls under, on the control list that is committed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from licensing.catalog.control_lists import ControlLists
from licensing.catalog.entries import entries_of, is_near, threshold
from licensing.catalog.rules import Counted, Found, Training, VersionFacts, classify, figure, parsed_operations, summed

CONTENT: dict[str, Any] = yaml.safe_load((settings.BASE_DIR / "fixtures/control/us.yaml").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 25)
BEST_PUBLISHED = {
    "best_published": [{"operations": "3.8e26", "from": "2026-10-01", "evidence": "An evaluation, 2026-10-01"}]
}
BOTH = ("architecture", "hardware")


def with_entry(**changes: Any) -> dict[str, Any]:
    return {**CONTENT, "entries": [{**CONTENT["entries"][0], **changes}]}


def version(weights: str, operations: str | Decimal | None, *methods: str, **more: Any) -> VersionFacts:
    training = None if operations is None else Training(Decimal(operations), frozenset(methods or BOTH), Decimal(0))
    return VersionFacts("Beacon 1", weights, training, **more)


def found(facts: VersionFacts, content: dict[str, Any] = CONTENT, day: date = TODAY) -> Found:
    return classify(facts, entries_of(content, day))


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
    told = found(version(weights, operations), with_entry())
    assert (told.entry, told.controlled) == ("4E091", controlled)


def test_what_is_not_declared_is_taken_as_controlled_unless_published() -> None:
    assert found(version("closed", None)).controlled
    assert not found(version("published", None)).controlled


def test_the_threshold_floats_with_the_best_published_model_from_its_day() -> None:
    facts, raised = version("closed", "2.1e26"), with_entry(**BEST_PUBLISHED)
    assert found(facts, raised, date(2026, 9, 30)).controlled
    assert not found(facts, raised, date(2026, 10, 1)).controlled
    lower = with_entry(best_published=[{"operations": "3e25", "from": "2026-10-01", "evidence": "The same"}])
    assert threshold(lower["entries"][0], TODAY) == Decimal("1e26")


@pytest.mark.parametrize(
    ("day", "controlled"), [("2025-01-12", False), ("2025-01-13", True), ("2025-05-13", False), ("2026-01-01", True)]
)
def test_law_and_enforcement_have_their_days(day: str, controlled: bool) -> None:
    assert found(version("closed", "2.1e26"), with_entry(), date.fromisoformat(day)).controlled == controlled


def test_near_the_threshold_one_method_is_not_enough() -> None:
    told = found(version("closed", "9.5e25", "hardware"))
    assert (told.controlled, told.reason) == (
        True, "9.5e25 training operations are near the 1e26 of 4E091 and counted by one method only, so it is assumed.",
    )  # fmt: skip
    assert not found(version("closed", "9.5e25")).controlled
    assert not found(version("closed", "8.9e25", "hardware")).controlled


def test_the_share_around_the_threshold_and_the_tolerance_are_data() -> None:
    (entry,) = entries_of({**with_entry(), "near_percent": 1}, TODAY)
    assert is_near(entry, 9.95e25)
    assert not is_near(entry, 9.5e25)
    assert is_near(entry, 9.5e25, tolerance_percent=5)


def test_what_was_made_from_something_controlled_stays_controlled() -> None:
    small = version("closed", "1e24", derivation="distilled", origins=(version("closed", "2e26"),))
    assert found(small).reason == "It was made from Beacon 1, which 4E091 covers."
    assert not found(
        version("closed", "1e24", derivation="distilled", origins=(version("published", "2e26"),))
    ).controlled


def test_a_stage_that_two_methods_counted_counts_once_with_the_larger_figure() -> None:
    rows = [
        Counted("pretraining", Decimal("9e25"), "architecture"),
        Counted("pretraining", Decimal("5e25"), "hardware"),
        Counted("pretraining", Decimal("4.5e25"), "hardware", Decimal(3)),
        Counted("fine_tuning", Decimal("1e24"), "hardware"),
    ]
    assert summed(rows) == Training(Decimal("9.6e25"), frozenset({"hardware"}), Decimal(3))
    assert summed([*rows, Counted("fine_tuning", Decimal("1e24"), "architecture")]).methods == set(BOTH)
    assert summed([]) == Training(Decimal(0), frozenset(), Decimal(0))


def test_the_reason_gives_figures_that_differ_and_counts_the_origin() -> None:
    just_below = found(version("closed", Decimal("1e26") - 1), with_entry())
    assert just_below.reason == "9.9999999999999999999999999e25 training operations are below the 1e26 of 4E091."
    tuned = found(version("closed", "2.1e26", derivation="fine_tuned"))
    assert tuned.reason == (
        "2.1e26 training operations, with those of what it was fine tuned from, reach the 1e26 of 4E091."
    )


@given(
    weights=st.sampled_from(["closed", "open"]),
    fewer=st.integers(1, 10**28),
    more=st.integers(0, 10**28),
)
def test_more_training_never_frees_a_model(weights: str, fewer: int, more: int) -> None:
    before, after = found(version(weights, Decimal(fewer))), found(version(weights, Decimal(fewer + more)))
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
        ({"item": "chip"}, "entries.0.item"),
        ({"weights": []}, "entries.0.weights"),
        ({"weights": ["secret"]}, "entries.0.weights"),
        ({"thresholds": []}, "entries.0.thresholds"),
        ({"thresholds": [{"from": "2025-01-13", "citation": "c"}]}, "entries.0.thresholds.0.operations"),
        (
            {"thresholds": [{"operations": "1,0e26", "from": "2025-01-13", "citation": "c"}]},
            "entries.0.thresholds.0.operations",
        ),
        ({"thresholds": [{"operations": "1e26", "from": "soon", "citation": "c"}]}, "entries.0.thresholds.0.from"),
        ({"best_published": [{"operations": "3.8e26", "from": "2026-10-01"}]}, "entries.0.best_published.0.evidence"),
        ({"status": []}, "entries.0.status"),
        (
            {"status": [{"from": "2025-01-13", "legal_status": "law", "enforcement_status": "enforced"}]},
            "entries.0.status.0.legal_status",
        ),
        ({"item": "computer", "contains": ["3A090.z"]}, "entries.0.contains"),
        ({"item": "integrated_circuit", "any_of": [{"speed": [1]}]}, "entries.0.any_of.0.speed"),
        (
            {"item": "integrated_circuit", "any_of": [{"performance_density": "high"}]},
            "entries.0.any_of.0.performance_density",
        ),
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
    assert {problem.field for problem in ControlLists().validate("us", twice)} == {"entries"}
    assert [problem.field for problem in ControlLists().validate("us", {**CONTENT, "near_percent": "ten"})] == [
        "near_percent"
    ]


def test_a_change_of_the_threshold_is_told_in_figures() -> None:
    told = ControlLists().diff(with_entry(), with_entry(**BEST_PUBLISHED))
    assert told == [
        "4E091 equals a published model with 3.8e26 operations since 2026-10-01 (An evaluation, 2026-10-01)"
    ]
    assert "4E091 is added: 1e26 operations from 2025-01-13" in ControlLists().diff({}, CONTENT)
    assert ControlLists().diff(CONTENT, CONTENT) == []
