"""`manage.py stop`: end what runs here: sites, worker, beat, embedded servers."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from licensing.local import leases, processes


class Command(BaseCommand):
    help = "Stop the sites and embedded servers of this var folder."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        sites = processes.end_all(settings.SERVERS_DIR)
        servers = leases.stop(settings.SERVERS_DIR)
        stopped = [*([f"{sites} site(s)"] if sites else []), *servers]
        self.stdout.write(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
