from importlib import import_module

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "licensing.notices"

    def ready(self) -> None:
        import_module("licensing.notices.wiring")
