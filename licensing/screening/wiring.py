"""What this room brings to the others, done once when the applications are ready."""

from licensing.audit import wording
from licensing.publishing import observers
from licensing.screening.commands import checks, sources
from licensing.screening.events import WORDING, ScreeningEvent
from licensing.screening.policies import KIND, ScreeningPolicies
from workflows import outbox

wording.register(ScreeningEvent, WORDING)
observers.register(KIND, ScreeningPolicies(), desk="Screening policies")
outbox.register(sources.FETCH, sources.fetch_effect, "checks", seconds=sources.FETCH_SECONDS)
outbox.register(checks.SCREEN_PART, checks.screen_part_effect, "checks")
