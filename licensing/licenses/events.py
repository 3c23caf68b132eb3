"""What may stand in the trail of a license, and one sentence for each."""

from enum import StrEnum


class LicenseEvent(StrEnum):
    ISSUED = "license:issued"
    SIGNED = "license:document:signed"


WORDING: dict[StrEnum, str] = {
    LicenseEvent.ISSUED: "License {number} issued on case {case}",
    LicenseEvent.SIGNED: "Document signed and stored (SHA-256 {sha256})",
}
