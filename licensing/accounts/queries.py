"""Reads of people and organizations."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from licensing.accounts.audience import PUBLIC, Audience
from licensing.accounts.models import ApiToken, Authority, Membership, Organization, Person, Role
from licensing.accounts.permissions import is_cleared
from licensing.documents.context import AuthorityBlock
from licensing.statements import prepared


def members(pool: str, at: datetime) -> frozenset[str]:
    """Ids of the people who review in a pool (`commerce.licensing`) at an instant."""
    rows = Membership.objects.in_force(timezone.localdate(at)).filter(
        unit__pool=pool, role=Role.REVIEWER, person__is_active=True
    )
    return frozenset(str(person) for person in rows.values_list("person_id", flat=True))


def stewards(at: datetime) -> frozenset[str]:
    """Ids of the people who may help a workflow that is stuck: the authority's administrators."""
    rows = Membership.objects.in_force(at.date()).filter(role=Role.ADMINISTRATOR, person__is_active=True)
    return frozenset(str(person) for person in rows.values_list("person_id", flat=True))


def members_of(organization: Organization, roles: Iterable[str]) -> list[Person]:
    """The active people who have one of these roles in an organization today, by name."""
    held = Membership.objects.in_force(timezone.localdate()).filter(organization=organization, role__in=list(roles))
    return list(Person.objects.filter(pk__in=held.values("person"), is_active=True).order_by("name"))


def audience_of(user: object) -> Audience:
    """What somebody who asks may know of: the public's, for whoever has not signed in."""
    if not isinstance(user, Person):
        return PUBLIC
    roles = (Role.PREPARER, Role.CERTIFYING_OFFICIAL)
    own = (row.organization_id for row in user.standing() if row.role in roles)
    return Audience(organizations=frozenset(own), cleared=is_cleared(user))


def authority() -> Authority:
    """The authority of this installation. Raises Authority.DoesNotExist before it is seeded."""
    return Authority.objects.select_related("organization").get()


def authority_block() -> AuthorityBlock:
    """The authority as its documents name it at the top."""
    office = authority()
    organization = office.organization
    return AuthorityBlock(
        name=office.name,
        parent=organization.name,
        mark=office.mark,
        jurisdiction=office.jurisdiction,
        lines=tuple(filter(None, (organization.address, organization.website))),
    )


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate_token(token: str) -> ApiToken | None:
    """The token that this is, when it holds now and its person still acts for its organization."""
    found: list[ApiToken] = _holding(digest=token_digest(token), now=timezone.now())
    return next((each for each in found if each.person.acts_for(each.organization_id)), None)


@prepared
def _holding(digest: str, now: datetime) -> QuerySet[ApiToken]:
    unrevoked = Q(revoked_at__isnull=True, expires_at__gt=now, person__is_active=True)
    return ApiToken.objects.filter(unrevoked, digest=digest).select_related("person", "organization")


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Names of people by the ids that workflows and trails know them by; what is no person's is left out."""
    ids = [actor for actor in actors if actor.isdigit()]
    return {str(key): name for key, name in Person.objects.filter(pk__in=ids).values_list("pk", "name")}
