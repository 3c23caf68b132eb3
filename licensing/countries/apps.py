from importlib import import_module

from django.apps import AppConfig


class CountriesConfig(AppConfig):
    name = "licensing.countries"

    def ready(self) -> None:
        import_module("licensing.countries.wiring")
