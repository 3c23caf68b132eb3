"""`manage.py audit verify [--subject kind:id] [--checkpoint NUMBER:HASH]` and `manage.py audit seal`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from licensing.audit import commands, queries
from licensing.audit.models import Checkpoint, Event


class Command(BaseCommand):
    help = "Verify the audit trail, naming the first broken link; or seal a checkpoint."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        verify = actions.add_parser("verify", help="verify every chain, head and checkpoint (exit code 1 when broken)")
        verify.add_argument("--subject", help="one subject only, as kind:id, e.g. cases.case:17")
        verify.add_argument(
            "--checkpoint", help="a checkpoint that you wrote down, as NUMBER:HASH, which must still be there"
        )
        actions.add_parser("seal", help="seal a checkpoint now")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "seal":
            self._seal()
        else:
            self._verify(options["subject"], options["checkpoint"])

    def _seal(self) -> None:
        checkpoint = commands.seal_checkpoint()
        if checkpoint is None:
            self.stdout.write("Nothing has moved since the last checkpoint.")
        else:
            self.stdout.write(f"Checkpoint {checkpoint.number} seals {checkpoint.count} heads: {checkpoint.hash}")

    def _verify(self, subject: str | None, written_down: str | None) -> None:
        if written_down:
            self._expect(written_down)
        broken = queries.verify(_subject(subject) if subject else None)
        if broken:
            for link in broken[1:]:
                self.stderr.write(f"also broken: {link}")
            raise CommandError(f"first broken link: {broken[0]}", returncode=1)
        self.stdout.write(f"{Event.objects.count()} events hold.")
        last = queries.last_checkpoint()
        if last:
            self.stdout.write(f"Last checkpoint, to be written down elsewhere: {last.number}:{last.hash}")

    def _expect(self, written_down: str) -> None:
        number, _, digest = written_down.partition(":")
        if not number.isdecimal() or not digest:
            raise CommandError(f"--checkpoint {written_down!r}: give it as NUMBER:HASH, e.g. 12:9f86d0…")
        if not Checkpoint.objects.filter(number=int(number), hash=digest).exists():
            raise CommandError(f"first broken link: checkpoint {number} is not the one written down", returncode=1)


def _subject(text: str) -> tuple[str, str]:
    kind, _, key = text.partition(":")
    if not kind or not key:
        raise CommandError(f"--subject {text!r}: give it as kind:id, e.g. cases.case:17")
    return kind, key
