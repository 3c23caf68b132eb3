"""Whether two answers differ, and which rules, lists and facts make the difference. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from licensing.policy.rules import Determination
from licensing.policy.rulesets import DERIVED


@dataclass(frozen=True)
class Answer:
    """What a determination says, without how it got there: two that are equal are the same answer to whoever relied on it."""

    requirement: str
    exception: str
    review_policy: str
    workflow: str
    conditions: tuple[str, ...]

    @classmethod
    def of(cls, answer: Determination) -> "Answer":
        return cls(str(answer.requirement), answer.exception, answer.review_policy, answer.workflow, answer.conditions)

    @classmethod
    def kept(cls, answer: Mapping[str, Any]) -> "Answer":
        """From `Determination.to_json()`, or a part of it that has these fields."""
        return cls(
            requirement=answer["requirement"], exception=answer["exception"], review_policy=answer["review_policy"],
            workflow=answer["workflow"], conditions=tuple(answer["conditions"]),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "conditions": list(self.conditions)}


def reasons(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What makes two answers differ, a sentence each. Both are `Determination.to_json()`."""
    return [*_rules(before, after), *_lists(before, after), *_facts(before, after)]


def _rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = (_said(answer["rules"]) for answer in (before, after))
    for place, rule in old.items():
        if place not in new:
            yield f"{_named(rule)} applies no longer"
        elif new[place]["answer"] != rule["answer"]:
            yield f"{_named(new[place])} answers otherwise"
    for place, rule in new.items():
        if place not in old:
            yield f"{_named(rule)} applies"


def _said(rules: list[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {(rule["table"], rule["id"]): rule for rule in rules}


def _named(rule: Mapping[str, Any]) -> str:
    return f"{rule['id']} ({rule['citation']})"


def _lists(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = ({row["key"]: row for row in answer["lists"]} for answer in (before, after))
    for key in sorted(old.keys() & new.keys()):
        came = [code for code in new[key]["matched"] if code not in old[key]["matched"]]
        went = [code for code in old[key]["matched"] if code not in new[key]["matched"]]
        versions = f"{key}, version {old[key]['version']} to {new[key]['version']}"
        if came:
            yield f"{', '.join(came)} on {versions}"
        if went:
            yield f"{', '.join(went)} off {versions}"


def _facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Facts that come from lists, such as control entries: what was filed is the same on both sides."""
    old, new = before["facts_used"], after["facts_used"]
    for name in sorted(old.keys() & new.keys() - DERIVED.keys()):
        if old[name] != new[name] and not any(isinstance(element, Mapping) for element in new[name] or ()):
            yield f"{name.replace('_', ' ')}: {_shown(old[name])} to {_shown(new[name])}"


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)
