"""Who asks, and for which organization."""

from typing import cast

from rest_framework.request import Request

from licensing.accounts.models import ApiToken, Organization, Person
from licensing.audit.refusals import NotPermitted


def person_of(request: Request) -> Person:
    return cast(Person, request.user)


def organization_of(request: Request) -> Organization:
    """The organization of the token; for a signed-in person the only one for which they act."""
    if isinstance(request.auth, ApiToken):
        return request.auth.organization
    mine = list(person_of(request).applicant_organizations()[:2])
    if len(mine) != 1:
        raise NotPermitted("no_organization", "Use a token: it says for which organization you act.")
    return mine[0]
