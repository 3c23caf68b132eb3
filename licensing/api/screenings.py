"""Parties that a reviewer has screened besides those of a case."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from licensing.api.requests import person_of
from licensing.audit.commands import access
from licensing.screening.commands import check_parties
from licensing.screening.commands.checks import CHECK
from licensing.screening.models import ScreeningRun


class PartySerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Your own reference; it comes back with the answer.")
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=["person", "organization"], required=False)
    birth_date = serializers.CharField(required=False, help_text="1970-01-31, or a year.")
    country = serializers.CharField(required=False, help_text="ISO 3166-1 alpha-2.")
    identifiers = serializers.ListField(child=serializers.CharField(), required=False)
    aliases = serializers.ListField(child=serializers.CharField(), required=False)


class ScreeningSerializer(serializers.Serializer[Any]):
    parties = PartySerializer(many=True, help_text="1 to 100.")


class Screenings(APIView):
    @extend_schema(request=ScreeningSerializer, responses={201: dict[str, Any]})
    def post(self, request: Request) -> Response:
        """For reviewers: parties against every list in force. It is kept as a run that can be repeated, and who asked is written down."""
        given = request.data.get("parties") if isinstance(request.data, dict) else None
        run = check_parties(actor=person_of(request), parties=given if isinstance(given, list) else [])
        return Response(_answer(run), status=201)


class OneScreening(APIView):
    @extend_schema(responses={200: dict[str, Any]})
    def get(self, request: Request, run_id: int) -> Response:
        """A run that you had made."""
        person = person_of(request)
        run = ScreeningRun.objects.filter(subject_kind=CHECK, actor_id=person.actor_id).get(pk=run_id)
        access(person, run, "screening of parties")
        return Response(_answer(run))


def _answer(run: ScreeningRun) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {query["ref"]: [] for query in run.queries}
    for hit in run.hits.order_by("-score", "pk"):
        shown = {
            "list": hit.list_key,
            "entity_id": hit.entity_id,
            "listed_name": hit.listed_name,
            "score": hit.score,
            "features": hit.features,
        }
        found[hit.party_ref].append(shown)
    return {
        "id": run.pk,
        "at": run.at,
        "engine": run.engine_version,
        "thresholds": run.thresholds,
        "snapshots": run.snapshots,
        "result_sha256": run.result_sha256,
        "parties": [{"id": ref, "hits": hits} for ref, hits in found.items()],
    }
