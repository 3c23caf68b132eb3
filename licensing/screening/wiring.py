"""What this room brings to the others, done once when the applications are ready."""

from licensing.audit import wording
from licensing.screening.events import WORDING, ScreeningEvent

wording.register(ScreeningEvent, WORDING)
