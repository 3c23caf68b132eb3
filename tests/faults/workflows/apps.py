from datetime import timedelta
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class OfficeConfig(AppConfig):
    name = "tests.faults.workflows"
    label = "office"
    path = str(Path(__file__).parent)

    def ready(self) -> None:
        from tests.faults.workflows import app, office  # noqa: F401, PLC0415 - models are there only now
        from workflows import outbox  # noqa: PLC0415

        outbox.LEASE = timedelta(seconds=settings.LEASE_SECONDS)
        office.register()
