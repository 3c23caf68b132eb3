"""The ruleset that holds at an instant: policy, control list and country lists, each in its version."""

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone

from licensing.accounts.models import Authority
from licensing.audit.refusals import Invalid, NotNow
from licensing.catalog.rules import threshold
from licensing.countries.queries import KIND as COUNTRY_LIST
from licensing.countries.queries import names
from licensing.countries.rules import members_at
from licensing.policy.rulesets import ListVersionRef, Ruleset, VersionRef, compile_ruleset
from licensing.publishing.models import Publication
from licensing.publishing.observers import observer_of
from licensing.publishing.queries import all_in_force, ids_in_force, in_force

KIND = "policy"
CONTROL_LIST = "control_list"


def ruleset(
    at: datetime | None = None, known_at: datetime | None = None, *, instead: Publication | None = None
) -> Ruleset:
    """What holds at an instant, as known at another. `instead` takes the place of the published version of its kind and key.

    Raises `NotNow` when no policy, or none of a list that the policy asks for, is in force: nobody can then say whether a license
    is required, and a list that is missing is not an empty one. Raises `Invalid` when `instead` could not be published as it stands.
    """
    at = at or timezone.now()
    key = Authority.objects.values_list("jurisdiction", flat=True).get().lower()
    if instead is None:
        ids = ids_in_force((KIND, CONTROL_LIST, COUNTRY_LIST), at, known_at)
        lists = tuple(sorted(pk for (kind, _), pk in ids.items() if kind == COUNTRY_LIST))
        return _compiled(key, ids.get((KIND, key)), ids.get((CONTROL_LIST, key)), lists, at.date())
    problems = observer_of(instead.kind).validate(instead.key, instead.content)
    if problems:
        raise Invalid(problems)
    policy, control = in_force(KIND, key, at, known_at), in_force(CONTROL_LIST, key, at, known_at)
    policy = instead if (instead.kind, instead.key) == (KIND, key) else policy
    control = instead if (instead.kind, instead.key) == (CONTROL_LIST, key) else control
    standing = all_in_force(COUNTRY_LIST, at, known_at)
    if instead.kind == COUNTRY_LIST:
        standing = {**standing, instead.key: instead}
    return _compile(key, policy, control, tuple(standing.values()), at.date())


@lru_cache(maxsize=32)
def _compiled(key: str, policy: int | None, control: int | None, lists: tuple[int, ...], day: date) -> Ruleset:
    """Published versions never change, so their ids, and the day for memberships that have dates, name the ruleset."""
    rows = Publication.objects.in_bulk([pk for pk in (policy, control, *lists) if pk])
    named = [rows[pk] if pk else None for pk in (policy, control)]
    return _compile(key, named[0], named[1], tuple(rows[each] for each in lists), day)


def _compile(
    key: str, policy: Publication | None, control: Publication | None, lists: tuple[Publication, ...], day: date
) -> Ruleset:
    """Raises `NotNow` when no policy is in force, or none of a list that it asks for."""
    if policy is None:
        raise NotNow("no_policy", f"No policy {key!r} is in force: an administrator has to publish one.")
    missing = [name for name in policy.content["lists"] if name not in {row.key for row in lists}]
    if missing:
        raise NotNow(
            "no_list",
            f"Policy {key!r} asks for {', '.join(missing)}, of which no version is in force: an administrator has to publish it.",
        )
    thresholds = {row["entry"]: float(threshold(row)) for row in control.content["entries"]} if control else {}
    return compile_ruleset(
        policy.content,
        policy=_reference(policy),
        lists={
            row.key: ListVersionRef(row.key, row.version, members_at(row.content, day), str(row.pk)) for row in lists
        },
        thresholds=thresholds,
        control_list=_reference(control) if control else None,
        countries=names(),
    )


def _reference(row: Publication) -> VersionRef:
    return VersionRef(row.key, row.version, str(row.pk), row.effective_at.isoformat() if row.effective_at else "")
