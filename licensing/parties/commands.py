"""Commands of an applicant who keeps parties and sites."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models, transaction
from django.db.models import Sum

from licensing.accounts.models import Organization, Person
from licensing.accounts.permissions import may_prepare
from licensing.audit.commands import record, refusals_logged
from licensing.audit.fields import field_problems, name_problems
from licensing.audit.refusals import Invalid, NotPermitted, Problem
from licensing.countries.queries import find
from licensing.parties.events import PartyEvent
from licensing.parties.models import Identifier, OwnershipStake, Party, PartyKind, Site
from licensing.parties.rules import lei_is_valid, owns_itself

PARTY_FIELDS = frozenset(
    {
        "kind", "name", "aliases", "country", "address", "city", "postal_code", "website", "registration_number", "lei",
        "headquarters", "ultimate_parent_name", "ultimate_parent_country", "independent", "birth_date", "gender",
        "citizenships", "permanent_residence", "employer",
        "contact_name", "contact_email", "contact_phone",
    }
)  # fmt: skip
PARTY_COUNTRIES = ("country", "headquarters", "ultimate_parent_country", "permanent_residence")
PERSONAL = (
    ("birth_date", "date of birth"),
    ("gender", "gender"),
    ("citizenships", "citizenship"),
    ("permanent_residence", "permanent residence"),
    ("employer", "employer"),
)
OWNED_AFTER_ALL = "It belongs to another company, or to nobody: remove the parent, or do not say that nobody owns it."
NO_LEI = "This is no legal entity identifier: its 20 characters do not agree with its check digits. Copy it again."
SITE_FIELDS = frozenset(
    {
        "name",
        "country",
        "address",
        "operator",
        "headquarters_country",
        "ultimate_parent_country",
        "independent",
        "key_custody",
        "security_level",
    }
)
SITE_COUNTRIES = ("country", "headquarters_country", "ultimate_parent_country")


def _owner(actor: Person, organization_id: int) -> Organization:
    organization = Organization.objects.get(pk=organization_id)
    if not may_prepare(actor, organization):
        raise NotPermitted("not_a_preparer", f"You may not keep parties and sites for {organization.name}.")
    return organization


@refusals_logged(PartyEvent.REGISTERED)
def register_party(
    *, actor: Person, organization_id: int, identifiers: Sequence[Mapping[str, str]] = (), **details: Any
) -> Party:
    """A new party of an organization's own list.

    `details`: kind, name, country and the other fields of `Party`; `identifiers` are `{"scheme", "value"}`. Raises `Invalid` with
    every answer that cannot be right.
    """
    with transaction.atomic():
        organization = _owner(actor, organization_id)
        party = Party(organization=organization)
        rows = [
            Identifier(party=party, scheme=row.get("scheme", "").strip(), value=row.get("value", "").strip())
            for row in identifiers
        ]
        _fill(party, details, PARTY_FIELDS)
        _check_party(party, rows)
        party.save(force_insert=True)
        Identifier.objects.bulk_create(rows)
        record(party, PartyEvent.REGISTERED, actor=actor, name=party.name)
    return party


@refusals_logged(PartyEvent.UPDATED)
def update_party(*, actor: Person, party_id: int, **changes: Any) -> Party:
    """Change what is said of a party. Applications that name it have to be certified anew."""
    with transaction.atomic():
        party = Party.objects.select_for_update(of=("self",)).get(pk=party_id)
        _owner(actor, party.organization_id)
        if not changes:
            return party
        _fill(party, changes, PARTY_FIELDS)
        _check_party(party)
        party.save(update_fields=sorted(changes))
        record(party, PartyEvent.UPDATED, actor=actor, fields=", ".join(sorted(changes)))
    return party


@refusals_logged(PartyEvent.STAKE_RECORDED)
def record_stake(
    *, actor: Person, owner_id: int, owned_id: int | None, percent: Decimal | None, as_of: date, evidence: str = ""
) -> OwnershipStake:
    """Say that one party of the list owns a share of another, or of the organization (`owned_id` None). Raises `Invalid` for a circle."""
    wanted = {pk for pk in (owner_id, owned_id) if pk is not None}
    with transaction.atomic():
        locked = Party.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
        parties = {party.pk: party for party in locked}
        if len(parties) < len(wanted) or owner_id == owned_id:
            raise Invalid.one("owned", str(owned_id), "Choose two different parties of your list.")
        owner, owned = parties[owner_id], parties[owned_id] if owned_id is not None else None
        # The organization's row is locked, so that two stakes cannot close a circle together.
        organization = Organization.objects.select_for_update(of=("self",), no_key=True).get(pk=owner.organization_id)
        _owner(actor, organization.pk)
        if owned and owned.organization_id != organization.pk:
            raise Invalid.one("owned", str(owned_id), "Choose two parties of your own list.")
        of: dict[str, Any] = {"owned": owned} if owned else {"organization": organization}
        said = {"percent": percent, "as_of": as_of, "evidence": evidence}
        _check_stake(OwnershipStake(owner=owner, **of, **said))
        stake, _ = OwnershipStake.objects.update_or_create(owner=owner, **of, defaults=said)
        record(owner, PartyEvent.STAKE_RECORDED, actor=actor, owned=(owned or organization).name, percent=percent)
    return stake


def _check_stake(stake: OwnershipStake) -> None:
    owner, owned, percent = stake.owner, stake.owned, stake.percent
    problems = field_problems(stake, exclude=["owner", "owned", "organization"])
    if problems:
        raise Invalid(problems)
    if percent is not None:
        _check_share(stake, percent)
    if owned and owned.kind == PartyKind.PERSON:
        raise Invalid.one("owned", owned, "Nobody owns a share of a person: choose a company.")
    if owned and owns_itself(owner.pk, owned.pk, _owners(owner.organization_id)):
        mend = f"{owned} owns a share of {owner} already: ownership cannot run in a circle."
        raise Invalid.one("owned", owned, mend)


def _check_share(stake: OwnershipStake, percent: Decimal) -> None:
    if not 0 < percent <= 100:
        raise Invalid.one("percent", percent, "Give a share above 0 and up to 100 percent, or leave it open.")
    others = OwnershipStake.objects.filter(owned=stake.owned, organization=stake.organization).exclude(
        owner=stake.owner
    )
    sum_ = others.aggregate(sum=Sum("percent"))["sum"] or Decimal(0)
    if sum_ + percent > 100:
        mend = f"The other owners of {stake.owned or stake.organization} hold {sum_} percent: all shares together are at most 100."
        raise Invalid.one("percent", percent, mend)


def _owners(organization_id: int) -> dict[int, set[int]]:
    owners: dict[int, set[int]] = {}
    rows = OwnershipStake.objects.filter(owned__organization=organization_id)
    for row in rows:
        if row.owned_id:
            owners.setdefault(row.owned_id, set()).add(row.owner_id)
    return owners


@refusals_logged(PartyEvent.SITE_REGISTERED)
def register_site(*, actor: Person, organization_id: int, **details: Any) -> Site:
    """A new hosting site of an organization's own list. Raises `Invalid` with every answer that cannot be right."""
    with transaction.atomic():
        site = Site(organization=_owner(actor, organization_id))
        _fill(site, details, SITE_FIELDS)
        problems = field_problems(site, exclude=["organization"]) + _country_problems(site, SITE_COUNTRIES)
        problems += name_problems("name", site.name)
        if site.independent and site.ultimate_parent_country:
            problems.append(Problem("independent", "true", OWNED_AFTER_ALL))
        if problems:
            raise Invalid(problems)
        site.save(force_insert=True)
        record(site, PartyEvent.SITE_REGISTERED, actor=actor, name=site.name)
    return site


def _fill(row: models.Model, details: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(set(details) - known)
    if unknown:
        raise Invalid([Problem(name, str(details[name]), f"There is no answer named {name}.") for name in unknown])
    for name, value in details.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)


def _check_party(party: Party, identifiers: Sequence[Identifier] = ()) -> None:
    party.lei = party.lei.replace(" ", "").upper()
    problems = field_problems(party, exclude=["organization"]) + _country_problems(party, PARTY_COUNTRIES)
    problems += [problem for code in party.citizenships if (problem := country_problem("citizenships", code))]
    problems += name_problems("name", party.name) + name_problems("aliases", *party.aliases)
    if party.lei and not lei_is_valid(party.lei):
        problems.append(Problem("lei", party.lei, NO_LEI))
    if party.kind != PartyKind.PERSON:
        problems += [
            Problem(field, str(given), f"Only a person has a {label}: remove it, or say that this is a person.")
            for field, label in PERSONAL
            if (given := getattr(party, field))
        ]
    if party.independent and (party.ultimate_parent_name or party.ultimate_parent_country):
        problems.append(Problem("independent", "true", OWNED_AFTER_ALL))
    problems += _identifier_problems(identifiers)
    if problems:
        raise Invalid(problems)


def _identifier_problems(rows: Sequence[Identifier]) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows):
        where = f"identifiers.{number}."
        problems += field_problems(row, exclude=["party"], prefix=where)
        if row.scheme.upper() == "LEI" and not lei_is_valid(row.value):
            problems.append(Problem(f"{where}value", row.value, NO_LEI))
        if (row.scheme, row.value) in seen:
            problems.append(Problem(f"{where}value", row.value, "This identifier is given twice: remove one."))
        seen.add((row.scheme, row.value))
    return problems


def _country_problems(row: models.Model, fields: Sequence[str]) -> list[Problem]:
    return [problem for field in fields if (problem := country_problem(field, getattr(row, field)))]


def country_problem(field: str, code: str) -> Problem | None:
    """What is wrong with a country code, with the nearest countries; None for a known code and for none at all."""
    if not code:
        return None
    found = find(code)
    if found.country is not None and found.country.code == code:
        return None
    nearest = ", ".join(f"{country.name} ({country.code})" for country in found.suggestions)
    return Problem(field, code, f"No country has the code {code!r}. Nearest: {nearest or 'none'}.")
