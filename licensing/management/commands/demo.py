"""`manage.py demo`: one application from draft to signed license, told over HTTP on a site of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone

from licensing import seeding
from licensing.audit.models import Refusal
from licensing.audit.queries import verify as verify_trail
from licensing.cases.models import Case
from licensing.celery import app
from licensing.demo.story import Story
from licensing.demo.visitor import StoryBroken
from licensing.documents.verify import verify
from licensing.local.orphans import ends_with_parent
from licensing.local.places import roots
from licensing.local.processes import Site, SiteFailed
from workflows import reports

FOLDER = "demo"
STAGE = "site"


def _clear(manage: list[str], environment: dict[str, str], stage: Path) -> None:
    """Stop what runs on a stage and take its embedded servers away; logs, mails and documents stay."""
    subprocess.run([*manage, "stop"], env=environment, check=False, capture_output=True)  # noqa: S603 - ourselves
    for left in roots(stage):
        shutil.rmtree(left, ignore_errors=True)


class Command(BaseCommand):
    help = "Tell the main job over HTTP, on a fresh site of its own; --keep leaves the site running afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--keep", action="store_true", help="leave the site running until Ctrl-C")
        parser.add_argument("--on-stage", action="store_true", help="the var folder is the demo's own already")

    def handle(self, *, keep: bool, on_stage: bool, **options: Any) -> None:
        if not on_stage:
            sys.exit(self._on_a_fresh_stage(keep=keep))
        began = time.monotonic()
        try:
            site = Site(app=app, var_dir=settings.SERVERS_DIR, port=0)
            call_command("migrate", verbosity=0)
            passwords = seeding.load()
            connections.close_all()
            with site:
                self.stdout.write(f"Web server, worker and beat are up at {site.url}")
                story = self._story(site, passwords)
                story.tell()
                self._close(story)
                told = f"{story.license_number} in {time.monotonic() - began:.0f} s: {story.folder / 'license.pdf'}"
                if keep:
                    self._keep(site, passwords, told)
                self.stdout.write(self.style.SUCCESS(f"\n{told}"))
        except (SiteFailed, StoryBroken) as error:
            raise CommandError(f"the demo stopped: {error}") from error
        except KeyboardInterrupt:
            self.stdout.write("stopped")

    def _on_a_fresh_stage(self, *, keep: bool) -> int:
        """Run again in a folder of its own, so that the demo never meets anybody's data. With a DATABASE_URL, on that database."""
        folder = Path(settings.VAR_DIR) / FOLDER
        stage = folder / STAGE
        environment = {**os.environ, "ENTENTE_VAR_DIR": str(stage)}
        manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
        command = [*manage, "demo", "--on-stage", *(["--keep"] if keep else [])]
        _clear(manage, environment, stage)
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True)
        try:
            told = subprocess.run(  # noqa: S603 - ourselves
                command, env=environment, check=False, preexec_fn=ends_with_parent(signal.SIGTERM)
            )
        finally:
            _clear(manage, environment, stage)
        return told.returncode

    def _story(self, site: Site, passwords: dict[str, str]) -> Story:
        folder = Path(settings.VAR_DIR).parent
        say = lambda line: self.stdout.write(line)  # noqa: E731 - flushes line by line
        return Story(site.url, passwords, folder, Path(settings.EMAIL_FILE_PATH), say, site.check)

    def _close(self, story: Story) -> None:
        """What only the system itself can say: the signature once more, the audit chain, the log of refusals, the timeline."""
        checked = verify((story.folder / "license.pdf").read_bytes())
        if not checked.genuine:
            raise StoryBroken(f"the license does not verify: {checked.sentences}")
        broken = verify_trail()
        if broken:
            raise StoryBroken(f"the audit chain is broken: {broken[0]}")
        refusals = list(Refusal.objects.values_list("actor_label", "event", "code"))
        story.done(f"Signature by {checked.signed_by}; audit chain whole; refusals logged: {refusals}")
        self._timeline(story)

    def _timeline(self, story: Story) -> None:
        case = Case.objects.select_related("workflow").get(control_number=story.control_number)
        now = timezone.now()
        rows = reports.stage_times(case.workflow, now)
        self.stdout.write(f"\n{story.control_number}: {case.outcome}, license {story.license_number}")
        self.stdout.write(f"  {'stage':10} {'entered':>12} {'running':>10} {'stopped':>10}  outcome")
        for row in rows:
            running, stopped = row.running.total_seconds(), row.stopped.total_seconds()
            self.stdout.write(
                f"  {row.stage:10} {row.entered_at:%H:%M:%S.%f}"[:-3]
                + f" {running:8.2f} s {stopped:8.2f} s  {row.outcome}"
            )
        events = [
            {"at": event.at.isoformat(), "kind": event.kind, "actor": event.actor.label, **event.data}
            for event in reports.timeline(case.workflow)
        ]
        review = next(event for event in events if event["kind"] == "stage_entered" and event["stage"] == "review")
        statuses = {seat["key"]: seat["status"] for seat in review["seats"]}
        if statuses.get("energy") != "skipped":
            raise StoryBroken(f"Energy has a seat that nothing calls for: {statuses}")
        (story.folder / "timeline.json").write_text(json.dumps(events, indent=1, default=str), encoding="utf-8")

    def _keep(self, site: Site, passwords: dict[str, str], told: str) -> None:
        self.stdout.write(f"\n{site.url} stays up until Ctrl-C. People and their passwords:")
        for member in seeding.PEOPLE:
            self.stdout.write(f"  {member.email:34} {passwords[member.email]}")
        self.stdout.write(self.style.SUCCESS(f"\n{told}"))
        site.wait()
