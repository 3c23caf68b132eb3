"""What may stand in the trail of a determination, and one sentence for each."""

from enum import StrEnum


class PolicyEvent(StrEnum):
    DETERMINED = "policy:determination:recorded"


WORDING: dict[PolicyEvent, str] = {
    PolicyEvent.DETERMINED: "Determined: {requirement}, under policy {policy} version {version}; lists {lists}",
}
