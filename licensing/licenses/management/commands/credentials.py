"""`manage.py credentials`: the keys that credentials and bundles are signed with."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import Refused
from licensing.licenses.credential import retire_key, withdraw_key
from licensing.licenses.models import CredentialKey


class Command(BaseCommand):
    help = "List, retire or withdraw the keys of credentials. A new key is one that ENTENTE_CREDENTIAL_KEY names."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("keys", help="every key, with its period")
        retire = acts.add_parser("retire", help="it signs no more; what it signed stays good")
        retire.add_argument("kid")
        withdraw = acts.add_parser("withdraw", help="it was lost to others: nothing that it signed proves anything")
        withdraw.add_argument("kid")
        withdraw.add_argument("--reason", required=True)

    def handle(self, *args: Any, act: str, kid: str = "", reason: str = "", **options: Any) -> None:
        now = timezone.now()
        try:
            if act == "retire":
                retire_key(actor=SYSTEM, kid=kid, at=now)
            elif act == "withdraw":
                withdraw_key(actor=SYSTEM, kid=kid, at=now, reason=reason)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        for row in CredentialKey.objects.all():
            ended = [
                f"{word} {at:%Y-%m-%d %H:%M}"
                for word, at in (("retired", row.retired_at), ("withdrawn", row.withdrawn_at))
                if at
            ]
            self.stdout.write("  ".join([row.kid, f"since {row.first_used_at:%Y-%m-%d %H:%M}", *ended]))
