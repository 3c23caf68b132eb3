"""One registry of facts: its schema, its documentation and the shipped policies agree."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from licensing.cases.fact_schema import problems, schema
from licensing.cases.facts import FACTS, RECORDS, TYPES, workflow_facts
from licensing.policy import orders
from licensing.policy.rulesets import DERIVED

REPOSITORY = Path(__file__).parents[3]
DOCUMENT = (REPOSITORY / "docs" / "policies.md").read_text(encoding="utf-8")


def test_every_fact_is_documented_and_nothing_else_is() -> None:
    documented = {
        line.split("`")[1] for line in DOCUMENT.partition("## Facts")[2].splitlines() if line.startswith("| `")
    }
    assert documented == {*FACTS, *(name for record in RECORDS.values() for name in record)}


def test_the_schema_is_one_and_takes_the_example() -> None:
    Draft202012Validator.check_schema(schema())
    for line in (REPOSITORY / "docs" / "facts-example.jsonl").read_text(encoding="utf-8").splitlines():
        assert problems(json.loads(line)) == []


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "fixtures" / "policies").glob("*.yaml")), ids=lambda path: path.stem
)
def test_what_a_shipped_policy_declares_is_in_the_registry_with_its_type(path: Path) -> None:
    policy = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {name: TYPES.get(name) for name in policy["facts"]} == policy["facts"]
    for record, fields in policy["records"].items():
        assert {name: RECORDS[record][name].type for name in fields} == fields
    said = {**{name: FACTS[name].words for name in policy["facts"]}, **{
        f"{record}.{name}": RECORDS[record][name].words for record, fields in policy["records"].items() for name in fields
    }}  # fmt: skip
    assert {place: tuple(words) for place, words in policy["words"].items()} == {
        place: words for place, words in said.items() if words and place != "sector"
    }


def test_what_orders_and_lists_ask_for_is_in_the_registry() -> None:
    assert {name: TYPES[name] for name in orders.FACTS} == orders.FACTS
    assert set(TYPES) - set(FACTS) <= set(DERIVED)


@pytest.mark.parametrize(
    ("facts", "field", "mend"),
    [
        ({"sectr": "finance"}, "sectr", "Did you mean sector?"),
        ({"items": [{"weights": "closd"}]}, "items[0].weights", "Did you mean closed?"),
        ({"items": {"weights": "closed"}}, "items", "as a list"),
        ({"military_end_use": "no"}, "military_end_use", "true or false"),
        ({"parties": [{"role": "end_user", "nam": "x"}]}, "parties[0].nam", "Did you mean name?"),
        ([], "facts", "as a record"),
    ],
)
def test_what_does_not_fit_is_told_by_place_with_the_mend(facts: object, field: str, mend: str) -> None:
    (problem,) = problems(facts)
    assert problem.field == field
    assert mend in problem.mend


def test_a_workflow_is_told_the_facts_that_it_declares_and_no_others() -> None:
    known = {"low_risk": True, "asked_seats": ("safety", "energy"), "destination_embargoed": False}
    assert workflow_facts({"low_risk": "bool", "asked_seats": {"set": ["energy", "navy"]}}, known) == {
        "low_risk": True,
        "asked_seats": ["energy"],
    }
    assert workflow_facts({}, known) == {}
