"""The ruleset that holds at an instant: policy, control list, country lists and orders, each in its version."""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache

from django.db.models import QuerySet
from django.utils import timezone

from licensing.accounts.audience import PUBLIC, Audience
from licensing.accounts.models import Authority
from licensing.audit.refusals import Invalid, NotNow
from licensing.catalog.entries import entries_of, figures_of
from licensing.countries.queries import KIND as COUNTRY_LIST
from licensing.countries.queries import edition, names
from licensing.countries.rules import members_at
from licensing.policy.models import ControlOrder
from licensing.policy.orders import Order, from_content, lists_asked, parties_of
from licensing.policy.rulesets import AuthorizedParties, ListVersionRef, Ruleset, VersionRef, compile_ruleset
from licensing.publishing.models import Publication
from licensing.publishing.observers import problems_of
from licensing.publishing.queries import ids_in_force
from licensing.statements import prepared

KIND = "policy"
CONTROL_LIST = "control_list"
ORDER = "control_order"
AUTHORIZED_PARTIES = "authorized_party_list"
CONFIDENTIAL_KINDS = (
    ORDER,
    AUTHORIZED_PARTIES,
)  # what stands in these is for the cleared, until its order is disclosed
KINDS = (KIND, CONTROL_LIST, COUNTRY_LIST, *CONFIDENTIAL_KINDS)
Ids = dict[tuple[str, str], int]


def ruleset(
    at: datetime | None = None,
    known_at: datetime | None = None,
    *,
    instead: Publication | None = None,
    audience: Audience = PUBLIC,
) -> Ruleset:
    """What holds at an instant, as known at another. `instead` takes the place of the published version of its kind and key.

    Orders of which the `audience` had not been told by `known_at` (default: now) do not exist in it. Raises `NotNow` when no policy, or
    none of a list that the policy asks for, is in force: nobody can then say whether a license is required, and a list that is missing
    is not an empty one. Raises `Invalid` when `instead` could not be published as it stands.
    """
    at = at or timezone.now()
    key = next((jurisdiction.lower() for (jurisdiction,) in _jurisdiction()), "")
    ids = _told(ids_in_force(KINDS, at, known_at), audience, known_at or timezone.now())
    if instead is None:
        return _compiled(key, tuple(sorted(ids.values())), at.date(), edition())
    problems = problems_of(instead.kind, instead.key, instead.content)
    if problems:
        raise Invalid(problems)
    standing = [pk for place, pk in ids.items() if place != (instead.kind, instead.key)]
    return _compile(key, [*Publication.objects.in_bulk(standing).values(), instead], at.date())


def _told(ids: Ids, audience: Audience, by: datetime) -> Ids:
    """Without the orders of which the audience had not been told, and without lists of authorized parties that nothing else asks for."""
    orders = {key for kind, key in ids if kind == ORDER}
    told = (
        orders
        if audience.cleared or not orders
        else {key for (key,) in _keys(organizations=audience.organizations, by=by)}
    )
    kept = {place: pk for place, pk in ids.items() if place[0] != ORDER or place[1] in told}
    if any(kind == ORDER for kind, _ in kept):
        return kept
    declared = {key for (kind, _), pk in kept.items() if kind == KIND for key in _declared(pk)}
    return {place: pk for place, pk in kept.items() if place[0] != AUTHORIZED_PARTIES or place[1] in declared}


@prepared
def _jurisdiction() -> QuerySet[Authority, tuple[str]]:
    return Authority.objects.values_list("jurisdiction")


@prepared
def _keys(organizations: frozenset[int], by: datetime) -> QuerySet[ControlOrder, tuple[str]]:
    return ControlOrder.objects.told_to(Audience(organizations=organizations), by).values_list("key")


@lru_cache(maxsize=32)
def _declared(policy: int) -> frozenset[str]:
    """The lists of authorized parties that a published policy declares itself: they are in nobody's confidence."""
    return frozenset(Publication.objects.get(pk=policy).content.get("authorized_lists", ()))


@lru_cache(maxsize=32)
def _compiled(key: str, ids: tuple[int, ...], day: date, countries: int) -> Ruleset:
    """Published versions never change, so their ids, the day for what has dates, and the edition of the countries name the ruleset."""
    return _compile(key, list(Publication.objects.in_bulk(ids).values()), day)


def _compile(key: str, rows: Iterable[Publication], day: date) -> Ruleset:
    """Raises `NotNow` when no policy is in force, or none of a list that it or an order asks for."""
    by_kind: dict[str, dict[str, Publication]] = {kind: {} for kind in KINDS}
    for row in sorted(rows, key=lambda row: row.key):
        by_kind.setdefault(row.kind, {})[row.key] = row
    policy, control, lists = by_kind[KIND].get(key), by_kind[CONTROL_LIST].get(key), by_kind[COUNTRY_LIST]
    if policy is None:
        raise NotNow("no_policy", f"No policy {key!r} is in force: an administrator has to publish one.")
    _require_lists(f"Policy {key!r}", policy.content["lists"], lists)
    authorized = {
        row.key: parties_of(row.content, row.key, row.version) for row in by_kind[AUTHORIZED_PARTIES].values()
    }
    return compile_ruleset(
        policy.content,
        policy=_reference(policy),
        lists={
            row.key: ListVersionRef(row.key, row.version, members_at(row.content, day), str(row.pk))
            for row in lists.values()
        },
        thresholds=figures_of(control.content, day) if control else {},
        entries=entries_of(control.content, day) if control else (),
        control_list=_reference(control) if control else None,
        orders=tuple(_orders(by_kind[ORDER], authorized)),
        authorized=authorized,
        countries=names(),
    )


def _orders(orders: Mapping[str, Publication], parties: Mapping[str, AuthorizedParties]) -> Iterator[Order]:
    for row in orders.values():
        _require_lists(f"Order {row.key}", lists_asked(row.content), parties)
        yield from_content(row.content, _reference(row), parties)


def _require_lists(who: str, asked: Iterable[str], lists: Container[str]) -> None:
    missing = [name for name in asked if name not in lists]
    if missing:
        raise NotNow(
            "no_list",
            f"{who} asks for {', '.join(missing)}, of which no version is in force: an administrator has to publish it.",
        )


def _reference(row: Publication) -> VersionRef:
    return VersionRef(row.key, row.version, str(row.pk), row.effective_at.isoformat() if row.effective_at else "")
