"""The check at the moment of release: may this model go, this way, to this recipient, now; under what; or what is missing.

First the licenses of the organization, then what needs none, then exceptions and authorizations with their duties.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet

from licensing.accounts.models import Organization, Person
from licensing.accounts.queries import audience_of
from licensing.audit.refusals import NotNow
from licensing.entente_check import exceeded
from licensing.entente_check import missing as missing_of
from licensing.licenses.authorizations import catalog
from licensing.licenses.authorizations.duties import unmet
from licensing.licenses.models import Allowance, License, LicenseText, ReleaseScope
from licensing.licenses.models.license import STANDING
from licensing.licenses.queries import status, waiting_at
from licensing.licenses.releases.facts import Release, release_facts
from licensing.licenses.scopes import limits_of, scope_at, without
from licensing.policy.queries import ruleset
from licensing.policy.rules import Determination, Requirement, determine
from licensing.policy.rulesets import Ruleset
from licensing.statements import prepared
from licensing.texts.queries import text

MOST, NEAR = 50, 3
LARGE = ("data", "snapshot", "case__as_filed")


@dataclass(frozen=True)
class Option:
    """Something under which the release could be: what is missing for it, nothing when it covers the release."""

    kind: str
    key: str
    title: str
    missing: tuple[str, ...] = ()
    conditions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Answer:
    """`option` is what allows the release; `others` are the ways that were looked at and why they do not.

    Of the `facts`, those that are `stated` are the caller's; all others are what the organization has registered.
    """

    option: Option | None
    others: tuple[Option, ...]
    missing: tuple[str, ...]
    rules: tuple[Mapping[str, Any], ...] = ()
    versions: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    stated: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.option is not None

    def to_json(self) -> dict[str, Any]:
        return {
            "allowed": self.allowed,
            "under_kind": self.option.kind if self.option else "",
            "under": self.option.key if self.option else "",
            "conditions": [dict(each) for each in self.option.conditions] if self.option else [],
            "missing": list(self.missing),
            "others": [{"kind": each.kind, "under": each.key, "missing": list(each.missing)} for each in self.others],
            "rules": [dict(rule) for rule in self.rules],
            "versions": list(self.versions),
            "stated": list(self.stated),
        }


def answer(
    person: Person, organization: Organization, release: Release, given: Mapping[str, Any], at: datetime
) -> Answer:
    """The answer for an organization at an instant. `given` are facts that only the caller knows. Raises `Invalid` for a wrong one."""
    mine = ReleaseScope.objects.filter(licensee=organization, model_hash=release.model_hash)
    covering = _covering(organization, release, at)
    licenses = [covering] if covering else list(_nearest(mine, release, at))
    facts = release_facts(organization, release, given)
    try:
        rules = ruleset(at, audience=audience_of(person))
    except NotNow as nobody_knows:
        return Answer(None, tuple(licenses), (nobody_knows.sentence,), facts=facts, stated=tuple(sorted(given)))
    own = determine(rules, facts, at, explain=False)
    told: dict[str, Any] = {
        "rules": tuple({"id": rule.id, "citation": rule.citation, "version": rule.version} for rule in own.rules),
        "versions": rules.version_ids,
        "facts": facts,
        "stated": tuple(sorted(given)),
    }
    if own.requirement is Requirement.PROHIBITED:
        by = ", ".join(rule.id for rule in own.rules)
        return Answer(None, tuple(licenses), (f"It is prohibited, whatever is licensed, by {by}.",), **told)
    if covering:
        return Answer(covering, (), (), **told)
    options = [*licenses, *_without_license(organization, release, facts, rules, own, at)]
    allowed = next((option for option in options if not option.missing), None)
    others = tuple(option for option in options if option is not allowed)
    lacking = () if allowed else _lacking(own, others, known="items" in facts)
    return Answer(allowed, others, lacking, **told)


def _covering(organization: Organization, release: Release, at: datetime) -> Option | None:
    """A license in force, with nothing to wait for, that names this model, destination and recipient. One query, by the index."""
    found = _usable(
        licensee=organization.pk, model_hash=release.model_hash, destination=release.destination,
        recipient=release.recipient_hash, at=at,
    )  # fmt: skip
    return next(
        (
            _option(without(scope, lapsed))
            for scope, capped, lapsed in found
            if not missing_of(scope, asdict(release), at) and not (capped and _used_up(scope["number"], release))
        ),
        None,
    )


def _used_up(number: str, release: Release) -> list[str]:
    """What of the caps of a license leaves no room for the release, a sentence each."""
    return exceeded(limits_of(number, Allowance.objects.filter(case__licenses__number=number)), asdict(release))


@prepared
def _usable(
    licensee: int, model_hash: str, destination: str, recipient: str, at: datetime
) -> QuerySet[ReleaseScope, tuple[Any, ...]]:
    in_force = License.objects.valid_at(at).filter(pk=OuterRef("terms_id"))
    waiting = LicenseText.objects.filter(
        Q(met_at__isnull=True) | Q(met_at__gt=at), Q(lapsed_at__isnull=True) | Q(lapsed_at__gt=at),
        license=OuterRef("terms_id"), precedent=True,
    )  # fmt: skip
    named = ReleaseScope.objects.filter(
        licensee=licensee, model_hash=model_hash, destination=destination, recipient=recipient
    )
    usable = named.filter(Exists(in_force), ~Exists(waiting)).order_by("-pk")
    capped = Allowance.objects.filter(case=OuterRef("terms__license__case"))
    lapsed = LicenseText.objects.filter(license=OuterRef("terms_id"), lapsed_at__lte=at).values("key")
    told = usable.annotate(capped=Exists(capped), lapsed=ArraySubquery(lapsed))
    return told.values_list("terms__scope", "capped", "lapsed")[:MOST]


def _option(scope: Mapping[str, Any], lacks: Sequence[str] = ()) -> Option:
    return Option("license", scope["number"], f"License {scope['number']}", tuple(lacks), tuple(scope["conditions"]))


def _nearest(mine: QuerySet[ReleaseScope], release: Release, at: datetime) -> Iterator[Option]:
    """The licenses that come nearest, and why they do not cover the release."""
    there = mine.filter(destination=release.destination)
    exact = list(_read(there.filter(recipient=release.recipient_hash)))
    for row in exact or list(_read(there)) or list(_read(mine)):
        license_ = row.terms.license
        scope = scope_at(license_, at)
        lacks = missing_of(scope, asdict(release), at)
        standing = status(license_, at)
        if not standing.in_force and not lacks:
            lacks = [f"{license_.number} is {str(standing).replace('_', ' ')}."]
        lacks += _used_up(license_.number, release)
        lacks += [
            f"Condition {each.number} of {license_.number}, {each.title}, has to be met first."
            for each in waiting_at(license_, at)
        ]
        yield _option(scope, lacks)


def _read(rows: QuerySet[ReleaseScope]) -> QuerySet[ReleaseScope]:
    standing = [f"terms__license__{name}" for name in ("texts", *STANDING)]
    wanted = rows.select_related("terms__license__case").defer(
        "terms__license__data", "terms__license__snapshot", "terms__license__case__as_filed"
    )
    return wanted.order_by("-pk").prefetch_related(*standing)[:NEAR]


def _without_license(
    organization: Organization,
    release: Release,
    facts: Mapping[str, Any],
    rules: Ruleset,
    own: Determination,
    at: datetime,
) -> Iterator[Option]:
    if "items" not in facts:
        return
    if own.requirement is Requirement.NOT_REQUIRED:
        yield Option("not_required", "", "No license is required")
        return
    known = catalog.published(at)
    if own.exception and own.exception not in {each.key for each in known}:
        yield Option("exception", own.exception, f"Exception {own.exception}", (), _conditions(own.conditions, at))
    registered = catalog.registrations(organization, at)
    for each in known:
        done = catalog.done(registered.get(each.key), release.recipient_hash, at, release.model_hash)
        established = each.certified_facts if done.certified_at else {}
        found = catalog.covered(each, rules, {**established, **facts}, at)
        asked = tuple(question.sentence for question in found.questions)
        if found.exception != each.key:
            if asked and each.key in registered:
                yield Option(each.type, each.key, each.title, asked)
            continue
        lacks = tuple(unmet(each.duties, done, release.quantity, at))
        yield Option(each.type, each.key, each.title, lacks, _conditions(each.conditions, at))


def _conditions(keys: tuple[str, ...], at: datetime) -> tuple[Mapping[str, Any], ...]:
    found = [text(key, at) for key in keys]
    return tuple({"key": each.key, "version": each.version, "title": each.title} for each in found)


def _lacking(own: Determination, others: tuple[Option, ...], known: bool) -> tuple[str, ...]:
    told = [
        sentence if option.kind == "license" else f"{option.title}: {sentence}"
        for option in others
        for sentence in option.missing
    ]
    told += [question.sentence for question in own.questions]
    if not known:
        told.append("None of your models has this hash: register the version with it.")
    elif own.requirement is Requirement.REQUIRED:
        told.append("A license is required: apply for one, or use an authorization that covers the release.")
    return tuple(dict.fromkeys(told))
