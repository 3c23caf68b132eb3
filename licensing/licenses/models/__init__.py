"""The license: what was authorized, for whom, until when and under which texts; what has stopped, ended, changed or used it."""

from licensing.licenses.models.changes import ChangeRequest
from licensing.licenses.models.license import License, LicenseItem, LicenseParty, LicenseSite, NumberSeries
from licensing.licenses.models.standing import Ending, Suspension
from licensing.licenses.models.texts import Acknowledgment, LicenseText
from licensing.licenses.models.usage import Allowance, Exhaustion, Measure, UsageEntry

__all__ = [
    "Acknowledgment",
    "Allowance",
    "ChangeRequest",
    "Ending",
    "Exhaustion",
    "License",
    "LicenseItem",
    "LicenseParty",
    "LicenseSite",
    "LicenseText",
    "Measure",
    "NumberSeries",
    "Suspension",
    "UsageEntry",
]
