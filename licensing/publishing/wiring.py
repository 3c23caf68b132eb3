"""What this room brings to the others, done once when the applications are ready."""

from licensing.audit import wording
from licensing.publishing.events import WORDING, PublicationEvent

wording.register(PublicationEvent, WORDING)
