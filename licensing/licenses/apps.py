from importlib import import_module

from django.apps import AppConfig


class LicensesConfig(AppConfig):
    name = "licensing.licenses"

    def ready(self) -> None:
        import_module("licensing.licenses.wiring")
