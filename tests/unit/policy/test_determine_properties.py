"""What holds for any facts: the same answer twice, plain JSON, a citation for every answer, the caller's facts untouched."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licensing.policy.rules import determine
from licensing.policy.rulesets import Ruleset

CODES = st.sampled_from(["NO", "DE", "US", "BR", "CN", "IR", "CU", "MO", "UA-43"])
MAYBE_CODE = st.one_of(CODES, st.just(""))
ITEM = st.fixed_dictionaries(
    {"weights": st.sampled_from(["open", "closed", "published"]), "operations": st.floats(0, 1e27)},
    optional={"control_entry": st.sampled_from(["", "4E091"]), "security_level": st.integers(0, 5)},
)
PARTY = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["end_user", "ultimate_consignee", "foreign_person"]),
        "country": CODES,
        "headquarters": MAYBE_CODE,
        "ultimate_parent": MAYBE_CODE,
    }
)
SITE = st.fixed_dictionaries(
    {"country": CODES, "headquarters": MAYBE_CODE, "ultimate_parent": MAYBE_CODE, "security_level": st.integers(0, 5)}
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
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS, at=INSTANTS)
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
