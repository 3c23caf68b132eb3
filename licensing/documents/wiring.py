"""What this room brings to the others, done once when the applications are ready."""

from licensing.documents import scanning
from workflows import outbox

outbox.register(scanning.SCAN, scanning.scan_effect, "checks")
