"""Every status that a page shows: its words and its color. The one place that knows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """`color` is a modifier of GOV.UK Frontend's tag; the words say everything, the color only helps."""

    words: str
    color: str = "grey"


STATUSES: dict[str, Status] = {
    # an application's task list
    "not started": Status("Not started"),
    "in progress": Status("In progress", "yellow"),
    "completed": Status("Completed", "green"),
    "optional": Status("Optional"),
    # a case, as its applicant sees it
    "draft": Status("Draft"),
    "registered": Status("Registered", "blue"),
    "in review": Status("In review", "blue"),
    "being decided": Status("Being decided", "blue"),
    "waiting for you": Status("Waiting for you", "orange"),
    "intent to deny": Status("Intent to deny", "red"),
    "approved": Status("Approved", "green"),
    "denied": Status("Denied", "red"),
    "no license required": Status("No license required", "turquoise"),
    "no_license_required": Status("No license required", "turquoise"),
    "returned": Status("Returned", "yellow"),
    "returned_without_action": Status("Returned without action", "yellow"),
    "stopped": Status("Stopped", "yellow"),
    "closed": Status("Closed"),
    "open": Status("Open", "blue"),
    # recommendations and decisions
    "approve": Status("Approve", "green"),
    "approve_with_conditions": Status("Approve with conditions", "turquoise"),
    "no_objection": Status("No objection", "green"),
    "deny": Status("Deny", "red"),
    # gates
    "clear": Status("Clear", "green"),
    "pending": Status("Waits for somebody", "yellow"),
    "blocked": Status("Blocked", "red"),
    # screening
    "potential": Status("Undecided", "orange"),
    "awaiting_second": Status("Waits for a second person", "orange"),
    "false_match": Status("False match", "green"),
    "true_match": Status("True match", "red"),
    "inconclusive": Status("Cannot be told yet", "yellow"),
    # publications
    "proposed": Status("Proposed", "yellow"),
    "published": Status("Published", "green"),
    "withdrawn": Status("Withdrawn"),
    # licenses
    "valid": Status("Valid", "green"),
    "expired": Status("Expired"),
    "replaced": Status("Replaced", "yellow"),
    # seats
    "claimed": Status("Claimed", "purple"),
}


def status_of(name: str) -> Status:
    """A status by its name; one that nobody has registered is shown as it is called."""
    return STATUSES.get(str(name), Status(str(name).replace("_", " ").capitalize()))
