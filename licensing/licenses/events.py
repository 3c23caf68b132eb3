"""What may stand in the trail of a license, and one sentence for each."""

from enum import StrEnum


class LicenseEvent(StrEnum):
    ISSUED = "license:issued"
    SIGNED = "license:document:signed"
    FLAGGED = "license:screening:flagged"
    SUSPENDED = "license:suspended"
    LIFTED = "license:suspension:lifted"
    RAN_OUT = "license:suspension:ran_out"
    END_PROPOSED = "license:ending:proposed"
    END_DROPPED = "license:ending:dropped"
    ENDED = "license:ended"
    NARROWING_PROPOSED = "license:narrowing:proposed"
    NARROWING_DROPPED = "license:narrowing:dropped"
    NARROWED = "license:narrowed"
    WIDENED = "license:widened"
    RELIEF_PROPOSED = "license:reinstatement:proposed"
    RELIEF_DROPPED = "license:reinstatement:dropped"
    REINSTATED = "license:reinstated"
    STAYED = "license:stayed"
    STAY_ENDED = "license:stay:ended"
    BEGUN = "license:begun"
    EXPIRED = "license:expired"
    ASKED_TO_ACKNOWLEDGE = "license:acknowledgment:asked"
    ACKNOWLEDGED = "license:acknowledgment:given"
    CONDITION_MET = "license:condition:met"
    CONDITION_LAPSED = "license:condition:lapsed"
    USED = "license:usage:recorded"
    CORRECTED = "license:usage:corrected"
    EXHAUSTED = "license:exhausted"
    REPLENISHED = "license:replenished"
    CHANGE_REQUESTED = "license:change:requested"
    CHANGE_ACCEPTED = "license:change:accepted"
    CHANGE_PROPOSED = "license:change:proposed"
    CHANGE_GRANTED = "license:change:granted"
    CHANGE_REFUSED = "license:change:refused"
    REPLACED = "license:replaced"
    RELEASE_CHECKED = "release:checked"
    KEY_FIRST_USED = "credential:key:first_used"
    KEY_RETIRED = "credential:key:retired"
    KEY_WITHDRAWN = "credential:key:withdrawn"
    REGISTERED = "authorization:registered"
    DUTY_DONE = "authorization:duty:done"
    DUTY_ANSWERED = "authorization:duty:answered"
    REGISTRATION_ENDED = "authorization:ended"


WORDING: dict[StrEnum, str] = {
    LicenseEvent.ISSUED: "License {number} issued on case {case}",
    LicenseEvent.SIGNED: "Document signed and stored (SHA-256 {sha256})",
    LicenseEvent.FLAGGED: "A party came near a listed name after a list had changed: {names}",
    LicenseEvent.SUSPENDED: "Suspended by {ordered_by}: {reason}",
    LicenseEvent.LIFTED: "The suspension by {ordered_by} was lifted: {reason}",
    LicenseEvent.RAN_OUT: "The suspension by {ordered_by} ran out",
    LicenseEvent.END_PROPOSED: "A {what} was proposed, under {basis}: {reason}",
    LicenseEvent.END_DROPPED: "The proposed {what} was given up: {reason}",
    LicenseEvent.ENDED: "The license ended by {what}, from {from_when} on: {reason}",
    LicenseEvent.NARROWING_PROPOSED: "A revocation for item {items} was proposed, under {basis}: {reason}",
    LicenseEvent.NARROWING_DROPPED: "The proposed revocation in part was given up: {reason}",
    LicenseEvent.NARROWED: "Revoked for item {items}; what is left is {number}",
    LicenseEvent.WIDENED: "The revocation for item {items} was set aside: {reason}",
    LicenseEvent.RELIEF_PROPOSED: "It was proposed to set the {what} aside: {reason}",
    LicenseEvent.RELIEF_DROPPED: "The proposal to set the {what} aside was given up: {reason}",
    LicenseEvent.REINSTATED: "Reinstated, the {what} was set aside: {reason}",
    LicenseEvent.STAYED: "The {what} has no effect while appeal {appeal} is decided: {reason}",
    LicenseEvent.STAY_ENDED: "The {what} has its effect again, the stay under appeal {appeal} is over: {reason}",
    LicenseEvent.BEGUN: "Began at {at}",
    LicenseEvent.EXPIRED: "Expired at {at}",
    LicenseEvent.ASKED_TO_ACKNOWLEDGE: "{party} was sent a link to acknowledge the conditions",
    LicenseEvent.ACKNOWLEDGED: "{party} acknowledged the conditions (SHA-256 {texts}); identity shown by {identity_shown_by}",
    LicenseEvent.CONDITION_MET: "Condition {number}, {title}, is met: {evidence}",
    LicenseEvent.CONDITION_LAPSED: "Condition {number}, {title}, lapsed: {reason}",
    LicenseEvent.USED: "Use {reference} recorded: {what}",
    LicenseEvent.CORRECTED: "Use {corrects} corrected by {reference}: {what}",
    LicenseEvent.EXHAUSTED: "Exhausted: {measure} is used up",
    LicenseEvent.REPLENISHED: "No longer exhausted in {measure}",
    LicenseEvent.CHANGE_REQUESTED: "Asked for: {what}",
    LicenseEvent.CHANGE_ACCEPTED: "{organization} accepts the transfer",
    LicenseEvent.CHANGE_PROPOSED: "It was proposed to grant: {what}: {reason}",
    LicenseEvent.CHANGE_GRANTED: "Granted: {what}, as {number}: {reason}",
    LicenseEvent.CHANGE_REFUSED: "Refused: {what}: {reason}",
    LicenseEvent.REPLACED: "Replaced by {number}",
    LicenseEvent.RELEASE_CHECKED: "A release was checked",
    LicenseEvent.KEY_FIRST_USED: "First used to sign credentials",
    LicenseEvent.KEY_RETIRED: "Retired: it signs no more, and what it signed stays good",
    LicenseEvent.KEY_WITHDRAWN: "Withdrawn: nothing that it signed proves anything: {reason}",
    LicenseEvent.REGISTERED: "Registered for {authorization}, version {version}",
    LicenseEvent.DUTY_DONE: "{what} for {recipient} ({country}) {detail}",
    LicenseEvent.DUTY_ANSWERED: "{what} for {recipient}: {said}. {text}",
    LicenseEvent.REGISTRATION_ENDED: "Use of {authorization} ended",
}
