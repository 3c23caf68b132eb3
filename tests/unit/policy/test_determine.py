"""The answers of the shipped policy: requirement, exception, review policy, and what each of them cites."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml

from licensing.audit.refusals import Invalid
from licensing.catalog.entries import entries_of
from licensing.policy.rules import Determination, determine
from licensing.policy.rulesets import AuthorizedParties, Ruleset, VersionRef

from .conftest import CONTROL, build_ruleset

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
    draft["items"][0] |= {"operations": 9.99e25, "methods": ["architecture", "hardware"]}
    answer = determine(us, draft, AT)
    assert answer.requirement == "not_required"
    assert fired(answer, "requirement") == ["nothing-found"]
    assert answer.review_policy == ""
    assert answer.conditions == ()


def test_the_control_list_in_force_moves_the_threshold(us: Ruleset, draft: dict[str, Any]) -> None:
    raised = [{"operations": "3e26", "from": "2026-03-01", "evidence": "An evaluation of 2026-02-20"}]
    control = yaml.safe_load(CONTROL.read_text())
    control["entries"][0]["best_published"] = raised
    for day, requirement in ((date(2026, 2, 28), "required"), (date(2026, 3, 1), "not_required")):
        rules = replace(us, entries=entries_of(control, day), control_list=VersionRef("us", 4))
        answer = determine(rules, draft, AT)
        assert (answer.requirement, answer.control_list) == (requirement, VersionRef("us", 4))


def test_near_the_threshold_the_second_method_is_asked_for(us: Ruleset, draft: dict[str, Any]) -> None:
    for operations, methods, requirement in (
        (8.9e25, ["hardware"], "not_required"), (9.5e25, ["hardware"], "needs_information"), (9.5e25, [], "needs_information"),
        (9.5e25, ["hardware", "architecture"], "not_required"), (1.05e26, ["hardware"], "needs_information"),
        (1.05e26, ["hardware", "architecture"], "required"), (1.2e26, ["hardware"], "required"),
    ):  # fmt: skip
        draft["items"][0] |= {"operations": operations, "methods": methods}
        answer = determine(us, draft, AT)
        assert answer.requirement == requirement, (operations, methods)
        if requirement == "needs_information":
            assert [question.fact for question in answer.questions] == ["items.methods"]


def test_a_derivative_of_what_is_controlled_stays_controlled(us: Ruleset, draft: dict[str, Any]) -> None:
    draft["items"][0] |= {"operations": 1e24, "derivation": "distilled", "made_from_entries": ["4E091"]}
    answer = determine(us, draft, AT)
    assert answer.requirement == "required"
    assert [(each.item, each.entry) for each in answer.covered] == [("Meridian 2", "4E091")]


@pytest.mark.parametrize(
    ("share", "requirement"), [(0.2, "exception"), (0.25, "exception"), (0.3, "required"), (None, "required")]
)
def test_fine_tuning_beyond_a_quarter_closes_the_exception(
    us: Ruleset, draft: dict[str, Any], share: float | None, requirement: str
) -> None:
    draft["sites"][0]["security_level"] = 4
    draft["items"][0] |= {"derivation": "fine_tuned", "share_added": share}
    assert determine(us, draft, AT).requirement == requirement


CIRCUIT = {"kind": "integrated_circuit", "model": "Tensor 9", "control_entry": ""}


@pytest.mark.parametrize(
    ("parameters", "entries"),
    [
        ({"total_processing_performance": 4800.0, "die_area": 9000.0}, ["3A090.a"]),
        ({"total_processing_performance": 1600.0, "die_area": 270.0}, ["3A090.a"]),
        ({"total_processing_performance": 2400.0, "die_area": 1000.0}, ["3A090.b"]),
        ({"total_processing_performance": 1600.0, "die_area": 400.0}, ["3A090.b"]),
        ({"total_processing_performance": 1599.0, "die_area": 100.0}, []),
        ({"kind": "computer", "contains": ["3A090.a"]}, ["4A090.a"]),
        ({"kind": "computer", "contains": []}, []),
    ],
)
def test_circuits_and_computers_are_classified_by_their_parameters(
    us: Ruleset, draft: dict[str, Any], parameters: dict[str, Any], entries: list[str]
) -> None:
    draft["items"] = [CIRCUIT | parameters]
    answer = determine(us, draft, AT)
    assert [covered.entry for covered in answer.covered if covered.enforcement_status == "enforced"] == entries
    assert answer.requirement == ("required" if entries else "not_required")


def test_a_parameter_that_is_missing_is_asked_for(us: Ruleset, draft: dict[str, Any]) -> None:
    draft["items"] = [CIRCUIT | {"total_processing_performance": 2000.0}]
    answer = determine(us, draft, AT)
    assert (answer.requirement, [question.fact for question in answer.questions]) == (
        "needs_information",
        ["items.die_area"],
    )


def test_low_performance_and_notice_are_exceptions(us: Ruleset, draft: dict[str, Any]) -> None:
    draft["items"] = [CIRCUIT | {"total_processing_performance": 2400.0, "die_area": 1000.0}]
    assert determine(us, draft, AT).requirement == "required"
    assert determine(us, draft | {"consignee_performance": 2.69e7}, AT).exception == "LPP"
    assert determine(us, draft | {"consignee_performance": 2.7e7}, AT).requirement == "required"
    many = draft | {"consignee_performance": 2.7e7}
    assert determine(us, many | {"days_since_notice": 24}, AT).requirement == "required"
    assert determine(us, many | {"days_since_notice": 25}, AT).exception == "NAC"


def test_everybody_on_an_authorized_party_list_is_an_exception(us: Ruleset, draft: dict[str, Any]) -> None:
    listed = {"VALIDATED_END_USERS": AuthorizedParties("VALIDATED_END_USERS", 3, frozenset({"fjordhelsehf"}))}
    rules = replace(us, authorized=listed)
    draft["parties"][0]["name"] = "Fjordhelse HF"
    answer = determine(rules, draft, AT)
    assert (answer.requirement, answer.exception) == ("exception", "VEU")
    assert ("VALIDATED_END_USERS", 3) in [(cited.key, cited.version) for cited in answer.lists]
    draft["parties"].append({**draft["parties"][0], "name": "Fjordhelse II"})
    assert determine(rules, draft, AT).requirement == "required"


def test_a_parent_that_is_not_stated_leaves_a_catch_all_open(us: Ruleset, draft: dict[str, Any]) -> None:
    draft["items"][0]["operations"] = 1e20
    draft |= {"military_end_use": True}
    assert determine(us, draft, AT).requirement == "not_required"
    del draft["parties"][0]["ultimate_parent"]
    answer = determine(us, draft, AT)
    assert (answer.requirement, [question.fact for question in answer.questions]) == (
        "needs_information", ["parties.ultimate_parent"],
    )  # fmt: skip
    draft["parties"].append({**draft["parties"][0], "country": "CN"})  # whoever comes first: one of them is enough
    for parties in (draft["parties"], draft["parties"][::-1]):
        assert determine(us, draft | {"parties": parties}, AT).requirement == "required"


BACK, SUSPENDED = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
SHARES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "aggregate": [{"name": "A", "country": "CN", "percent": 30}, {"name": "B", "country": "BY", "percent": 20}],
    "chain": [
        {"name": "A", "country": "DE", "percent": 60},
        {"name": "B", "owns": "A", "country": "CN", "percent": 50},
    ],
    "minority": [{"name": "A", "country": "CN", "percent": 49}],
    "unknown": [{"name": "A", "country": "CN"}],
    "friend": [{"name": "A", "country": "DE"}],
}


@pytest.mark.parametrize(
    ("shares", "at", "requirement"),
    [
        ("aggregate", BACK, "required"), ("chain", BACK, "required"), ("minority", BACK, "not_required"),
        ("unknown", BACK, "needs_information"), ("friend", BACK, "not_required"), ("aggregate", SUSPENDED, "not_required"),
    ],
)  # fmt: skip
def test_half_of_the_shares_put_a_party_on_its_owners_lists(
    us: Ruleset, draft: dict[str, Any], shares: str, at: datetime, requirement: str
) -> None:
    draft["items"][0]["operations"] = 1e20
    draft["parties"][0]["owners"] = SHARES[shares]
    answer = determine(us, draft | {"military_end_use": True}, at)
    assert answer.requirement == requirement
    mentioned = [
        rule.id for rule in (answer.unenforced if at == SUSPENDED else answer.rules) if rule.table == "ownership"
    ]
    assert bool(mentioned) == (shares not in ("minority", "friend"))
    if requirement == "needs_information":
        assert [question.fact for question in answer.questions] == ["parties.owners"]


def test_owners_outside_the_partners_close_the_exception(us: Ruleset, draft: dict[str, Any]) -> None:
    draft["sites"][0]["security_level"] = 4
    for percent, requirement in ((49, "exception"), (50, "required")):
        draft["parties"][0]["owners"] = [{"name": "A", "country": "BR", "percent": percent}]
        assert determine(us, draft, BACK).requirement == requirement


def test_seats_are_asked_by_rule(us: Ruleset, draft: dict[str, Any]) -> None:
    assert determine(us, draft, AT).seats == ("safety",)
    assert determine(us, draft | {"any_nuclear_relevant": True}, AT).seats == ("energy", "safety")


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
    answer = determine(us, draft, AT)
    assert answer.requirement != "exception"
    assert f"{record}.ultimate_parent" in {question.fact for question in answer.questions}


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
        ("transaction_kind", "exprt", "transaction_kind"),
        ("items", [{"weights": "closd"}], "items[0].weights"),
        ("items", [{"control_entry": "4E019"}], "items[0].control_entry"),
        ("parties", [{"owners": [{"percent": "half"}]}], "parties[0].owners[0].percent"),
        ("parties", [{"owners": [{"percent": 60}, {"percent": 41}]}], "parties[0].owners"),
        ("items", [{"weights": "closed", "operations": "2e26"}], "items[0].operations"),
    ],
)
def test_a_fact_of_the_wrong_type_is_named(
    us: Ruleset, draft: dict[str, Any], fact: str, value: object, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        determine(us, draft | {fact: value}, AT)
    assert next(problem.field for problem in refused.value.problems) == field


@pytest.mark.parametrize(
    ("facts", "near"),
    [
        ({"transaction_kind": "exprt"}, "export"), ({"items": [{"weights": "closd"}]}, "closed"),
        ({"items": [{"control_entry": "4E019"}]}, "4E091"), ({"destinations": ["Norwey"]}, "NO (Norway)"),
        ({"destinations": ["Viet Nam"]}, "VN (Vietnam)"),
        ({"parties": [{"country": "UK"}]}, "UA (Ukraine)"),
    ],
)  # fmt: skip
def test_the_nearest_is_named(us: Ruleset, facts: dict[str, Any], near: str) -> None:
    called = {"NO": "Norway", "VN": "Vietnam", "UA": "Ukraine", "DE": "Germany", "FR": "France"}
    with pytest.raises(Invalid, match=re.escape(f"Did you mean {near}")):
        determine(replace(us, countries=called), facts, AT)


@pytest.mark.parametrize("parties", [[], [{"role": "end_user"}]])
def test_a_deemed_export_without_a_person_is_refused(us: Ruleset, parties: list[dict[str, Any]]) -> None:
    with pytest.raises(Invalid, match="names that person"):
        determine(us, {"transaction_kind": "deemed_export", "parties": parties}, AT)
