"""The product as one Django application: loading it makes Celery's application the current one everywhere."""

from django.apps import AppConfig

from licensing.celery import app

__all__ = ["LicensingConfig", "app"]


class LicensingConfig(AppConfig):
    """First in INSTALLED_APPS, so that a task called from any process reaches the configured broker."""

    name = "licensing"
    verbose_name = "Entente"
