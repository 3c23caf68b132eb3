"""What may stand in the trail of parties and sites, and one sentence for each."""

from enum import StrEnum


class PartyEvent(StrEnum):
    REGISTERED = "parties:party:registered"
    UPDATED = "parties:party:updated"
    STAKE_RECORDED = "parties:stake:recorded"
    SITE_REGISTERED = "parties:site:registered"


WORDING: dict[PartyEvent, str] = {
    PartyEvent.REGISTERED: "Party {name} registered",
    PartyEvent.UPDATED: "Changed: {fields}",
    PartyEvent.STAKE_RECORDED: "Owns a share of {owned}",
    PartyEvent.SITE_REGISTERED: "Site {name} registered",
}
