"""Use of a license, for machines: recorded once per reference of yours, one by one or many at once; balance and history."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from licensing.api.pagination import ByRecording
from licensing.api.requests import person_of
from licensing.audit.refusals import Invalid, Refused
from licensing.licenses.commands.using import record_use
from licensing.licenses.drawing import CAPS, Use, ceiling
from licensing.licenses.models import Allowance, License, UsageEntry

MOST_ROWS = 500


class AmountsSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.DecimalField(max_digits=60, decimal_places=6, required=False) for name in CAPS}


class UseSerializer(serializers.Serializer[Any]):
    """A transfer, a period of access (with `until`), or a correction (with `corrects`, and signed amounts)."""

    kind = serializers.ChoiceField(choices=UsageEntry.Kind.choices)
    occurred_at = serializers.DateTimeField()
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    amounts = AmountsSerializer(required=False, default=dict)
    recipient = serializers.CharField(required=False, default="", allow_blank=True)
    note = serializers.CharField(required=False, default="", allow_blank=True)
    corrects = serializers.CharField(required=False, default="", allow_blank=True)


class RowSerializer(UseSerializer):
    client_reference = serializers.CharField()


class EntrySerializer(serializers.ModelSerializer[UsageEntry]):
    corrects = serializers.CharField(source="corrects.client_reference", default=None)

    class Meta:
        model = UsageEntry
        fields = [
            "client_reference", "kind", "occurred_at", "until", "quantity", "value", "seats", "compute", "recipient", "note", "corrects",
            "recorded_at",
        ]  # fmt: skip


def license_of(request: Request, number: str) -> License:
    return get_object_or_404(License.objects.issued().held_by(person_of(request)), number=number)


def balance(license_: License) -> list[dict[str, Any]]:
    """What is capped, drawn and left; a tolerance is part of what is left."""
    return [_line(row) for row in license_.case.allowances.all()]


def _line(row: Allowance) -> dict[str, Any]:
    left = ceiling(row.cap, row.tolerance) - row.drawn
    amounts = {"cap": row.cap, "drawn": row.drawn, "left": left}
    return {"measure": row.measure, "unit": row.unit, "tolerance": row.tolerance} | {
        name: f"{amount.normalize():f}" for name, amount in amounts.items()
    }


class Usage(APIView):
    """The balance and history of a license, the latest first; or many uses at once."""

    @extend_schema(responses=EntrySerializer(many=True))
    def get(self, request: Request, number: str) -> Response:
        license_ = license_of(request, number)
        entries: QuerySet[UsageEntry] = license_.usage.select_related("corrects").order_by("-pk")
        pages = ByRecording()
        page = pages.paginate_queryset(entries, request, view=self)
        answer = pages.get_paginated_response(EntrySerializer(page, many=True).data)
        answer.data["balance"] = balance(license_)
        return answer

    @extend_schema(request=RowSerializer(many=True), responses={200: dict[str, Any]})
    def post(self, request: Request, number: str) -> Response:
        """Up to 500 uses, in order; each row stands for itself, and has its own answer."""
        license_ = license_of(request, number)
        if not isinstance(request.data, list) or not 0 < len(request.data) <= MOST_ROWS:
            raise Invalid.one("rows", type(request.data).__name__, f"Send a list of 1 to {MOST_ROWS} uses.")
        return Response(
            {"results": [self._row(request, license_, row) for row in request.data], "balance": balance(license_)}
        )

    def _row(self, request: Request, license_: License, row: Any) -> dict[str, Any]:
        asked = RowSerializer(data=row)
        reference = str(row.get("client_reference", ""))[:100] if isinstance(row, dict) else ""
        if not asked.is_valid():
            return {
                "client_reference": reference,
                "result": "invalid",
                "detail": "Something is missing or wrong.",
                "errors": asked.errors,
            }
        try:
            new = record(request, license_, **asked.validated_data)[1]
        except Refused as refused:
            return {"client_reference": reference, "result": refused.code, "detail": refused.sentence}
        return {"client_reference": reference, "result": "recorded" if new else "there_already"}


class OneUse(APIView):
    """One use, under a reference of yours: the same again changes nothing, another use under it is refused."""

    @extend_schema(request=UseSerializer, responses={200: EntrySerializer, 201: EntrySerializer})
    def put(self, request: Request, number: str, client_reference: str) -> Response:
        license_ = license_of(request, number)
        asked = UseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        entry, new = record(request, license_, client_reference=client_reference, **asked.validated_data)
        return Response(EntrySerializer(entry).data, status=201 if new else 200)


def record(request: Request, license_: License, *, client_reference: str, **given: Any) -> tuple[UsageEntry, bool]:
    return record_use(
        actor=person_of(request), license_id=license_.pk, client_reference=client_reference, use=Use(**given)
    )
