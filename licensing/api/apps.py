from importlib import import_module

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "licensing.api"

    def ready(self) -> None:
        import_module("licensing.api.schema")
