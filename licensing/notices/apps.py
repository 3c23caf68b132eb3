from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "licensing.notices"
