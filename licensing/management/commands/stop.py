"""`manage.py stop`: end what runs here: sites, worker, beat, embedded servers."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from licensing.local import leases, processes
from licensing.local.places import var_dirs


class Command(BaseCommand):
    help = "Stop the sites and embedded servers of this var folder, the demo and the tests included."
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        folders = var_dirs(settings.SERVERS_DIR)
        sites = sum(processes.end_all(folder) for folder in folders)
        servers = [kind for folder in folders for kind in leases.stop(folder)]
        stopped = [*([f"{sites} site(s)"] if sites else []), *servers]
        self.stdout.write(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
