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
    REINSTATED = "license:reinstated"
    EXPIRED = "license:expired"


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
    LicenseEvent.REINSTATED: "Reinstated, the revocation was set aside: {reason}",
    LicenseEvent.EXPIRED: "Expired at {at}",
}
