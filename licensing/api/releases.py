"""For the machines of an organization: the check at the moment of release, credentials, bundles; and the keys, for everybody."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from licensing.api.determinations import Asking, AskingSignedIn
from licensing.api.requests import organization_of, person_of
from licensing.licenses.commands.releasing import check_release
from licensing.licenses.credential import checked, credential, key_set
from licensing.licenses.models import License
from licensing.licenses.queries import public_status
from licensing.licenses.releases.bundles import bundle
from licensing.licenses.releases.facts import Release


class ReleaseSerializer(serializers.Serializer[Any]):
    model_hash = serializers.CharField(help_text="SHA-256 of the weights manifest")
    modality = serializers.CharField(help_text="How it reaches the recipient, such as weights_transfer or api_access")
    destination = serializers.CharField(help_text="Country code")
    recipient = serializers.CharField(help_text="The recipient's name, as on the license", max_length=300)
    recipient_country = serializers.CharField(
        required=False, allow_blank=True, help_text="The destination, when left out"
    )
    site = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="Where it will run, by name"
    )
    site_country = serializers.CharField(required=False, allow_blank=True, help_text="The destination, when left out")
    quantity = serializers.DecimalField(
        max_digits=20, decimal_places=2, required=False, help_text="Where a limit counts"
    )


class CheckSerializer(ReleaseSerializer):
    at = serializers.DateTimeField(required=False, help_text="The instant of the release; now, when left out")
    facts = serializers.DictField(
        required=False, help_text="What only you know; schema: /api/v1/determinations/schema/"
    )


class AnswerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Of the row that keeps this answer as evidence")
    asked_at = serializers.DateTimeField(help_text="When it was asked")
    at = serializers.DateTimeField(help_text="The instant that the answer is about")
    allowed = serializers.BooleanField()
    under_kind = serializers.CharField(allow_blank=True)
    under = serializers.CharField(allow_blank=True)
    conditions = serializers.ListField(child=serializers.DictField())
    missing = serializers.ListField(child=serializers.CharField())
    others = serializers.ListField(child=serializers.DictField())
    rules = serializers.ListField(child=serializers.DictField())
    versions = serializers.ListField(child=serializers.CharField())
    stated = serializers.ListField(
        child=serializers.CharField(), help_text="Facts that you gave; all others are from what you have registered"
    )


class TokenSerializer(serializers.Serializer[Any]):
    credential = serializers.CharField(max_length=20_000)


class ReleaseChecks(APIView):
    @extend_schema(request=CheckSerializer, responses={200: AnswerSerializer})
    def post(self, request: Request) -> Response:
        """May this model be released, this way, to this recipient, at this instant. The answer is kept as evidence."""
        asked = CheckSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        at, facts = given.pop("at", None) or timezone.now(), given.pop("facts", None)
        for name in ("recipient_country", "site_country"):
            given[name] = given.get(name) or (
                given["destination"] if name != "site_country" or given.get("site") else ""
            )
        kept = check_release(
            actor=person_of(request),
            organization=organization_of(request),
            release=Release(**given),
            at=at,
            facts=facts,
        )
        instants = {"asked_at": kept.asked_at.isoformat(), "at": at.isoformat()}
        return Response({"id": str(kept.pk), **instants, **kept.answer})


class LicenseCredential(APIView):
    @extend_schema(responses={(200, "application/jwt"): str})
    def get(self, request: Request, number: str) -> HttpResponse:
        """A license as a compact credential for machines (JWS), signed with a key of `/.well-known/jwks.json`."""
        held = License.objects.issued().held_by(person_of(request)).with_standing().select_related("release_terms")
        return HttpResponse(credential(held.get(number=number), timezone.now()), content_type="application/jwt")


class Bundle(APIView):
    @extend_schema(responses={(200, "application/jwt"): str})
    def get(self, request: Request) -> HttpResponse:
        """Everything that your organization may release, signed, for `entente-check` without a connection."""
        person = person_of(request)
        return HttpResponse(bundle(person, organization_of(request), timezone.now()), content_type="application/jwt")


class CredentialVerification(APIView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    throttle_classes = [Asking, AskingSignedIn]

    @extend_schema(request=TokenSerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        """Whether a credential is ours, by a key that stands, and what its license is now."""
        given = TokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        claims = checked(given.validated_data["credential"], now)
        found = public_status(claims["sub"], now)
        return Response({"genuine": True, "status": found.status if found else "unknown", "claims": claims})


@require_safe
def jwks(request: HttpRequest) -> JsonResponse:
    """The key set of this authority (RFC 7517). Retired keys stay in it, with the end of their period."""
    answer = JsonResponse(key_set())
    answer["Cache-Control"] = "public, max-age=300"
    return answer
