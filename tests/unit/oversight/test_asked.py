"""What a ruleset cannot look at changes no answer: facts with the same digest are answered the same."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from licensing.audit.refusals import Invalid
from licensing.policy.asked import Asked
from licensing.policy.changes import Answer
from licensing.policy.rules import determine
from licensing.policy.rulesets import ListVersionRef, Ruleset, VersionRef, compile_ruleset, instant

ROOT = Path(__file__).parents[3]
AT = instant("2026-11-25")
LISTS = {
    "EAR_740_SUPP5_A": {"NO", "DE"},
    "EAR_D5": {"IR", "CN"},
    "EAR_E1": {"IR"},
    "EAR_E2": {"CU"},
    "AUTHORITY_WATCH": {"SG"},
}
OTHER: Mapping[type, Any] = {str: "another", bool: False, int: 7, float: 3.5, list: ["another"]}


@pytest.fixture(scope="module")
def us() -> Ruleset:
    content = yaml.safe_load((ROOT / "fixtures" / "policies" / "us.yaml").read_text())
    lists = {key: ListVersionRef(key, 1, frozenset(LISTS.get(key, ()))) for key in content["lists"]}
    return compile_ruleset(content, policy=VersionRef("us", 1), lists=lists)


def examples() -> list[dict[str, Any]]:
    lines = (ROOT / "docs" / "facts-example.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def varied(facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The facts with one of them, or one field of one record, another."""
    for name, value in facts.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for field, inner in value[0].items():
                yield {**facts, name: [{**value[0], field: OTHER[type(inner)]}, *value[1:]]}
        elif value not in (None, []):
            yield {**facts, name: OTHER[type(value)]}


def test_facts_with_the_same_digest_get_the_same_answer(us: Ruleset) -> None:
    asked, alike, different = Asked(us), 0, 0
    assert AT is not None
    for facts in examples():
        answer = Answer.of(determine(us, facts, AT, explain=False))
        for other in varied(facts):
            if asked.digest(other) != asked.digest(facts):
                different += 1
                continue
            try:
                again = Answer.of(determine(us, other, AT, explain=False))
            except Invalid:
                continue  # a word that there is not: nothing that is filed says it
            alike += 1
            assert again == answer
    assert min(alike, different) > 10


def test_what_is_only_words_is_not_looked_at_unless_an_order_may(us: Ruleset) -> None:
    asked, facts = Asked(us), examples()[0]
    assert asked.digest({**facts, "end_use": "Something else."}) == asked.digest(facts)
    parties = [{**party, "name": "Somebody else"} for party in facts["parties"]]
    assert asked.digest({**facts, "parties": parties}) == asked.digest(facts)
    assert asked.digest({**facts, "destinations": ["SG"]}) != asked.digest(facts)
