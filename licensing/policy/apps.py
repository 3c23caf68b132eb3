from importlib import import_module

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "licensing.policy"

    def ready(self) -> None:
        import_module("licensing.policy.wiring")
