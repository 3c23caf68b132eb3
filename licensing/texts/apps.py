from django.apps import AppConfig


class TextsConfig(AppConfig):
    name = "licensing.texts"
