from importlib import import_module

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "licensing.cases"

    def ready(self) -> None:
        import_module("licensing.cases.wiring")
