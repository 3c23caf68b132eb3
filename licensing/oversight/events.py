"""What oversight writes into the trails of cases and licenses, and one sentence for each."""

from enum import StrEnum


class ImpactEvent(StrEnum):
    CASE_CHANGED = "oversight:case:determination_changed"
    LICENSE_CHANGED = "oversight:license:determination_changed"


class AskEvent(StrEnum):
    """Only refusals of it are written down: asking changes nothing."""

    ASKED = "oversight:impact:asked"


WORDING: dict[ImpactEvent, str] = {
    ImpactEvent.CASE_CHANGED: "{subject} was determined again after {publication}: {before} before, {after} now; {reasons}",
    ImpactEvent.LICENSE_CHANGED: "{subject} was determined again after {publication}: {before} before, {after} now; {reasons}",
}
