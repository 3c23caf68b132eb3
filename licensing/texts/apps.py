from importlib import import_module

from django.apps import AppConfig


class TextsConfig(AppConfig):
    name = "licensing.texts"

    def ready(self) -> None:
        import_module("licensing.texts.wiring")
