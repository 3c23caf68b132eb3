"""What this room brings to the others, done once when the applications are ready."""

from licensing.audit import wording
from licensing.oversight.commands.asking import EFFECT, owe_impact
from licensing.oversight.commands.running import assess
from licensing.oversight.events import WORDING, ImpactEvent
from licensing.publishing import observers
from workflows import outbox

wording.register(ImpactEvent, WORDING)
outbox.register(EFFECT, assess, "checks")
observers.follow(owe_impact)
