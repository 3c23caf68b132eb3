from importlib import import_module

from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "licensing.oversight"

    def ready(self) -> None:
        import_module("licensing.oversight.wiring")
