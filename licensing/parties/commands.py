"""Commands of an applicant who keeps parties and sites."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from licensing.accounts.models import Organization, Person
from licensing.accounts.permissions import may_prepare
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotPermitted, Problem
from licensing.countries.queries import find
from licensing.parties.events import PartyEvent
from licensing.parties.models import Identifier, OwnershipStake, Party, PartyKind, Site
from licensing.parties.rules import lei_is_valid, owns_itself

PARTY_FIELDS = frozenset(
    {
        "kind", "name", "aliases", "country", "address", "city", "postal_code", "website", "registration_number", "lei",
        "headquarters", "ultimate_parent_name", "ultimate_parent_country", "birth_date", "citizenships", "permanent_residence",
        "contact_name", "contact_email", "contact_phone",
    }
)  # fmt: skip
PARTY_COUNTRIES = ("country", "headquarters", "ultimate_parent_country", "permanent_residence")
SITE_FIELDS = frozenset(
    {
        "name",
        "country",
        "address",
        "operator",
        "headquarters_country",
        "ultimate_parent_country",
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
        _fill(party, details, PARTY_FIELDS)
        _check_party(party)
        party.save(force_insert=True)
        Identifier.objects.bulk_create(
            Identifier(party=party, scheme=row["scheme"], value=row["value"]) for row in identifiers
        )
        record(party, PartyEvent.REGISTERED, actor=actor, name=party.name)
    return party


@refusals_logged(PartyEvent.UPDATED)
def update_party(*, actor: Person, party_id: int, **changes: Any) -> Party:
    """Change what is said of a party. Applications that name it have to be certified anew."""
    with transaction.atomic():
        party = Party.objects.select_for_update(of=("self",)).get(pk=party_id)
        _owner(actor, party.organization_id)
        _fill(party, changes, PARTY_FIELDS)
        _check_party(party)
        party.save(update_fields=sorted(changes))
        record(party, PartyEvent.UPDATED, actor=actor, fields=", ".join(sorted(changes)))
    return party


@refusals_logged(PartyEvent.STAKE_RECORDED)
def record_stake(
    *, actor: Person, owner_id: int, owned_id: int, percent: Decimal | None, as_of: date, evidence: str = ""
) -> OwnershipStake:
    """Say that one party of the list owns a share of another. Raises `Invalid` for a circle."""
    with transaction.atomic():
        parties = {
            party.pk: party
            for party in Party.objects.select_for_update(of=("self",)).filter(pk__in=(owner_id, owned_id))
        }
        if len(parties) < 2:
            raise Invalid.one("owned", str(owned_id), "Choose two different parties of your list.")
        owner, owned = parties[owner_id], parties[owned_id]
        _owner(actor, owner.organization_id)
        if owned.organization_id != owner.organization_id:
            raise Invalid.one("owned", str(owned_id), "Choose two parties of your own list.")
        if percent is not None and not 0 <= percent <= 100:
            raise Invalid.one("percent", str(percent), "Give a share between 0 and 100 percent, or leave it open.")
        if owns_itself(owner_id, owned_id, _owners(owner.organization_id)):
            raise Invalid.one(
                "owned", owned.name, f"{owned} owns a share of {owner} already: ownership cannot run in a circle."
            )
        stake, _ = OwnershipStake.objects.update_or_create(
            owner=owner, owned=owned, defaults={"percent": percent, "as_of": as_of, "evidence": evidence}
        )
        record(owner, PartyEvent.STAKE_RECORDED, actor=actor, owned=owned.name, percent=percent)
    return stake


def _owners(organization_id: int) -> dict[int, set[int]]:
    owners: dict[int, set[int]] = {}
    for owner, owned in OwnershipStake.objects.filter(owned__organization=organization_id).values_list(
        "owner", "owned"
    ):
        owners.setdefault(owned, set()).add(owner)
    return owners


@refusals_logged(PartyEvent.SITE_REGISTERED)
def register_site(*, actor: Person, organization_id: int, **details: Any) -> Site:
    """A new hosting site of an organization's own list. Raises `Invalid` with every answer that cannot be right."""
    with transaction.atomic():
        site = Site(organization=_owner(actor, organization_id))
        _fill(site, details, SITE_FIELDS)
        problems = _field_problems(site) + _country_problems(site, SITE_COUNTRIES)
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


def _check_party(party: Party) -> None:
    problems = _field_problems(party) + _country_problems(party, PARTY_COUNTRIES)
    problems += [problem for code in party.citizenships if (problem := country_problem("citizenships", code))]
    if party.lei and not lei_is_valid(party.lei):
        problems.append(Problem("lei", party.lei, "This is no legal entity identifier: check its 20 characters."))
    if party.kind != PartyKind.PERSON and (party.birth_date or party.citizenships):
        problems.append(Problem("citizenships", "", "Only a person has citizenships and a date of birth: remove them."))
    if problems:
        raise Invalid(problems)


def _field_problems(row: models.Model) -> list[Problem]:
    try:
        row.clean_fields(exclude=["organization"])
    except ValidationError as error:
        return [
            Problem(field, str(getattr(row, field)), message)
            for field, messages in error.message_dict.items()
            for message in messages
        ]
    return []


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
