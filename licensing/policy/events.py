"""What may stand in the trail of a determination, and one sentence for each."""

from enum import StrEnum


class PolicyEvent(StrEnum):
    DETERMINED = "policy:determination:recorded"


class OrderEvent(StrEnum):
    OPENED = "policy:order:opened"
    SERVED = "policy:order:served"
    ACKNOWLEDGED = "policy:order:acknowledged"
    DISCLOSURE_PROPOSED = "policy:disclosure:proposed"
    DISCLOSED = "policy:order:disclosed"
    APPLIED = "policy:order:applied"


WORDING: dict[PolicyEvent, str] = {
    PolicyEvent.DETERMINED: "Determined: {requirement}, under policy {policy} version {version}; lists {lists}",
}
ORDER_WORDING: dict[OrderEvent, str] = {
    OrderEvent.OPENED: "Control order {key} on {company} opened",
    OrderEvent.SERVED: "Version {version} served on {company} at {served_at} ({method})",
    OrderEvent.ACKNOWLEDGED: "Version {version} acknowledged by {actor} (content {content_hash})",
    OrderEvent.DISCLOSURE_PROPOSED: "{actor} proposes to disclose the order",
    OrderEvent.DISCLOSED: "Disclosed to everybody",
    OrderEvent.APPLIED: "Determination {determination} of {subject} made under the order before it was disclosed",
}
