"""The answers of the shipped policy: requirement, exception, review policy, and what each of them cites."""

from datetime import UTC, datetime
from typing import Any

import pytest

from licensing.audit.refusals import Invalid
from licensing.policy.rules import Determination, determine
from licensing.policy.rulesets import ListVersionRef, Ruleset, VersionRef, compile_ruleset

from .conftest import build_ruleset

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def fired(answer: Determination, table: str) -> list[str]:
    return [rule.id for rule in answer.rules if rule.table == table]


def move(draft: dict[str, Any], code: str) -> dict[str, Any]:
    """The same draft with destination, party and site in another country."""
    draft["destinations"] = [code]
    draft["parties"][0] |= {"country": code, "headquarters": code, "ultimate_parent": code}
    draft["sites"][0] |= {"country": code, "headquarters": code, "ultimate_parent": code}
    return draft


def test_closed_weights_over_the_threshold_need_a_license_everywhere(us: Ruleset, draft: dict[str, Any]) -> None:
    answer = determine(us, draft, AT)
    assert (answer.requirement, answer.review_policy, answer.workflow) == (
        "required",
        "presumption_of_approval",
        "us-interagency",
    )
    assert fired(answer, "requirement") == ["control-4E091"]
    assert answer.rules[0].citation.startswith("15 CFR 742.6(a)(13)")
    assert answer.rules[0].version == 1
    assert (answer.rules[0].legal_status, answer.rules[0].enforcement_status) == ("in_force", "enforced")


def test_a_recorded_classification_controls_below_the_threshold_too(us: Ruleset, draft: dict[str, Any]) -> None:
    draft["items"][0] |= {"operations": 1e24, "control_entry": "4E091"}
    assert determine(us, draft, AT).requirement == "required"


def test_below_the_threshold_nothing_is_required_and_the_answer_cites_why(us: Ruleset, draft: dict[str, Any]) -> None:
    draft["items"][0]["operations"] = 9.99e25
    answer = determine(us, draft, AT)
    assert answer.requirement == "not_required"
    assert fired(answer, "requirement") == ["nothing-found"]
    assert answer.review_policy == ""
    assert answer.conditions == ()


def test_the_control_list_in_force_moves_the_threshold(us_content: dict[str, Any], draft: dict[str, Any]) -> None:
    raised = compile_ruleset(
        us_content,
        policy=VersionRef("us", 1),
        lists={"EAR_740_SUPP5_A": ListVersionRef("EAR_740_SUPP5_A", 1, frozenset({"NO"}))},
        thresholds={"4E091": 3e26},
        control_list=VersionRef("us", 4),
    )
    answer = determine(raised, draft, AT)
    assert answer.requirement == "not_required"
    assert answer.control_list == VersionRef("us", 4)


def test_published_weights_are_not_subject_even_to_an_embargoed_country(us: Ruleset, draft: dict[str, Any]) -> None:
    draft = move(draft, "IR") | {"all_published": True}
    draft["items"][0]["weights"] = "published"
    answer = determine(us, draft, AT)
    assert answer.requirement == "not_required"
    assert fired(answer, "requirement") == ["published"]


def test_partner_destination_with_secure_storage_is_an_exception_with_conditions(
    us: Ruleset, draft: dict[str, Any]
) -> None:
    draft["sites"][0]["security_level"] = 4
    answer = determine(us, draft, AT)
    assert (answer.requirement, answer.exception) == ("exception", "AIA")
    assert "condition:weights-security" in answer.conditions
    assert "740.27" in answer.rules[1].citation


@pytest.mark.parametrize("field", ["headquarters", "ultimate_parent"])
def test_headquarters_and_parent_close_the_exception_by_themselves(
    us: Ruleset, draft: dict[str, Any], field: str
) -> None:
    draft["sites"][0]["security_level"] = 5
    draft["parties"][0][field] = "BR"
    answer = determine(us, draft, AT)
    assert (answer.requirement, answer.review_policy) == ("required", "presumption_of_denial")


@pytest.mark.parametrize("record", ["parties", "sites"])
def test_an_ultimate_parent_that_is_not_stated_never_opens_the_exception(
    us: Ruleset, draft: dict[str, Any], record: str
) -> None:
    draft["sites"][0]["security_level"] = 5
    draft[record][0]["ultimate_parent"] = ""  # stated: nobody owns them
    assert determine(us, draft, AT).requirement == "exception"
    del draft[record][0]["ultimate_parent"]
    assert determine(us, draft, AT).requirement == "required"


def test_operations_that_are_not_declared_are_asked_for(us: Ruleset, draft: dict[str, Any]) -> None:
    del draft["items"][0]["operations"]
    assert determine(us, draft, AT).requirement == "needs_information"


def test_unknown_headquarters_never_open_the_exception(us: Ruleset, draft: dict[str, Any]) -> None:
    draft["sites"][0]["security_level"] = 5
    draft["parties"][0]["headquarters"] = ""
    assert determine(us, draft, AT).requirement == "required"


@pytest.mark.parametrize("code", ["IR", "KP", "CU"])
def test_embargoed_destinations_meet_a_policy_of_denial(us: Ruleset, draft: dict[str, Any], code: str) -> None:
    draft = move(draft, code)
    draft["items"][0]["operations"] = 1e20
    answer = determine(us, draft, AT)
    assert (answer.requirement, answer.review_policy, answer.embargoed) == ("required", "policy_of_denial", True)
    assert answer.to_json()["destination_embargoed"] is True


def test_weapons_in_a_terrorist_supporting_country_are_prohibited(us: Ruleset, draft: dict[str, Any]) -> None:
    answer = determine(us, move(draft, "KP") | {"wmd_end_use": True}, AT)
    assert answer.requirement == "prohibited"


def test_military_end_use_needs_a_license_without_any_threshold(us: Ruleset, draft: dict[str, Any]) -> None:
    draft = move(draft, "BY") | {"military_end_use": True}
    draft["items"][0]["operations"] = 1e20
    answer = determine(us, draft, AT)
    assert fired(answer, "requirement") == ["military-end-use"]
    assert answer.review_policy == "presumption_of_denial"


def test_deemed_export_follows_the_employers_headquarters(us: Ruleset, draft: dict[str, Any]) -> None:
    person = {
        "role": "foreign_person",
        "kind": "person",
        "country": "US",
        "headquarters": "",
        "ultimate_parent": "",
        "citizenships": ["BR"],
    }
    draft |= {"transaction_kind": "deemed_export", "destinations": ["BR"], "parties": [person], "sites": []}
    answer = determine(us, draft, AT)
    assert (fired(answer, "requirement"), answer.review_policy) == (["deemed-4E091"], "presumption_of_denial")
    person["headquarters"] = "GB"
    assert fired(determine(us, draft, AT), "requirement") == ["partner-employee"]


def test_a_part_of_a_country_is_on_its_lists(us: Ruleset, draft: dict[str, Any]) -> None:
    assert determine(us, move(draft, "CN-91"), AT).review_policy == "presumption_of_denial"


def test_a_rule_that_is_not_enforced_is_mentioned_without_effect(us: Ruleset, draft: dict[str, Any]) -> None:
    draft["items"][0]["operations"] = 1e20
    draft["delivery_modes"] = ["iaas_training"]
    draft["parties"][0]["headquarters"] = "BR"
    answer = determine(us, draft, AT)
    assert answer.requirement == "not_required"
    assert [rule.id for rule in answer.unenforced] == ["training-service"]


def test_a_rule_holds_from_its_day(us: Ruleset, draft: dict[str, Any]) -> None:
    assert determine(us, draft, datetime(2025, 1, 12, 23, 59, tzinfo=UTC)).requirement == "not_required"
    assert determine(us, draft, datetime(2025, 1, 13, tzinfo=UTC)).requirement == "required"


def test_adding_a_country_to_a_list_changes_the_answer_and_both_versions_are_cited(
    us_content: dict[str, Any], us: Ruleset, draft: dict[str, Any]
) -> None:
    before = determine(us, draft, AT)
    after = determine(build_ruleset(us_content, AUTHORITY_WATCH={"NO"}), draft, AT)
    assert (before.review_policy, after.review_policy) == ("presumption_of_approval", "presumption_of_denial")
    cited = [{one.key: (one.version, one.matched) for one in answer.lists} for answer in (before, after)]
    assert cited[0]["AUTHORITY_WATCH"] == (1, ())
    assert cited[1]["AUTHORITY_WATCH"] == (2, ("NO",))


def test_what_would_change_the_answer_is_named(us: Ruleset, draft: dict[str, Any]) -> None:
    changes = {change.what: change for change in determine(us, draft, AT).would_change}
    assert changes["NO on EAR_D5"].review_policy == "presumption_of_denial"
    assert changes["all_published = true"].requirement == "not_required"


def test_a_missing_fact_is_asked_for(us: Ruleset, draft: dict[str, Any]) -> None:
    del draft["wmd_end_use"]
    answer = determine(us, draft, AT)
    assert answer.requirement == "needs_information"
    assert [question.fact for question in answer.questions] == ["wmd_end_use"]
    assert answer.questions[0].sentence.startswith("Could the model be used for nuclear")


def test_a_missing_field_of_an_item_is_asked_for_by_its_place(us: Ruleset, draft: dict[str, Any]) -> None:
    del draft["items"][0]["operations"]
    answer = determine(us, draft, AT)
    assert answer.requirement == "needs_information"
    assert {question.fact for question in answer.questions} == {"items.operations"}


def test_a_missing_fact_that_cannot_matter_is_not_asked_for(us: Ruleset, draft: dict[str, Any]) -> None:
    del draft["military_end_use"]
    draft["all_published"] = True
    draft["items"][0]["weights"] = "published"
    assert determine(us, draft, AT).requirement == "not_required"


@pytest.mark.parametrize(
    ("fact", "value", "field"),
    [
        ("military_end_use", "no", "military_end_use"),
        ("destinations", ["norway"], "destinations"),
        ("destinations", "NO", "destinations"),
        ("items", [{"weights": "closed", "operations": "2e26"}], "items[0].operations"),
    ],
)
def test_a_fact_of_the_wrong_type_is_named(
    us: Ruleset, draft: dict[str, Any], fact: str, value: object, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        determine(us, draft | {fact: value}, AT)
    assert next(problem.field for problem in refused.value.problems) == field
