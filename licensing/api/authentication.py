"""Token sign-in for machines: `Authorization: Bearer <token>`."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from licensing.accounts.models import ApiToken, Person
from licensing.accounts.queries import authenticate_token


class BearerToken(BaseAuthentication):
    """A token acts for one person in one organization; `request.auth` is the token."""

    def authenticate(self, request: Request) -> tuple[Person, ApiToken] | None:
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = authenticate_token(token.strip())
        if found is None:
            raise AuthenticationFailed(
                "This token is unknown, expired or revoked: make a new one on your account page."
            )
        return found.person, found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="entente"'
