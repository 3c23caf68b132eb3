"""What was required, for facts that anybody may ask about; nothing is kept."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle
from rest_framework.views import APIView

from licensing.accounts.queries import audience_of
from licensing.audit.refusals import Invalid, Problem
from licensing.cases.fact_schema import problems, schema
from licensing.policy.queries import ruleset
from licensing.policy.rules import determine


class Asking(AnonRateThrottle):
    """How often somebody who has not signed in may ask, by address."""

    rate = "120/min"


class AskingSignedIn(UserRateThrottle):
    """The same for people and tokens."""

    rate = "600/min"


class QuestionSerializer(serializers.Serializer[Any]):
    facts = serializers.JSONField(help_text="One object; its JSON Schema is at /api/v1/determinations/schema/.")
    at = serializers.DateTimeField(required=False, help_text="What was required at this instant; now, when left out.")
    known_at = serializers.DateTimeField(required=False, help_text="As far as was published by this instant.")


class Determinations(APIView):
    """Whether a license is required, under which rules and versions."""

    permission_classes = [AllowAny]
    throttle_classes = [Asking, AskingSignedIn]

    @extend_schema(request=QuestionSerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        """Open to everybody. Facts that are missing where they matter come back as questions."""
        asked = QuestionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = problems(asked.validated_data["facts"])
        if found:
            raise Invalid([Problem(f"facts.{problem.field}", problem.value, problem.mend) for problem in found])
        at = asked.validated_data.get("at") or timezone.now()
        rules = ruleset(at, asked.validated_data.get("known_at"), audience=audience_of(request.user))
        return Response(determine(rules, asked.validated_data["facts"], at).to_json())


class FactsSchema(APIView):
    """The JSON Schema of the facts."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    @extend_schema(responses={200: dict[str, Any]})
    def get(self, request: Request) -> Response:
        return Response(schema())
