"""Licenses for their holders, and verification for everybody."""

from typing import Any

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from licensing.api.pagination import ByIssue
from licensing.api.problems import problem
from licensing.api.requests import person_of
from licensing.audit.commands import access
from licensing.documents.queries import open_file
from licensing.licenses.models import License
from licensing.licenses.queries import public_status, replaced_by, status
from licensing.licenses.register import for_holder


class LicenseSerializer(serializers.ModelSerializer[License]):
    sha256 = serializers.CharField(source="document.sha256")
    control_number = serializers.CharField(source="case.control_number")
    status = serializers.SerializerMethodField()
    replaced_by = serializers.SerializerMethodField()

    class Meta:
        model = License
        fields = [
            "number", "revision", "status", "replaced_by", "control_number", "issued_at", "valid_from", "valid_until", "data", "sha256",
        ]  # fmt: skip

    def get_status(self, license_: License) -> str:
        return status(license_, timezone.now()).value

    def get_replaced_by(self, license_: License) -> str:
        return replaced_by(license_)


class PublicStatusSerializer(serializers.Serializer[Any]):
    number = serializers.CharField()
    status = serializers.CharField()
    as_of = serializers.DateTimeField()
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    conditions = serializers.IntegerField()
    conditions_digest = serializers.CharField()
    replaced_by = serializers.CharField(
        help_text="The number of the license that takes its place, once that begins; empty when none does."
    )
    end = serializers.CharField(help_text="Why it ends later than its months say; empty where it does not.")


def mine(request: Request) -> Any:
    return License.objects.issued().held_by(person_of(request)).select_related("case", "document").with_standing()


class Licenses(generics.ListAPIView[License]):
    """The licenses of your organizations."""

    serializer_class = LicenseSerializer
    pagination_class = ByIssue

    def get_queryset(self) -> Any:
        return mine(self.request)


class OneLicense(generics.RetrieveAPIView[License]):
    """A license with everything it covers."""

    serializer_class = LicenseSerializer
    lookup_field = "number"

    def get_queryset(self) -> Any:
        return mine(self.request)


class LicenseDocument(APIView):
    @extend_schema(responses={(200, "application/pdf"): bytes})
    def get(self, request: Request, number: str) -> FileResponse:
        """The signed PDF, byte for byte as it was issued."""
        license_ = mine(request).get(number=number)
        access(person_of(request), license_, "document")
        return FileResponse(
            open_file(license_.document),
            as_attachment=True,
            filename=f"{license_.number}.pdf",
            content_type="application/pdf",
        )


class Verification(APIView):
    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    @extend_schema(responses=PublicStatusSerializer, parameters=[OpenApiParameter("document", str)])
    def get(self, request: Request, number: str) -> Response:
        """The status of a license now. Open to everybody; names parties only to who holds the document: `?document=` its SHA-256."""
        found = public_status(number)
        if found is None:
            return problem(
                404, "not_ours", "No license has this number: check it against the document, with its check character."
            )
        held = request.query_params.get("document", "")
        named = {"register": for_holder(number, held, found.as_of)} if held else {}
        return Response({**PublicStatusSerializer(found).data, **named})
