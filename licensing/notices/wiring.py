"""What this room brings to the others, done once when the applications are ready."""

from licensing.notices import commands
from workflows import outbox

outbox.register(commands.SEND, commands.send_effect, "notices")
