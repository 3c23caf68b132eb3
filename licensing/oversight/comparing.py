"""What a publication may touch, read in batches, and what of it differs under other rules."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import CharField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone

from licensing.audit.refusals import Invalid
from licensing.cases.models import Case
from licensing.cases.rules import Filed
from licensing.cases.standing import Rules, company, rules_at
from licensing.licenses.models import License
from licensing.oversight.models import Affected, ImpactRun
from licensing.policy.asked import Asked
from licensing.policy.changes import Answer, reasons
from licensing.policy.models import ControlOrder, DeterminationRecord
from licensing.policy.orders import LiveLicenses
from licensing.policy.queries import ORDER
from licensing.policy.rules import Determination
from licensing.policy.rulesets import Requirement
from licensing.publishing.models import Publication

A = TypeVar("A")
CASE, LICENSE = "case", "license"
MOST_REMEMBERED = 20_000
UNREADABLE = Answer(Requirement.NEEDS_INFORMATION.value, "", "", "", ())


@dataclass(frozen=True)
class Subject:
    """A pending application, or a live license with what it authorizes.

    `kept` is the answer that was last relied on, if there is one, and `in_full` what binds where that was kept in confidence.
    """

    case_id: uuid.UUID
    license_id: uuid.UUID | None
    organization_id: int
    filed: Filed
    kept: Answer | None
    in_full: Answer | None

    @property
    def cursor(self) -> str:
        return f"{LICENSE}:{self.license_id}" if self.license_id else f"{CASE}:{self.case_id}"


class Binding:
    """The rules of an instant that bind each company: what everybody knows, and the orders that were served on it in confidence.

    A draft takes the place of what stands; one of an order that has not been disclosed, for its company alone. Without `in_full` nobody
    is told of what is confidential.
    """

    def __init__(self, at: datetime, *, instead: Publication | None = None, in_full: bool = True) -> None:
        secret = ControlOrder.objects.undisclosed() if in_full else ControlOrder.objects.none()
        served = secret.filter(services__served_at__lte=timezone.now())
        own = secret.filter(key=instead.key) if instead and instead.kind == ORDER else secret.none()
        companies = {*served.values_list("organization", flat=True), *own.values_list("organization", flat=True)}
        self.secret = frozenset(secret.values_list("key", flat=True))
        self.public = rules_at(at, instead=None if own else instead)
        self.companies = {pk: rules_at(at, instead=instead, audience=company(pk)) for pk in companies}

    @property
    def versions(self) -> tuple[Any, ...]:
        """Equal for bindings whose rules are the same versions of the same things, at the same instant."""
        each = {0: self.public, **self.companies}
        return self.secret, {pk: _versions(rules) for pk, rules in each.items()}

    def of(self, organization_id: int) -> Rules:
        return self.companies.get(organization_id, self.public)

    def relied_on(self, organization_id: int, public: A, in_full: A | None) -> A:
        """Of an answer kept in confidence and its public half the one that counts: the latter when nothing is confidential any more."""
        return in_full if in_full is not None and organization_id in self.companies else public

    def told_in_confidence(self, organization_id: int, *details: Mapping[str, Any]) -> list[str]:
        """The confidential orders that answers of a company rest on, or may rest on."""
        if organization_id not in self.companies:
            return []
        fired = {
            rule["id"].partition("/")[0] for detail in details for rule in detail["rules"] if rule["table"] == "orders"
        }
        asked = any(detail["requirement"] == Requirement.NEEDS_INFORMATION for detail in details)
        return sorted(self.secret if asked else self.secret & fired)


def _versions(rules: Rules) -> tuple[Any, ...]:
    of = rules.ruleset
    return rules.at, of.policy, of.control_list, of.entries, dict(of.lists), of.orders, dict(of.authorized)


@dataclass(frozen=True)
class Said:
    """What one set of rules says of a subject: the answer, how it came about, and the orders that freeze a license."""

    answer: Answer
    detail: Mapping[str, Any]
    freezing: frozenset[str]


def pending() -> QuerySet[Case]:
    """Open cases that were determined: one whose checks are yet to come is determined under the rules of that day."""
    return Case.objects.filter(closed_at__isnull=True, determination__isnull=False)


def subjects(cursor: str, at: datetime, limit: int) -> list[Subject]:
    """The next pending applications, by id, and when there are no more the next live licenses. Two queries at most."""
    kind, _, last = cursor.partition(":")
    found = _cases(last, limit) if kind != LICENSE else []
    return found or _licenses(last if kind == LICENSE else "", at, limit)


def _cases(last: str, limit: int) -> list[Subject]:
    rows = pending().filter(pk__gt=last) if last else pending()
    found = rows.order_by("pk").annotate(kept=_kept("determination__"))
    fields = found.values_list("pk", "application__organization", "as_filed", "kept")
    return [Subject(pk, None, company, filed, *_answers(kept)) for pk, company, filed, kept in fields[:limit]]


def _licenses(last: str, at: datetime, limit: int) -> list[Subject]:
    rows = License.objects.live_at(at)
    rows = rows.filter(pk__gt=last) if last else rows
    own = DeterminationRecord.objects.filter(subject_kind=LICENSE, subject_id=Cast(OuterRef("pk"), CharField()))
    kept = Subquery(own.order_by("-id").annotate(kept=_kept()).values("kept")[:1])
    found = rows.order_by("pk").annotate(kept=kept, numbers=ArrayAgg("items__number", distinct=True))
    fields = found.values_list("case", "pk", "licensee", "case__as_filed", "kept", "numbers")
    return [
        Subject(case, pk, company, licensed(filed, numbers), *_answers(kept))
        for case, pk, company, filed, kept, numbers in fields[:limit]
    ]


def _kept(place: str = "") -> JSONObject:
    """The answer of a kept determination, and the confidential one; `place` leads to the record."""
    fields = ("requirement", "exception", "review_policy", "workflow")
    answer = {name: F(f"{place}{name}") for name in fields} | {"conditions": F(f"{place}answer__conditions")}
    return JSONObject(**answer, in_full=F(f"{place}confidential__answer"))


def _answers(kept: Mapping[str, Any] | None) -> tuple[Answer | None, Answer | None]:
    if kept is None:
        return None, None
    return Answer.kept(kept), Answer.kept(kept["in_full"]) if kept["in_full"] else None


def licensed(filed: Filed, numbers: Iterable[int]) -> Filed:
    """The application as filed with the items alone that a license covers."""
    wanted = set(numbers)
    return {**filed, "items": [item for item in filed["items"] if item["number"] in wanted]}


def said(rules: Rules, facts: Mapping[str, Any]) -> Said:
    """Facts that the rules cannot read need information; nothing is guessed."""
    try:
        found = rules.answer(facts)
    except Invalid as invalid:
        unread = {**UNREADABLE.to_json(), "rules": [], "lists": [], "facts_used": {"facts": str(invalid)}}
        return Said(UNREADABLE, unread, frozenset())
    return Said(Answer.of(found), found.to_json(), freezing(rules, found))


def freezing(rules: Rules, found: Determination) -> frozenset[str]:
    """Keys of the orders that require a license for these facts and freeze what was licensed before."""
    fired = {rule.id for rule in found.rules if rule.table == "orders" and "requirement" in rule.answer}
    orders = (order for order in rules.ruleset.orders if order.live_licenses is LiveLicenses.FREEZE)
    return frozenset(order.ref.key for order in orders if order.ref.key in fired)


def effect(subject: Subject, before: frozenset[str], after: frozenset[str]) -> str:
    """What becomes of a license whose freezing orders were these and are those; a case is never frozen."""
    if subject.license_id is None or bool(before) == bool(after):
        return Affected.Effect.NONE
    return Affected.Effect.FROZEN if after else Affected.Effect.FREED


@dataclass(frozen=True)
class Change:
    """From one answer to another, and why; the confidential orders that it rests on."""

    before: Said
    after: Said
    reasons: list[str]
    orders: list[str]


class Comparison:
    """What a draft changes. Remembered by what the rules look at: whoever agrees in that is answered the same, before and after."""

    def __init__(self, run: ImpactRun, standing: Binding, drafted: Binding) -> None:
        self.run, self.standing, self.drafted = run, standing, drafted
        self._asked: dict[int, tuple[Asked, Asked]] = {}
        self._remembered: dict[tuple[int, bytes, bytes], Change | None] = {}

    def goes_on_from(self, earlier: "Comparison") -> None:
        """Take over what an earlier turn of the same run has found out, where the rules are still the same."""
        same = earlier.standing.versions == self.standing.versions and earlier.drafted.versions == self.drafted.versions
        if earlier.run.pk == self.run.pk and same:
            self._asked, self._remembered = earlier._asked, earlier._remembered

    def row(self, subject: Subject) -> Affected | None:
        """None when the draft changes nothing for the subject."""
        change = self._change(subject)
        becomes = effect(subject, change.before.freezing, change.after.freezing) if change else ""
        if change is None or (change.before.answer == change.after.answer and not becomes):
            return None
        before, after = change.before.answer, change.after.answer
        return Affected(
            run=self.run, case_id=subject.case_id, license_id=subject.license_id, requirement_before=before.requirement,
            requirement_after=after.requirement, before=before.to_json(), after=after.to_json(), reasons=change.reasons, effect=becomes,
            at=self.run.at, orders=change.orders,
        )  # fmt: skip

    def _change(self, subject: Subject) -> Change | None:
        company = subject.organization_id
        standing, drafted = self.standing.of(company), self.drafted.of(company)
        known = company if company in self.drafted.companies else 0
        if known not in self._asked:
            self._asked[known] = Asked(standing.ruleset), Asked(drafted.ruleset)
        before = standing.facts(subject.filed)
        same = standing.ruleset.control_list == drafted.ruleset.control_list
        after = before if same else drafted.facts(subject.filed)
        place = (known, self._asked[known][0].digest(before), self._asked[known][1].digest(after))
        if place not in self._remembered:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[place] = self._compared(company, said(standing, before), said(drafted, after))
        return self._remembered[place]

    def _compared(self, company: int, before: Said, after: Said) -> Change | None:
        if (before.answer, before.freezing) == (after.answer, after.freezing):
            return None
        orders = self.drafted.told_in_confidence(company, before.detail, after.detail)
        told = reasons(before.detail, after.detail)
        return Change(replace(before, detail={}), replace(after, detail={}), told, orders)
