"""What may stand in the trail of an application and a case, and one sentence for each."""

from enum import StrEnum


class ApplicationEvent(StrEnum):
    STARTED = "application:draft:started"
    EDITED = "application:draft:edited"
    PARTY_ADDED = "application:party:added"
    PARTY_REMOVED = "application:party:removed"
    ITEM_ADDED = "application:item:added"
    ITEM_REMOVED = "application:item:removed"
    SITE_ADDED = "application:site:added"
    SITE_REMOVED = "application:site:removed"
    ATTACHED = "application:attachment:added"
    DETACHED = "application:attachment:removed"
    CERTIFIED = "application:certification:given"
    VOIDED = "application:certification:voided"
    FILED = "application:filed"


class CaseEvent(StrEnum):
    REGISTERED = "case:registered"
    CHECKED = "case:checks:run"
    NOT_SCREENED = "case:screening:impossible"
    SCREENING_ASKED = "case:screening:asked"
    MOVED = "case:workflow:moved"
    RECOMMENDED = "case:recommendation:made"
    ASKED = "case:question:asked"
    TO_BE_ASKED = "case:question:wanted"
    ANSWERED = "case:question:answered"
    PROPOSED = "case:decision:proposed"
    COUNTERSIGNED = "case:decision:countersigned"
    RETURNED = "case:decision:returned"
    WITHDRAWN = "case:withdrawn"
    APPEALED = "case:appeal:filed"
    APPEAL_DECIDED = "case:appeal:decided"
    STAY_REQUESTED = "case:appeal:stay_requested"
    STAYED = "case:appeal:stayed"
    STAY_REFUSED = "case:appeal:stay_refused"
    STAY_LIFTED = "case:appeal:stay_lifted"
    WROTE = "case:letter:written"
    CLOSED = "case:closed"


class WorkEvent(StrEnum):
    """Work that the office owes; it stands in the trail of the authority."""

    OWED_AGAIN = "case:work:owed_again"


WORDING: dict[StrEnum, str] = {
    ApplicationEvent.STARTED: "Draft started: {name}",
    ApplicationEvent.EDITED: "Answers changed: {fields}",
    ApplicationEvent.PARTY_ADDED: "{party} added as {role}",
    ApplicationEvent.PARTY_REMOVED: "{party} removed as {role}",
    ApplicationEvent.ITEM_ADDED: "Item {number} added: {item}",
    ApplicationEvent.ITEM_REMOVED: "Item {number} removed: {item}",
    ApplicationEvent.SITE_ADDED: "Site added: {site}",
    ApplicationEvent.SITE_REMOVED: "Site removed: {site}",
    ApplicationEvent.ATTACHED: "Attached {title} (SHA-256 {sha256})",
    ApplicationEvent.DETACHED: "Attachment removed: {title}",
    ApplicationEvent.CERTIFIED: "Certified by {title}: application with SHA-256 {sha256}",
    ApplicationEvent.VOIDED: "Certification voided by an edit",
    ApplicationEvent.FILED: "Filed as {control_number}",
    CaseEvent.REGISTERED: "Registered as {control_number}; application SHA-256 {sha256}",
    CaseEvent.CHECKED: "Automated checks: {outcome}",
    CaseEvent.NOT_SCREENED: "The parties cannot be screened: {why}",
    CaseEvent.SCREENING_ASKED: "Asked for another screening of the parties",
    CaseEvent.MOVED: "{moves}",
    CaseEvent.RECOMMENDED: "{seat} recommends: {vote}",
    CaseEvent.ASKED: "{seat} asks the applicant",
    CaseEvent.TO_BE_ASKED: "A question on a screening hit waits until the applicant can be asked: {question}",
    CaseEvent.ANSWERED: "The applicant answers",
    CaseEvent.PROPOSED: "Proposed: {action} (SHA-256 {sha256})",
    CaseEvent.COUNTERSIGNED: "Countersigned: {action}",
    CaseEvent.RETURNED: "Returned by the countersigner: {reason}",
    CaseEvent.APPEALED: "Appeal {reference} against: {against}",
    CaseEvent.APPEAL_DECIDED: "Appeal decided: {outcome}. {reason}",
    CaseEvent.STAY_REQUESTED: "A stay is asked for in appeal {reference}: {reason}",
    CaseEvent.STAYED: "The decision is stayed for appeal {reference}: {reason}",
    CaseEvent.STAY_REFUSED: "A stay is refused in appeal {reference}: {reason}",
    CaseEvent.STAY_LIFTED: "The stay for appeal {reference} is lifted: {reason}",
    CaseEvent.WROTE: "A letter to the applicant: {title}",
    CaseEvent.WITHDRAWN: "Withdrawn by the applicant: {reason}",
    CaseEvent.CLOSED: "Closed: {outcome}",
    WorkEvent.OWED_AGAIN: "Failed work is tried again: {effect} {key}",
}
