"""What this room brings to the others, done once when the applications are ready."""

from licensing.audit import wording
from licensing.parties.events import WORDING, PartyEvent

wording.register(PartyEvent, WORDING)
