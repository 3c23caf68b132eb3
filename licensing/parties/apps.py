from importlib import import_module

from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "licensing.parties"

    def ready(self) -> None:
        import_module("licensing.parties.wiring")
