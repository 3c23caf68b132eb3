"""`manage.py run`: the site on this machine, with its worker and beat, until Ctrl-C."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from licensing.celery import app
from licensing.local.processes import Site, SiteFailed


class Command(BaseCommand):
    help = "Start web, worker and beat on this machine; PORT chooses the port; Ctrl-C stops them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=settings.ENVIRONMENT.port, help="0 takes a free one")

    def handle(self, *, port: int, **options: Any) -> None:
        try:
            site = Site(app=app, var_dir=settings.SERVERS_DIR, port=port, echo=True)
            call_command("migrate", verbosity=0)
            call_command("seed")
            connections.close_all()
            with site:
                self.stdout.write(self.style.SUCCESS(f"Entente is at {site.url} (Ctrl-C stops it)"))
                site.wait()
        except SiteFailed as error:
            raise CommandError(str(error), returncode=2) from error
        except KeyboardInterrupt:
            self.stdout.write("stopped")
