"""Applications: draft, complete, certify, file."""

import uuid
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from licensing.accounts.models import Person
from licensing.api.cases import CaseSerializer
from licensing.api.pagination import ByEdit
from licensing.api.requests import organization_of, person_of
from licensing.cases.commands.drafting import add_item, add_party, add_site, edit_application, start_application
from licensing.cases.commands.filing import certify, file_application
from licensing.cases.models import Application, DeliveryMode, PartyRole, Sector, TransactionKind
from licensing.cases.queries import as_filed, determination_today, still_missing
from licensing.cases.rules import sha256


class MissingSerializer(serializers.Serializer[Any]):
    topic = serializers.CharField()
    field = serializers.CharField()
    mend = serializers.CharField()


class PartyInRoleSerializer(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=PartyRole.choices)
    party = serializers.IntegerField(help_text="Id of a party of your organization")


class ItemSerializer(serializers.Serializer[Any]):
    model_version = serializers.IntegerField(help_text="Id of a version of one of your models")
    technical_description = serializers.CharField(required=False, allow_blank=True)
    quantity = serializers.DecimalField(max_digits=18, decimal_places=2, required=False)
    unit = serializers.CharField(max_length=30, required=False)
    value = serializers.DecimalField(max_digits=18, decimal_places=2, required=False)
    seats = serializers.IntegerField(min_value=1, required=False)
    fine_tuning = serializers.BooleanField(required=False)
    sublicensing = serializers.BooleanField(required=False)


class AnswersSerializer(serializers.Serializer[Any]):
    """The answers of an application; each may be left out while it is a draft."""

    name = serializers.CharField(max_length=120, required=False)
    transaction_kind = serializers.ChoiceField(choices=TransactionKind.choices, required=False)
    delivery_modes = serializers.ListField(child=serializers.ChoiceField(choices=DeliveryMode.choices), required=False)
    destination = serializers.CharField(max_length=10, required=False)
    end_use_statement = serializers.CharField(required=False)
    sector = serializers.ChoiceField(choices=Sector.choices, required=False)
    decides_about_people = serializers.BooleanField(required=False)
    human_oversight = serializers.CharField(required=False, allow_blank=True)
    military_end_use = serializers.BooleanField(required=False)
    wmd_end_use = serializers.BooleanField(required=False)
    human_rights_concern = serializers.BooleanField(required=False)
    nuclear_relevant = serializers.BooleanField(required=False)
    contact_name = serializers.CharField(max_length=200, required=False)
    contact_phone = serializers.CharField(max_length=50, required=False)
    contact_email = serializers.EmailField(required=False)
    special_purpose = serializers.CharField(max_length=100, required=False, allow_blank=True)
    additional_information = serializers.CharField(required=False, allow_blank=True)
    requested_months = serializers.IntegerField(min_value=1, max_value=120, required=False)
    all_or_nothing = serializers.BooleanField(required=False)
    emergency = serializers.BooleanField(required=False)
    resubmission_of = serializers.CharField(max_length=7, required=False, allow_blank=True)
    replaces_license = serializers.CharField(max_length=40, required=False, allow_blank=True)
    prior_authorization = serializers.CharField(max_length=40, required=False, allow_blank=True)


class NewApplicationSerializer(AnswersSerializer):
    """Everything at once: answers, parties in their roles, items and sites."""

    name = serializers.CharField(max_length=120)
    parties = PartyInRoleSerializer(many=True, required=False)
    items = ItemSerializer(many=True, required=False)
    sites = serializers.ListField(child=serializers.IntegerField(), required=False)


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    control_number = serializers.CharField(source="case.control_number", default=None)

    class Meta:
        model = Application
        fields = ["id", "name", "edition", "created_at", "edited_at", "control_number"]


class WholeApplicationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    edition = serializers.IntegerField()
    control_number = serializers.CharField(allow_null=True)
    sha256 = serializers.CharField()
    answers = serializers.DictField()
    missing = MissingSerializer(many=True)
    determination = serializers.DictField(help_text="What the rules in force say today, with the versions cited")


class CertificationSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=120)
    agreed = serializers.BooleanField()


def whole(application: Application, person: Person) -> dict[str, Any]:
    filed = as_filed(application)
    return {
        "id": application.pk,
        "name": application.name,
        "edition": application.edition,
        "control_number": None if application.is_draft else application.case.control_number,
        "sha256": sha256(filed),
        "answers": filed,
        "missing": [vars(gap) for gap in still_missing(filed, person)],
        "determination": determination_today(filed, person).to_json(),
    }


class Applications(generics.ListAPIView[Application]):
    serializer_class = ApplicationSerializer
    pagination_class = ByEdit

    def get_queryset(self) -> Any:
        return Application.objects.visible_to(person_of(self.request)).select_related("case")

    @extend_schema(request=NewApplicationSerializer, responses={201: WholeApplicationSerializer})
    def post(self, request: Request) -> Response:
        """Start a draft; whole or in part. Nothing is kept when anything in it cannot be right."""
        given = NewApplicationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answers = dict(given.validated_data)
        parties, items, sites = answers.pop("parties", []), answers.pop("items", []), answers.pop("sites", [])
        person = person_of(request)
        with transaction.atomic():
            application = start_application(
                actor=person, organization_id=organization_of(request).pk, name=answers.pop("name")
            )
            application = edit_application(actor=person, application_id=application.pk, **answers)
            for row in parties:
                add_party(actor=person, application_id=application.pk, role=row["role"], party_id=row["party"])
            for row in items:
                version = row.pop("model_version")
                add_item(actor=person, application_id=application.pk, model_version_id=version, **row)
            for site in sites:
                add_site(actor=person, application_id=application.pk, site_id=site)
        return Response(
            WholeApplicationSerializer(whole(_mine(request, application.pk), person)).data, status.HTTP_201_CREATED
        )


def _mine(request: Request, application_id: uuid.UUID) -> Application:
    return (
        Application.objects.visible_to(person_of(request)).select_related("case", "organization").get(pk=application_id)
    )


class OneApplication(APIView):
    @extend_schema(responses=WholeApplicationSerializer)
    def get(self, request: Request, application_id: uuid.UUID) -> Response:
        """The whole application, and all that is still missing."""
        return Response(WholeApplicationSerializer(whole(_mine(request, application_id), person_of(request))).data)

    @extend_schema(request=AnswersSerializer, responses=WholeApplicationSerializer)
    def patch(self, request: Request, application_id: uuid.UUID) -> Response:
        """Change answers of a draft. A certification that stands is void afterwards."""
        given = AnswersSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        application = _mine(request, application_id)
        edit_application(actor=person_of(request), application_id=application.pk, **given.validated_data)
        return Response(WholeApplicationSerializer(whole(_mine(request, application_id), person_of(request))).data)


class CertifyApplication(APIView):
    @extend_schema(request=CertificationSerializer, responses={204: None})
    def post(self, request: Request, application_id: uuid.UUID) -> Response:
        """Certify the application as it stands; only an authorized official may."""
        given = CertificationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        application = _mine(request, application_id)
        certify(actor=person_of(request), application_id=application.pk, **given.validated_data)
        return Response(status=status.HTTP_204_NO_CONTENT)


class FileApplication(APIView):
    @extend_schema(request=None, responses={201: CaseSerializer})
    def post(self, request: Request, application_id: uuid.UUID) -> Response:
        """File a certified application; answers with its case."""
        application = _mine(request, application_id)
        case = file_application(actor=person_of(request), application_id=application.pk)
        return Response(CaseSerializer(case).data, status.HTTP_201_CREATED)
