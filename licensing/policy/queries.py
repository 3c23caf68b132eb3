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
from licensing.publishing.queries import all_in_force, in_force

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
    policy, control = in_force(KIND, key, at, known_at), in_force(CONTROL_LIST, key, at, known_at)
    lists = all_in_force(COUNTRY_LIST, at, known_at)
    if instead is not None:
        problems = observer_of(instead.kind).validate(instead.key, instead.content)
        if problems:
            raise Invalid(problems)
        policy = instead if (instead.kind, instead.key) == (KIND, key) else policy
        control = instead if (instead.kind, instead.key) == (CONTROL_LIST, key) else control
        if instead.kind == COUNTRY_LIST:
            lists = {**lists, instead.key: instead}
    if policy is None:
        raise NotNow("no_policy", f"No policy {key!r} is in force: an administrator has to publish one.")
    missing = [name for name in policy.content["lists"] if name not in lists]
    if missing:
        raise NotNow(
            "no_list",
            f"Policy {key!r} asks for {', '.join(missing)}, of which no version is in force: an administrator has to publish it.",
        )
    if instead is not None:
        return _compile(policy, control, tuple(lists.values()), at.date())
    rows = tuple(sorted(row.pk for row in lists.values()))
    return _compiled(policy.pk, control.pk if control else None, rows, at.date())


@lru_cache(maxsize=32)
def _compiled(policy: int, control: int | None, lists: tuple[int, ...], day: date) -> Ruleset:
    """Published versions never change, so their ids, and the day for memberships that have dates, name the ruleset."""
    rows = Publication.objects.in_bulk([policy, *lists, *([control] if control else [])])
    return _compile(rows[policy], rows[control] if control else None, tuple(rows[each] for each in lists), day)


def _compile(policy: Publication, control: Publication | None, lists: tuple[Publication, ...], day: date) -> Ruleset:
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
