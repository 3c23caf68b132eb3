from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "licensing.policy"
