"""Every status that a page shows: its words, its color and what it means. The one place that knows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """`color` is a modifier of GOV.UK Frontend's tag; the words say everything, the color only helps."""

    words: str
    color: str = "grey"
    meaning: str = ""


STATUSES: dict[str, Status] = {
    # an application's task list
    "not started": Status("Not started", meaning="Nothing has been answered yet."),
    "in progress": Status("In progress", "yellow", "Some answers are still missing."),
    "completed": Status("Completed", "green", "Nothing is missing here."),
    "optional": Status("Optional", meaning="It may be left empty."),
    # a case, as its applicant sees it
    "draft": Status("Draft", meaning="It is being written, and has no effect yet."),
    "registered": Status("Registered", "blue", "It has a control number, and is being checked."),
    "in review": Status("In review", "blue", "Government agencies are reviewing it."),
    "being decided": Status("Being decided", "blue", "The reviews are in; the decision is being prepared."),
    "waiting for you": Status("Waiting for you", "orange", "The clock is stopped until you answer."),
    "intent to deny": Status("Intent to deny", "red", "It will be denied unless the answer changes that."),
    "approved": Status("Approved", "green", "A license has been issued."),
    "denied": Status("Denied", "red", "No license is issued."),
    "no license required": Status("No license required", "teal", "It may go ahead without a license."),
    "no_license_required": Status("No license required", "teal", "It may go ahead without a license."),
    "returned": Status("Returned", "yellow", "It was returned without a decision."),
    "returned_without_action": Status("Returned without action", "yellow", "It was returned without a decision."),
    "stopped": Status("Stopped", "yellow", "It ended without a decision."),
    "upheld": Status("Upheld", "red", "What was decided stands; the appeal is over."),
    "set_aside": Status("Set aside", "green", "What was decided has no effect any more."),
    "closed": Status("Closed", meaning="Nothing more will be done."),
    "open": Status("Open", "blue", "It waits for somebody to act."),
    "stuck": Status("Stuck", "red", "It cannot go on by itself; an administrator has to look at it."),
    # seats
    "waiting": Status("Not yet open", meaning="Something else has to come first."),
    "claimed": Status("Claimed", "purple", "Somebody has taken it on."),
    "voted": Status("Done", "green", "The seat has said what it had to say."),
    "skipped": Status("Not needed", meaning="The facts of the case do not call for this seat."),
    "cancelled": Status("Canceled", meaning="It ended before it was done."),
    # recommendations and decisions
    "approve": Status("Approve", "green", "The seat recommends approval."),
    "approve_with_conditions": Status("Approve with conditions", "teal", "Approval is recommended on conditions."),
    "proviso": Status("Approve with provisos", "teal", "Approval is recommended on conditions."),
    "no_objection": Status("No objection", "green", "The seat has nothing against it."),
    "deny": Status("Deny", "red", "The seat recommends a denial."),
    "refuse": Status("Refuse", "red", "The seat recommends a refusal."),
    # gates
    "clear": Status("Clear", "green", "Nothing stands against an approval."),
    "pending": Status("Waits for somebody", "yellow", "An approval has to wait."),
    "blocked": Status("Blocked", "red", "An approval is not possible."),
    # what people hand in
    "being_scanned": Status("Being looked at", "yellow", "It is looked at for malware before it can be opened."),
    "clean": Status("Clean", "green", "No malware was found in it."),
    "infected": Status("Infected", "red", "Malware was found in it; it is not given out."),
    "not_scanned": Status("Not looked at", meaning="No scanner for malware is configured here."),
    # screening
    "potential": Status("Undecided", "orange", "A person has to look at it."),
    "awaiting_second": Status("Waits for a second person", "orange", "A second person has to confirm the true match."),
    "false_match": Status("False match", "green", "It is another party."),
    "true_match": Status("True match", "red", "It is the listed party."),
    "taking_back": Status(
        "To be taken back", "orange", "A second person has to agree that it is not the listed party."
    ),
    "inconclusive": Status("Cannot be told yet", "yellow", "More has to be known about the party."),
    # publications
    "proposed": Status("Proposed", "yellow", "A second person has to publish it."),
    "published": Status("Published", "green", "It can no longer be changed."),
    "withdrawn": Status("Withdrawn", meaning="It was given up before it was published."),
    # control orders
    "confidential": Status("Confidential", "purple", "Only its company and people who are cleared may know of it."),
    "disclosed": Status("Disclosed", "blue", "Everybody may know of it."),
    # authorizations and releases
    "in use": Status("In use", "green", "Your company has begun to use it."),
    "not used": Status("Not used", meaning="Your company does not use it."),
    "overdue": Status("Report overdue", "red", "Nothing may be released under it until the report is made."),
    "allowed": Status("Allowed", "green", "The release was allowed."),
    "not allowed": Status("Not allowed", "red", "Something was missing."),
    # what is received under an authorization without a case
    "received": Status("Received", "blue", "Nobody at the authority has said anything to it yet."),
    "noted": Status("Acknowledged", "green", "The authority has taken note of it."),
    "objected": Status("Objected to", "red", "Nothing may be released on it."),
    "license_informed": Status(
        "License required", "red", "Nothing may be released to this recipient without a license."
    ),
    "asked": Status("Question open", "orange", "The company has to answer first."),
    "answered": Status("Answered", "yellow", "The company has answered, and the authority reads it."),
    "voided": Status("Void", meaning="It counts as not done."),
    # licenses
    "valid": Status("Valid", "green", "It is in force."),
    "reinstated": Status("Reinstated", "green", "It is in force again."),
    "stayed": Status("Stayed", "teal", "It is in force while the appeal against what stopped it is decided."),
    "not_begun": Status("Not yet in force", "blue", "It begins at a later day."),
    "suspended": Status("Suspended", "orange", "Nothing may be done under it until the suspension is lifted."),
    "exhausted": Status("Exhausted", meaning="What it allowed has been used up."),
    "frozen": Status("Frozen", "orange", "An order suspends it."),
    "freed": Status("Freed", "green", "No order suspends it any more."),
    "expired": Status("Expired", meaning="It is no longer in force."),
    "replaced": Status("Replaced", "yellow", "Another license has taken its place."),
    "surrendered": Status("Surrendered", meaning="The licensee has given it up."),
    "revoked": Status("Revoked", "red", "The authority has taken it back."),
    "void": Status("Void", "red", "It never had any effect."),
    # conditions of a license, and who has acknowledged them
    "binding": Status("Binding", "blue", "Acting against it is acting without a license."),
    "explains": Status("Explains", meaning="It binds nobody."),
    "not_met": Status("Not met yet", "orange", "Nothing may be done under the license before it is met."),
    "met": Status("Met", "green", "What it asked for before the first use is there."),
    "lapsed": Status("Lapsed", meaning="It binds no more."),
    "acknowledged": Status("Acknowledged", "green", "The party has acknowledged the conditions as they stand."),
    "not_acknowledged": Status("Not yet", "yellow", "The party has not acknowledged the conditions."),
    # requests to change a license
    "requested": Status("Waits for a decision", "yellow", "The authority has to decide."),
    "to_be_accepted": Status("Waits for acceptance", "orange", "The transferee has to accept first."),
    "granted": Status("Granted", "green", "A new revision has been made."),
    "refused": Status("Refused", "red", "The license stays as it is."),
}


def status_of(name: str) -> Status:
    """A status by its name; one that nobody has registered is shown as it is called."""
    return STATUSES.get(str(name), Status(str(name).replace("_", " ").capitalize()))
