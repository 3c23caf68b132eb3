from importlib import import_module

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "licensing.documents"

    def ready(self) -> None:
        import_module("licensing.documents.wiring")
