"""The license: what was authorized, for whom, until when, under which texts; what stopped, ended, changed or used it; what machines ask."""

from licensing.licenses.models.authorizations import DutyAnswer, DutyRecord, Registration
from licensing.licenses.models.changes import ChangeRequest
from licensing.licenses.models.license import License, LicenseItem, LicenseParty, LicenseSite, NumberSeries
from licensing.licenses.models.release import CredentialKey, LicenseTerms, ReleaseCheck, ReleaseScope
from licensing.licenses.models.standing import Ending, MeasureStay, Narrowing, Suspension
from licensing.licenses.models.texts import Acknowledgment, LicenseText
from licensing.licenses.models.usage import Allowance, Exhaustion, Measure, UsageEntry

__all__ = [
    "Acknowledgment",
    "Allowance",
    "ChangeRequest",
    "CredentialKey",
    "DutyAnswer",
    "DutyRecord",
    "Ending",
    "Exhaustion",
    "License",
    "LicenseItem",
    "LicenseParty",
    "LicenseSite",
    "LicenseTerms",
    "LicenseText",
    "Measure",
    "MeasureStay",
    "Narrowing",
    "NumberSeries",
    "Registration",
    "ReleaseCheck",
    "ReleaseScope",
    "Suspension",
    "UsageEntry",
]
