"""What a list does to a case, as a published policy says it, and what follows from the hits. Pure.

A policy is the content of a publication of the kind `screening_policy`:

    threshold: 0.8            # the least score of a hit; left out: the engine's own
    ownership_limit: 50       # percent in aggregate from which a party counts as its listed owners do
    default: {effect: block}  # for a list that is not named
    lists:
      bis-el: {effect: refer, threshold: 0.75, citation: "15 CFR 744.11", ownership: [{from: 2026-11-10}]}

`effect`: `block` (a true match forbids an approval), `refer` (hits must be decided, and a true match goes to full review with the
requirement of its entry), `inform` (hits are shown and hold nothing up). `ownership` are the periods in which the limit applies to
owners on that list; left out: never.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NamedTuple

from licensing.audit.refusals import Problem

NOTED = Decimal("0.01")  # without a policy, any share of a listed owner is looked at


class Effect(StrEnum):
    BLOCK = "block"
    REFER = "refer"
    INFORM = "inform"


@dataclass(frozen=True)
class ListRule:
    effect: Effect = Effect.BLOCK
    threshold: float | None = None
    citation: str = ""
    ownership: tuple[tuple[date | None, date | None], ...] = ()

    def counts_owners(self, on: date) -> bool:
        return any((start is None or start <= on) and (end is None or on < end) for start, end in self.ownership)


@dataclass(frozen=True)
class Policy:
    """Without one in force every list blocks, and every owner counts."""

    default: ListRule
    lists: Mapping[str, ListRule]
    threshold: float | None = None
    limit: Decimal = NOTED

    def rule(self, list_key: str) -> ListRule:
        return self.lists.get(list_key, self.default)

    def thresholds(self, keys: Iterable[str], on: date, engine: float) -> dict[str, Any]:
        """What a run keeps: `score`, `lists` (where one has its own), `ownership` (limit, and the lists whose parties count)."""
        keys, score = list(keys), self.threshold or engine
        own = {key: self.rule(key).threshold for key in keys}
        counting = [key for key in keys if self.rule(key).counts_owners(on)]
        return {
            "score": score,
            "lists": {key: value for key, value in own.items() if value is not None and value != score},
            "ownership": {"limit": f"{self.limit.normalize():f}", "lists": counting},
        }


NO_POLICY = Policy(ListRule(ownership=((None, None),)), {})


def read(content: Mapping[str, Any]) -> Policy:
    """The policy of a publication that has no `problems`."""
    return Policy(
        default=_rule(content["default"]),
        lists={key: _rule(row) for key, row in content.get("lists", {}).items()},
        threshold=content.get("threshold"),
        limit=Decimal(str(content["ownership_limit"])),
    )


def _rule(row: Mapping[str, Any]) -> ListRule:
    periods = tuple((_day(period.get("from")), _day(period.get("until"))) for period in row.get("ownership", ()))
    return ListRule(Effect(row["effect"]), row.get("threshold"), row.get("citation", ""), periods)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def problems(content: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with a policy, with its place and the mend."""
    found = []
    if not _is_percent(content.get("ownership_limit")):
        found.append(
            Problem("ownership_limit", str(content.get("ownership_limit")), "Give a percentage above 0 and up to 100.")
        )
    rows = {
        "default": content.get("default"),
        **{f"lists.{key}": row for key, row in dict(content.get("lists") or {}).items()},
    }
    for place, row in rows.items():
        found += _rule_problems(place, row)
    if "threshold" in content and not _is_score(content["threshold"]):
        found.append(Problem("threshold", str(content["threshold"]), "Give a score above 0 and up to 1."))
    return found


def silent(content: Mapping[str, Any], engine: float) -> list[str]:
    """A sentence for each threshold above the engine's: weak aliases score that and no more, so that none of them alerts."""
    rows = {"All lists": content, "The default": content.get("default"), **dict(content.get("lists") or {})}
    above = {
        name: row["threshold"]
        for name, row in rows.items()
        if isinstance(row, Mapping) and _is_score(row.get("threshold")) and row["threshold"] > engine
    }
    return [
        f"{name}: at {score} no weak alias alerts any more; they score {engine} at most"
        for name, score in above.items()
    ]


def _rule_problems(place: str, row: Any) -> Iterable[Problem]:
    if not isinstance(row, Mapping) or row.get("effect") not in tuple(Effect):
        yield Problem(f"{place}.effect", str(row), f"Say what a hit does: {', '.join(Effect)}.")
        return
    if "threshold" in row and not _is_score(row["threshold"]):
        yield Problem(f"{place}.threshold", str(row["threshold"]), "Give a score above 0 and up to 1.")
    for period in row.get("ownership", ()):
        try:
            start, end = _day(period.get("from")), _day(period.get("until"))
        except (AttributeError, TypeError, ValueError):
            yield Problem(f"{place}.ownership", str(period), "Give periods as from and until, days as YYYY-MM-DD.")
        else:
            if start and end and end <= start:
                yield Problem(f"{place}.ownership", str(period), "A period ends after it begins: correct until.")


def _is_score(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


def _is_percent(value: Any) -> bool:
    try:
        return 0 < Decimal(str(value)) <= 100
    except InvalidOperation:
        return False


class Found(NamedTuple):
    """One hit. `requirement` and `policy` are the entry's own; a party that is named as an owner alone says nothing of what follows."""

    list_key: str
    status: str
    name: str
    decided_at: datetime | None
    requirement: str
    policy: str
    owner_alone: bool

    @property
    def said(self) -> str:
        """The listed name, with what its entry asks for."""
        own = "; ".join(filter(None, (self.requirement, self.policy)))
        return f"{self.name} ({own})" if own else self.name


@dataclass(frozen=True)
class Standing:
    """What the hits of one run say of a case: how many wait for somebody, and the names that are true matches, by effect.

    `referred_at` is when the last of those that are referred was decided.
    """

    waiting: int
    blocked: tuple[str, ...]
    referred: tuple[str, ...]
    referred_at: datetime | None = None


def standing(policy: Policy, hits: Iterable[Found]) -> Standing:
    counting = [
        hit for hit in hits if hit.status != "false_match" and policy.rule(hit.list_key).effect != Effect.INFORM
    ]
    true = [hit for hit in counting if hit.status == "true_match" and not hit.owner_alone]
    blocked = [hit for hit in true if policy.rule(hit.list_key).effect == Effect.BLOCK]
    referred = [hit for hit in true if policy.rule(hit.list_key).effect == Effect.REFER]
    return Standing(
        waiting=sum(hit.status != "true_match" for hit in counting),
        blocked=tuple(sorted({hit.name for hit in blocked})),
        referred=tuple(sorted({hit.said for hit in referred})),
        referred_at=max((hit.decided_at for hit in referred if hit.decided_at), default=None),
    )
