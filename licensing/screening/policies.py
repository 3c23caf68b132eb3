"""The screening policy as it is published: what is in force, and what a draft of it must say."""

from collections.abc import Mapping
from datetime import datetime

from licensing.audit.refusals import Problem
from licensing.publishing import observers
from licensing.publishing.observers import Content
from licensing.publishing.queries import in_force
from licensing.publishing.shape import Shape, listed, named, parts, text, text_or_nothing
from licensing.screening import match, rules

KIND = "screening_policy"
KEY = "default"


def policy(at: datetime) -> rules.Policy:
    """The policy that holds at an instant."""
    publication = in_force(KIND, KEY, at)
    return rules.read(publication.content) if publication else rules.NO_POLICY


RULE = parts(
    {
        "effect": text,
        "citation": text_or_nothing,
        "ownership": listed(parts(dict.fromkeys(("from", "until"), text_or_nothing))),
    }
)


class ScreeningPolicies(observers.Plain):
    shape: Mapping[str, Shape] = {"default": RULE, "lists": named(RULE)}

    def validate(self, key: str, content: Content) -> list[Problem]:
        return rules.problems(content)

    def diff(self, before: Content, after: Content) -> list[str]:
        """A sentence for each list whose rule changes, for what holds for all of them, and for thresholds that silence weak aliases."""
        old, new = dict(before.get("lists") or {}), dict(after.get("lists") or {})
        told = [f"{key}: {new[key].get('effect')}" for key in sorted(new.keys() - old.keys())]
        told += [f"{key} is removed: the default holds" for key in sorted(old.keys() - new.keys())]
        told += [f"{key} changes" for key in sorted(old.keys() & new.keys()) if old[key] != new[key]]
        told += rules.silent(after, match.THRESHOLD)
        return told + super().diff(
            *({name: value for name, value in each.items() if name != "lists"} for each in (before, after))
        )
