from importlib import import_module

from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "licensing.screening"

    def ready(self) -> None:
        import_module("licensing.screening.wiring")
