from importlib import import_module

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "licensing.publishing"

    def ready(self) -> None:
        import_module("licensing.publishing.wiring")
