from django.apps import AppConfig


class LicensesConfig(AppConfig):
    name = "licensing.licenses"
