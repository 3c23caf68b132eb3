from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "licensing.publishing"
