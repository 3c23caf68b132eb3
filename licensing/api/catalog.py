"""Models and their versions, parties and sites: what an application is put together from."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from licensing.api.pagination import ById
from licensing.api.requests import organization_of, person_of
from licensing.catalog.commands import register_model, register_version
from licensing.catalog.models import Model, ModelVersion
from licensing.parties.commands import register_party, register_site
from licensing.parties.models import Party, Site


class VersionSerializer(serializers.ModelSerializer[ModelVersion]):
    operations = serializers.CharField(source="training_operations", read_only=True)

    class Meta:
        model = ModelVersion
        fields = [
            "id", "name", "weights", "operations", "derivation", "parent", "total_parameters", "active_parameters", "modalities",
            "model_hash", "security_level",
        ]  # fmt: skip


class ModelSerializer(serializers.ModelSerializer[Model]):
    versions = VersionSerializer(many=True, read_only=True)

    class Meta:
        model = Model
        fields = ["id", "name", "developer", "versions"]


class NewModelSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    developer = serializers.CharField(max_length=300, required=False)


class TrainingSerializer(serializers.Serializer[Any]):
    stage = serializers.CharField()
    operations = serializers.CharField(help_text="In full or as 2.1e26")
    method = serializers.CharField()
    evidence = serializers.CharField(required=False)


class NewVersionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    weights = serializers.CharField()
    derivation = serializers.CharField(required=False)
    parent_id = serializers.IntegerField(required=False)
    total_parameters = serializers.IntegerField(required=False)
    active_parameters = serializers.IntegerField(required=False)
    modalities = serializers.ListField(child=serializers.CharField(), required=False)
    model_hash = serializers.CharField(required=False, help_text="SHA-256 of the weights manifest")
    security_level = serializers.IntegerField(required=False)
    training = TrainingSerializer(many=True, required=False)


class PartySerializer(serializers.ModelSerializer[Party]):
    class Meta:
        model = Party
        exclude = ["organization", "audit_sequence", "audit_head"]


class SiteSerializer(serializers.ModelSerializer[Site]):
    class Meta:
        model = Site
        exclude = ["organization", "audit_sequence", "audit_head"]


class Models(generics.ListAPIView[Model]):
    """The models of your organizations, with their versions."""

    serializer_class = ModelSerializer
    pagination_class = ById

    def get_queryset(self) -> Any:
        mine = person_of(self.request).applicant_organizations()
        return Model.objects.filter(organization__in=mine).prefetch_related(
            "versions__training_runs", "versions__parent"
        )

    @extend_schema(request=NewModelSerializer, responses={201: ModelSerializer})
    def post(self, request: Request) -> Response:
        """Register a model."""
        given = NewModelSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        model = register_model(
            actor=person_of(request), organization_id=organization_of(request).pk, **given.validated_data
        )
        return Response(ModelSerializer(model).data, status.HTTP_201_CREATED)


class Versions(APIView):
    @extend_schema(request=NewVersionSerializer, responses={201: VersionSerializer})
    def post(self, request: Request, model_id: int) -> Response:
        """Register a version of a model, with how it was trained."""
        given = NewVersionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        mine = Model.objects.filter(organization__in=person_of(request).applicant_organizations())
        version = register_version(actor=person_of(request), model_id=mine.get(pk=model_id).pk, **given.validated_data)
        return Response(VersionSerializer(version).data, status.HTTP_201_CREATED)


class Parties(generics.ListAPIView[Party]):
    """The parties that your organizations keep."""

    serializer_class = PartySerializer
    pagination_class = ById

    def get_queryset(self) -> Any:
        return Party.objects.filter(organization__in=person_of(self.request).applicant_organizations())

    @extend_schema(request=PartySerializer, responses={201: PartySerializer})
    def post(self, request: Request) -> Response:
        """Register a party."""
        given = PartySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        party = register_party(
            actor=person_of(request), organization_id=organization_of(request).pk, **given.validated_data
        )
        return Response(PartySerializer(party).data, status.HTTP_201_CREATED)


class Sites(generics.ListAPIView[Site]):
    """The hosting sites that your organizations keep."""

    serializer_class = SiteSerializer
    pagination_class = ById

    def get_queryset(self) -> Any:
        return Site.objects.filter(organization__in=person_of(self.request).applicant_organizations())

    @extend_schema(request=SiteSerializer, responses={201: SiteSerializer})
    def post(self, request: Request) -> Response:
        """Register a site."""
        given = SiteSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        site = register_site(
            actor=person_of(request), organization_id=organization_of(request).pk, **given.validated_data
        )
        return Response(SiteSerializer(site).data, status.HTTP_201_CREATED)
