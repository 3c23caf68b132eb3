"""What the rules of an instant say of applications as filed: those in force, or those in which a draft has taken its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from licensing.accounts.audience import PUBLIC, Audience
from licensing.cases.facts import facts_of
from licensing.cases.models import Case
from licensing.cases.rules import Filed
from licensing.catalog.rules import Training, VersionFacts, classify
from licensing.policy.queries import ruleset
from licensing.policy.rules import Determination, determine
from licensing.policy.rulesets import Ruleset
from licensing.publishing.models import Publication


@dataclass(frozen=True)
class Rules:
    """A ruleset, as of an instant. Built once, asked many times."""

    ruleset: Ruleset
    at: datetime

    def facts(self, filed: Filed) -> dict[str, Any]:
        return facts_of(filed, {item["number"]: self.entry(item) for item in filed["items"]})

    def entry(self, item: Mapping[str, Any]) -> str:
        """The control entry that an item as filed falls under; "" where none controls it."""
        version = VersionFacts(item["model"], item["weights"], _training(item), item["derivation"])
        found = classify(version, self.ruleset.entries)
        return found.entry if found.controlled else ""

    def determine(self, filed: Filed) -> Determination:
        """Raises `Invalid` for facts that cannot be read under these rules."""
        return self.answer(self.facts(filed))

    def answer(self, facts: Mapping[str, Any]) -> Determination:
        return determine(self.ruleset, facts, self.at, explain=False)


def rules_at(at: datetime, *, instead: Publication | None = None, audience: Audience = PUBLIC) -> Rules:
    """The rules of an instant as far as an audience knows them, as `policy.queries.ruleset`; raises what it raises."""
    return Rules(ruleset(at, instead=instead, audience=audience), at)


def _training(item: Mapping[str, Any]) -> Training | None:
    if not item["operations"]:
        return None
    tolerance = Decimal(item.get("tolerance_percent") or 0)
    return Training(Decimal(item["operations"]), frozenset(item.get("methods", ())), tolerance)


def binding(case: Case, at: datetime) -> Rules:
    """The rules that bind in a case: those that everybody knows, and the orders that were served on the applicant."""
    return rules_at(at, audience=company(case.application.organization_id))


def company(organization_id: int) -> Audience:
    return Audience(organizations=frozenset({organization_id}))
