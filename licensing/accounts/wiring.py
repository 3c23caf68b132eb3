"""What this room brings to the others, done once when the applications are ready."""

from licensing.accounts.events import WORDING, AccountEvent
from licensing.audit import wording

wording.register(AccountEvent, WORDING)
