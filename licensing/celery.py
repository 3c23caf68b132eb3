"""The Celery application: `celery -A licensing worker`."""

import os
from typing import Any

import kombu
from celery import Celery
from django.conf import settings

from licensing.local import leases

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "licensing.settings")


class LicensingCelery(Celery):
    """Celery, which starts the embedded Redis before the first connection when no REDIS_URL is given."""

    def connection_for_read(self, url: str | None = None, **kwargs: Any) -> kombu.Connection:
        _broker_up()
        return super().connection_for_read(url, **kwargs)

    def connection_for_write(self, url: str | None = None, **kwargs: Any) -> kombu.Connection:
        _broker_up()
        return super().connection_for_write(url, **kwargs)


def _broker_up() -> None:
    if settings.ENVIRONMENT.redis_url is None:
        leases.hold(settings.SERVERS_DIR, "redis")


app = LicensingCelery("licensing")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
