"""`manage.py license verify FILE`: whether a PDF is a license of ours, whole and the one that was meant, and its status now.

`manage.py license scopes` writes down, for checks at the moment of release, what licenses allow that were issued before there were any.
"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from licensing.documents.verify import MOST_BYTES
from licensing.licenses.models import License
from licensing.licenses.proof import prove
from licensing.licenses.scopes import keep_scope


class Command(BaseCommand):
    help = "Check a license as a PDF (exit code 0: genuine and in force; 1: not), or write down the scopes of old licenses."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        verify = acts.add_parser("verify", help="is it genuine, altered (where), not ours; and the status now")
        verify.add_argument("file", type=Path)
        verify.add_argument("--number", default="", help="the license that it is said to be")

        acts.add_parser("scopes", help="write down what licenses allow that have no scope yet")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        if act == "verify":
            self._verify(options["file"], options["number"])
        else:
            self._scopes()

    def _scopes(self) -> None:
        found = list(License.objects.issued().filter(release_terms__isnull=True).values_list("pk", flat=True))
        for pk in found:
            with transaction.atomic():
                keep_scope(License.objects.select_for_update(of=("self",)).get(pk=pk))
        self.stdout.write(f"Scopes written: {len(found)}.")

    def _verify(self, file: Path, number: str) -> None:
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
