from importlib import import_module

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "licensing.catalog"

    def ready(self) -> None:
        import_module("licensing.catalog.wiring")
