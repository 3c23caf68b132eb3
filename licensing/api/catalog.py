"""Models and their versions, parties and sites: what an application is put together from."""

from typing import Any

from rest_framework import serializers

from licensing.catalog.models import Model, ModelVersion
from licensing.parties.models import Party, Site


class VersionSerializer(serializers.ModelSerializer[ModelVersion]):
    class Meta:
        model = ModelVersion
        fields = [
            *("id", "name", "weights", "derivation", "parent", "total_parameters", "active_parameters"),
            *("modalities", "model_hash", "security_level"),
        ]


class ModelSerializer(serializers.ModelSerializer[Model]):
    versions = VersionSerializer(many=True, read_only=True)

    class Meta:
        model = Model
        fields = ["id", "name", "developer", "versions"]


class PartySerializer(serializers.ModelSerializer[Party]):
    class Meta:
        model = Party
        exclude = ["organization"]


class SiteSerializer(serializers.ModelSerializer[Site]):
    class Meta:
        model = Site
        exclude = ["organization"]


class TrainingSerializer(serializers.Serializer[Any]):
    stage = serializers.CharField()
    operations = serializers.CharField(help_text="In full or as 2.1e26")
    method = serializers.CharField()
    evidence = serializers.CharField()


class NewVersionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200)
    weights = serializers.CharField()
    derivation = serializers.CharField(required=False)
    parent = serializers.IntegerField(required=False)  # type: ignore[assignment] # a field; the base has a property
    total_parameters = serializers.IntegerField(required=False)
    active_parameters = serializers.IntegerField(required=False)
    modalities = serializers.ListField(child=serializers.CharField(), required=False)
    model_hash = serializers.CharField(required=False)
    security_level = serializers.IntegerField(required=False)
    training = TrainingSerializer(many=True, required=False)
