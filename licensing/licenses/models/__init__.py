"""The license: what was authorized, for whom, until when and under which texts; what has suspended or ended it."""

from licensing.licenses.models.license import License, LicenseItem, LicenseParty, LicenseSite, NumberSeries
from licensing.licenses.models.standing import Ending, Suspension
from licensing.licenses.models.texts import LicenseText

__all__ = [
    "Ending",
    "License",
    "LicenseItem",
    "LicenseParty",
    "LicenseSite",
    "LicenseText",
    "NumberSeries",
    "Suspension",
]
