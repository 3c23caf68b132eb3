"""Commands on people, organizations and their roles."""

import re
import secrets
import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from licensing.accounts.events import AccountEvent
from licensing.accounts.models import (
    ApiToken,
    Authority,
    Membership,
    Organization,
    OrganizationKind,
    Person,
    Role,
    Unit,
)
from licensing.accounts.permissions import is_cleared, may_administer, may_describe, may_manage_accounts
from licensing.accounts.queries import token_digest
from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.fields import field_problems, name_problems
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem

TOKEN_DAYS = 365
KEY = re.compile(r"[a-z][a-z0-9_]*")
COUNTRY = re.compile(r"[A-Z]{2}")
APPLICANT_ROLES = frozenset({Role.PREPARER, Role.CERTIFYING_OFFICIAL, Role.ACCOUNT_ADMINISTRATOR})


def _require_administrator(actor: Actor) -> None:
    if isinstance(actor, Person) and not may_administer(actor):
        raise NotPermitted("not_an_administrator", "Only an administrator may do this.")


@refusals_logged(AccountEvent.ORGANIZATION_CREATED)
def create_organization(
    *, actor: Actor, kind: str, key: str, name: str, country: str, units: dict[str, str] | None = None, address: str = "",
    website: str = "", registration_number: str = "",
) -> Organization:  # fmt: skip
    """A new organization with its units (`{"licensing": "Licensing officers"}`), whose pools are `<key>.<unit>`."""
    _require_administrator(actor)
    problems = _organization_problems(kind, key, name, country, units or {})
    if problems:
        raise Invalid(problems)
    with transaction.atomic():
        organization = Organization.objects.create(
            kind=kind,
            key=key,
            name=name.strip(),
            country=country,
            address=address,
            website=website,
            registration_number=registration_number,
        )
        Unit.objects.bulk_create(
            Unit(organization=organization, key=unit, name=title, pool=f"{key}.{unit}")
            for unit, title in (units or {}).items()
        )
        record(organization, AccountEvent.ORGANIZATION_CREATED, actor=actor, name=organization.name, kind=kind)
    return organization


@refusals_logged(AccountEvent.ORGANIZATION_DESCRIBED)
def describe_organization(
    *, actor: Person, organization_id: int, aliases: Sequence[str], address: str, website: str
) -> Organization:
    """Say by which other names a company is known, also in its own script, where it is and under which domain: what it is screened by.

    Applications that name it as applicant have to be certified anew. Raises `Invalid` with every answer that cannot be right.
    """
    with transaction.atomic():
        organization = Organization.objects.select_for_update(of=("self",)).get(pk=organization_id)
        if not may_describe(actor, organization):
            raise NotPermitted("not_a_preparer", f"You do not say by which names {organization.name} is known.")
        before = vars(organization).copy()
        organization.aliases = list(dict.fromkeys(name.strip() for name in aliases if name.strip()))
        organization.address, organization.website = address.strip(), website.strip()
        problems = field_problems(organization) + name_problems("aliases", *organization.aliases)
        if problems:
            raise Invalid(problems)
        changed = [name for name in ("aliases", "address", "website") if before[name] != getattr(organization, name)]
        if changed:
            organization.save(update_fields=changed)
            record(
                organization, AccountEvent.ORGANIZATION_DESCRIBED, actor=actor, name=organization.name, fields=", ".join(changed)
            )  # fmt: skip
    return organization


def _organization_problems(kind: str, key: str, name: str, country: str, units: dict[str, str]) -> list[Problem]:
    problems = []
    if kind not in OrganizationKind.values:
        problems.append(Problem("kind", kind, f"Choose one of {', '.join(OrganizationKind.values)}."))
    elif kind == OrganizationKind.AUTHORITY and (standing := Organization.objects.filter(kind=kind).first()):
        problems.append(Problem("kind", kind, f"{standing} is the authority of this installation: choose agency."))
    problems += [
        Problem(field, word, f"{word!r} names a pool: use small letters, digits and underscores, a letter first.")
        for field, word in [("key", key), *(("units", unit) for unit in units)]
        if not KEY.fullmatch(word)
    ]
    if Organization.objects.filter(key=key).exists():
        problems.append(Problem("key", key, "Another organization has this key: choose another."))
    if not name.strip():
        problems.append(Problem("name", name, "Enter the name of the organization."))
    if not COUNTRY.fullmatch(country):
        problems.append(Problem("country", country, "Give the country's code of two capital letters, such as US."))
    return problems


@refusals_logged(AccountEvent.AUTHORITY_ESTABLISHED)
def establish_authority(
    *, actor: Actor, organization_id: int, jurisdiction: str, name: str, mark: str, time_zone: str = "UTC"
) -> Authority:
    """Make an organization of kind `authority` the one that this installation licenses for, once.

    `jurisdiction` is a country code, the first part of license numbers; `mark` the short mark on documents; `time_zone` a name of the
    IANA database.
    """
    _require_administrator(actor)
    with transaction.atomic():
        organization = Organization.objects.select_for_update(of=("self",)).get(pk=organization_id)
        if Authority.objects.exists():
            raise NotNow("authority_stands", "This installation has its authority already.")
        if organization.kind != OrganizationKind.AUTHORITY:
            raise Invalid.one("organization", organization, "Choose the organization of kind authority.")
        if not COUNTRY.fullmatch(jurisdiction):
            mend = "Give the country's code of two capital letters, such as US."
            raise Invalid.one("jurisdiction", jurisdiction, mend)
        if not 1 <= len(mark) <= 5:
            raise Invalid.one("mark", mark, "Give a mark of one to five characters.")
        if time_zone not in available_timezones():
            raise Invalid.one("time_zone", time_zone, "Give a time zone by its name, such as America/New_York.")
        authority = Authority.objects.create(
            organization=organization, jurisdiction=jurisdiction, name=name, mark=mark, time_zone=time_zone
        )
        record(organization, AccountEvent.AUTHORITY_ESTABLISHED, actor=actor, name=name, jurisdiction=jurisdiction)
    return authority


@refusals_logged(AccountEvent.PERSON_CREATED)
def create_person(*, actor: Actor, email: str, name: str, password: str | None = None) -> Person:
    """A new account. Without a password nobody can sign in until one is set."""
    _require_administrator(actor)
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid.one("email", email, "Enter an e-mail address such as name@example.org.") from None
    if not name.strip():
        raise Invalid.one("name", name, "Enter the person's name.")
    if Person.objects.filter(email=email).exists():
        raise Invalid.one("email", email, "Somebody has an account with this address already.")
    with transaction.atomic():
        person = Person.objects.create_user(email, name.strip(), password)
        record(person, AccountEvent.PERSON_CREATED, actor=actor, name=person.name)
    return person


@refusals_logged(AccountEvent.MEMBERSHIP_GRANTED)
def grant_membership(
    *, actor: Actor, person_id: int, organization_id: int, role: str, unit: str = "", starts_on: date | None = None,
    ends_on: date | None = None,
) -> Membership:  # fmt: skip
    """Give a person a role in an organization; a reviewer gets it in a unit.

    Nobody grants a role to themselves, and only somebody who is cleared, or a seed, clears somebody else.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        organization = Organization.objects.get(pk=organization_id)
        _require_may_grant(actor, person, organization, role)
        _check_role(organization, role)
        seat = organization.units.filter(key=unit).first() if unit else None
        if (role == Role.REVIEWER) != (seat is not None):
            known = ", ".join(organization.units.values_list("key", flat=True)) or "none"
            raise Invalid.one(
                "unit", unit, f"A reviewer belongs to a unit, and only a reviewer does; {organization} has: {known}."
            )
        starts_on = starts_on or timezone.localdate()
        if ends_on is not None and ends_on < starts_on:
            raise Invalid.one("ends_on", ends_on, f"Choose a last day that is not before the first, {starts_on}.")
        lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
        if person.memberships.filter(lasting, organization=organization, unit=seat, role=role).exists():
            raise Invalid.one("role", role, f"{person} has this role already.")
        membership = Membership.objects.create(
            person=person,
            organization=organization,
            unit=seat,
            role=role,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        record(person, AccountEvent.MEMBERSHIP_GRANTED, actor=actor, role=role, organization=organization.name)
    return membership


def _require_may_grant(actor: Actor, person: Person, organization: Organization, role: str) -> None:
    if not isinstance(actor, Person):
        return
    if not may_manage_accounts(actor, organization):
        raise NotPermitted("not_an_account_administrator", f"You do not manage the accounts of {organization.name}.")
    if actor.pk == person.pk:
        raise NotPermitted("own_role", "Somebody else has to grant you a role.")
    if role == Role.CLEARED and not is_cleared(actor):
        raise NotPermitted("not_cleared", "Only somebody who is cleared can clear somebody else.")


def _check_role(organization: Organization, role: str) -> None:
    wanted = APPLICANT_ROLES if organization.kind == OrganizationKind.APPLICANT else set(Role) - APPLICANT_ROLES
    if role not in wanted:
        raise Invalid.one("role", role, f"In {organization.name} the roles are {', '.join(sorted(wanted))}.")


@refusals_logged(AccountEvent.MEMBERSHIP_ENDED)
def end_membership(*, actor: Actor, membership_id: int, ends_on: date | None = None) -> Membership:
    """End a role: at once, or with a last day from today on. What has passed stays as it was."""
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(memberships=membership_id)
        membership = Membership.objects.select_related("organization").get(pk=membership_id)
        organization = membership.organization
        if isinstance(actor, Person) and not may_manage_accounts(actor, organization):
            raise NotPermitted(
                "not_an_account_administrator", f"You do not manage the accounts of {organization.name}."
            )
        today = timezone.localdate()
        if membership.ends_on is not None and membership.ends_on < today:
            raise NotNow("already_ended", f"This role ended on {membership.ends_on}.")
        if ends_on is not None and ends_on < max(today, membership.starts_on):
            raise Invalid.one("ends_on", ends_on, "Choose a last day from today on, or none to end the role at once.")
        # Both ends count, so a role that ends at once held until yesterday.
        membership.ends_on = ends_on or max(today, membership.starts_on) - timedelta(days=1)
        membership.save(update_fields=["ends_on"])
        record(
            person,
            AccountEvent.MEMBERSHIP_ENDED,
            actor=actor,
            role=membership.role,
            organization=organization.name,
            ends_on=membership.ends_on,
        )
    return membership


@refusals_logged(AccountEvent.TOKEN_ISSUED)
def issue_token(*, actor: Actor, person_id: int, organization_id: int, label: str) -> tuple[ApiToken, str]:
    """A token for machines, good for a year; the second value is the token itself, which is shown once and not kept."""
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id)
        organization = Organization.objects.get(pk=organization_id)
        if isinstance(actor, Person) and actor.pk != person.pk:
            raise NotPermitted("not_your_token", "You make tokens for yourself only.")
        if not person.acts_for(organization.pk):
            raise NotPermitted("not_a_member", f"You do not act for {organization.name}.")
        if not label.strip():
            raise Invalid.one("label", label, "Say what the token is for.")
        plain = f"ent_{secrets.token_urlsafe(32)}"
        token = ApiToken.objects.create(
            person=person, organization=organization, label=label.strip(), prefix=plain[:8], digest=token_digest(plain),
            expires_at=timezone.now() + timedelta(days=TOKEN_DAYS),
        )  # fmt: skip
        record(
            person,
            AccountEvent.TOKEN_ISSUED,
            actor=actor,
            label=token.label,
            prefix=token.prefix,
            organization=organization.name,
        )
    return token, plain


@refusals_logged(AccountEvent.TOKEN_REVOKED)
def revoke_token(*, actor: Person, token_id: uuid.UUID) -> None:
    """End a token at once."""
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=actor.pk)
        token = person.api_tokens.filter(pk=token_id, revoked_at__isnull=True).first()
        if token is None:
            raise NotNow("no_such_token", "You have no such token, or it is revoked already.")
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(person, AccountEvent.TOKEN_REVOKED, actor=actor, label=token.label, prefix=token.prefix)
