"""What may stand in the trail of a license, and one sentence for each."""

from enum import StrEnum


class LicenseEvent(StrEnum):
    ISSUED = "license:issued"
    SIGNED = "license:document:signed"
    FLAGGED = "license:screening:flagged"


WORDING: dict[StrEnum, str] = {
    LicenseEvent.ISSUED: "License {number} issued on case {case}",
    LicenseEvent.SIGNED: "Document signed and stored (SHA-256 {sha256})",
    LicenseEvent.FLAGGED: "A party came near a listed name after a list had changed: {names}",
}
