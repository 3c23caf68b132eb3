"""The public register, for machines: rows and statistics, as JSON and as CSV. Open to everybody."""

import csv
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from licensing.licenses import register

PER_PAGE = 100


class RegisterSerializer(serializers.Serializer[Any]):
    pages = serializers.IntegerField()
    publicity_version = serializers.IntegerField()
    licenses = serializers.ListField(child=serializers.DictField())


class StatisticsSerializer(serializers.Serializer[Any]):
    since = serializers.DateField(help_text="Licenses issued from this day on, the first of a quarter")
    until = serializers.DateField(help_text="and before this day, the first of the next")
    smallest = serializers.IntegerField(help_text="Counts below this are withheld, and come as null")
    total = serializers.IntegerField(allow_null=True)
    tables = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField(allow_null=True)))


class Register(APIView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    @extend_schema(responses=RegisterSerializer, parameters=[OpenApiParameter("page", int)])
    def get(self, request: Request) -> Response:
        """Every license, as far as it is public, the newest first; names no party."""
        now = timezone.now()
        shown = register.rules(now)
        page = Paginator(register.licenses(now, shown), PER_PAGE).get_page(request.query_params.get("page"))
        rows = [register.row(license_, shown, now) for license_ in page]
        return Response({"pages": page.paginator.num_pages, "publicity_version": shown.version, "licenses": rows})


class Statistics(APIView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    @extend_schema(responses=StatisticsSerializer)
    def get(self, request: Request) -> Response:
        """How many licenses there are of what; counts that would tell of a single one are withheld."""
        return Response(StatisticsSerializer(register.statistics(timezone.now())).data)


@require_safe
def register_csv(request: HttpRequest) -> HttpResponse:
    """The whole register as CSV."""
    now = timezone.now()
    shown = register.rules(now)
    names = shown.shown(register.Publicity.PUBLIC)
    answer, writer = _csv("register.csv", names)
    for license_ in register.licenses(now, shown).iterator(chunk_size=500):
        writer.writerow(register.row(license_, shown, now).values())
    return answer


@require_safe
def statistics_csv(request: HttpRequest) -> HttpResponse:
    """The statistics as CSV: field, value, count."""
    answer, writer = _csv("statistics.csv", ["field", "value", "licenses"])
    writer.writerows(register.statistics(timezone.now()).lines())
    return answer


def _csv(name: str, heading: list[str]) -> tuple[HttpResponse, Any]:
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
    writer = csv.writer(answer)
    writer.writerow(heading)
    return answer, writer
