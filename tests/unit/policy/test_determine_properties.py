"""What holds for any facts: the same answer twice, plain JSON, a citation for every answer, the caller's facts untouched."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licensing.audit.refusals import Invalid
from licensing.policy.facts import refuse_contradictions
from licensing.policy.rules import determine
from licensing.policy.rulesets import Ruleset

CODES = st.sampled_from(["NO", "DE", "US", "BR", "CN", "IR", "CU", "MO", "UA-43"])
MAYBE_CODE = st.one_of(CODES, st.just(""))
MODEL = st.fixed_dictionaries(
    {},
    optional={
        "weights": st.sampled_from(["open", "closed", "published"]), "operations": st.sampled_from([0.0, 1e25, 9.5e25, 1e26, 2.1e26, 1e27]),
        "methods": st.lists(st.sampled_from(["architecture", "hardware"]), unique=True), "control_entry": st.sampled_from(["", "4E091"]),
        "derivation": st.sampled_from(["", "fine_tuned"]), "made_from_entries": st.lists(st.just("4E091"), max_size=1),
        "share_added": st.floats(0, 0.5), "security_level": st.integers(0, 5),
    },
)  # fmt: skip
CIRCUIT = st.fixed_dictionaries(
    {"kind": st.just("integrated_circuit")},
    optional={
        "total_processing_performance": st.sampled_from([100.0, 2000.0, 5000.0]), "die_area": st.sampled_from([100.0, 1000.0]),
        "control_entry": st.just(""),
    },
)  # fmt: skip
ITEM = st.one_of(MODEL, MODEL, CIRCUIT)
OWNER = st.fixed_dictionaries(
    {}, optional={"name": st.sampled_from("AB"), "owns": st.just("A"), "country": CODES, "percent": st.integers(1, 50)}
)
PARTY = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["end_user", "ultimate_consignee", "foreign_person"]),
        "country": CODES,
        "headquarters": MAYBE_CODE,
        "ultimate_parent": MAYBE_CODE,
        "owners": st.lists(OWNER, max_size=2),
    },
)
SITE = st.fixed_dictionaries(
    {},
    optional={
        "country": CODES,
        "headquarters": MAYBE_CODE,
        "ultimate_parent": MAYBE_CODE,
        "security_level": st.integers(0, 5),
    },
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "transaction_kind": st.sampled_from(["export", "reexport", "deemed_export"]),
        "delivery_modes": st.lists(st.sampled_from(["api_access", "iaas_training"]), max_size=2),
        "destinations": st.lists(CODES, max_size=3),
        "items": st.lists(ITEM, max_size=3),
        "parties": st.lists(PARTY, max_size=3),
        "sites": st.lists(SITE, max_size=2),
        **{
            name: st.booleans()
            for name in (
                "all_published",
                "military_end_use",
                "wmd_end_use",
                "human_rights_concern",
                "decides_about_people",
            )
        },
    },
)


def consistent(facts: dict[str, Any]) -> bool:
    try:
        refuse_contradictions(facts)
    except Invalid:
        return False
    return True


CONSISTENT = FACTS.filter(consistent)
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=CONSISTENT, at=INSTANTS)
def test_determine_is_deterministic_and_cites(us: Ruleset, facts: dict[str, Any], at: datetime) -> None:
    given_facts = deepcopy(facts)
    answer = determine(us, facts, at)
    assert facts == given_facts
    assert json.dumps(answer.to_json(), sort_keys=True) == json.dumps(
        determine(us, facts, at).to_json(), sort_keys=True
    )
    cited = [rule for rule in answer.rules if rule.citation and rule.version == 1]
    if answer.requirement == "needs_information":
        assert answer.questions
    else:
        assert any(rule.table == "requirement" for rule in cited)
    if answer.requirement == "required":
        assert any(rule.table == "review_policy" for rule in cited)
    assert answer.workflow == "us-interagency"
    assert (answer.requirement == "exception") == bool(answer.exception)


MANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FAVORABLE = {"not_required", "exception"}


@MANY
@given(facts=CONSISTENT, at=INSTANTS)
def test_rows_that_guards_rule_out_would_not_have_held(us: Ruleset, facts: dict[str, Any], at: datetime) -> None:
    naive = replace(
        us,
        tables={
            table: tuple(replace(row, guards=(), whole=False) for row in rows) for table, rows in us.tables.items()
        },
    )
    quick, slow = determine(us, facts, at, explain=False), determine(naive, facts, at, explain=False)
    assert (quick.requirement, quick.rules, quick.questions) == (slow.requirement, slow.rules, slow.questions)
    assert (quick.conditions, quick.review_policy, quick.unenforced) == (
        slow.conditions,
        slow.review_policy,
        slow.unenforced,
    )


# Said in addition, or not at all: that a share or an uncertainty is known.
VOLUNTARY = {"owners", "tolerance_percent"}


def without(facts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The facts with one of them left out, on the top, in an element, or in an owner of a party."""
    for name, value in facts.items():
        yield name, {key: each for key, each in facts.items() if key != name}
        for place, element in enumerate(value) if isinstance(value, list) else ():
            for field, less in without(element) if isinstance(element, dict) else ():
                if field not in VOLUNTARY:
                    yield f"{name}.{field}", {**facts, name: [*value[:place], less, *value[place + 1 :]]}


@MANY
@given(facts=CONSISTENT, at=INSTANTS, data=st.data())
def test_a_fact_that_is_left_out_never_gives_a_more_favorable_answer(
    us: Ruleset, facts: dict[str, Any], at: datetime, data: st.DataObject
) -> None:
    less = list(without(facts))
    if not less:
        return
    whole = determine(us, facts, at, explain=False).requirement
    left_out, rest = data.draw(st.sampled_from(less))
    if consistent(rest):
        answer = determine(us, rest, at, explain=False).requirement
        assert answer not in FAVORABLE or whole in FAVORABLE | {"needs_information"}, left_out


@MANY
@given(facts=CONSISTENT, at=INSTANTS, data=st.data())
def test_the_order_of_facts_and_of_elements_does_not_matter(
    us: Ruleset, facts: dict[str, Any], at: datetime, data: st.DataObject
) -> None:
    names = data.draw(st.permutations(sorted(facts)))
    shuffled = {name: list(reversed(facts[name])) if isinstance(facts[name], list) else facts[name] for name in names}
    one, other = determine(us, facts, at, explain=False), determine(us, shuffled, at, explain=False)
    assert (one.requirement, one.exception, one.review_policy, one.rules, one.questions) == (
        other.requirement, other.exception, other.review_policy, other.rules, other.questions,
    )  # fmt: skip
