"""`manage.py license verify FILE`: whether a PDF is a license of ours, whole and the one that was meant, and its status now."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from licensing.documents.verify import MOST_BYTES
from licensing.licenses.proof import prove


class Command(BaseCommand):
    help = "Check a license as a PDF. Exit code 0: genuine and in force; 1: not."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        verify = acts.add_parser("verify", help="is it genuine, altered (where), not ours; and the status now")
        verify.add_argument("file", type=Path)
        verify.add_argument("--number", default="", help="the license that it is said to be")

    def handle(self, *args: Any, file: Path, number: str, **options: Any) -> None:
        try:
            if file.stat().st_size > MOST_BYTES:
                raise CommandError(f"{file} is larger than {MOST_BYTES // 2**20} MB: a license is smaller.")
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        proof = prove(content, timezone.now(), number=number)
        for sentence in proof.sentences:
            self.stdout.write(sentence)
        if proof.status is not None:
            status = proof.status
            self.stdout.write(f"License {status.number} is {status.status} as of {status.as_of:%Y-%m-%d %H:%M} UTC.")
        if not proof.holds:
            raise CommandError("Do not rely on this file.")
