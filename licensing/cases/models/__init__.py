"""The application, as the applicant files it, and the case, as the government reviews it."""

from licensing.cases.models.appeal import Appeal, Stay
from licensing.cases.models.application import (
    Application,
    ApplicationParty,
    ApplicationSite,
    Attachment,
    AttachmentKind,
    Certification,
    ControlNumberSeries,
    DeliveryMode,
    Item,
    PartyRole,
    Sector,
    TransactionKind,
)
from licensing.cases.models.case import (
    APPROVED,
    Case,
    Decision,
    ItemDecision,
    ItemOutcome,
    Question,
    Recommendation,
)

__all__ = [
    "APPROVED",
    "Appeal",
    "Application",
    "ApplicationParty",
    "ApplicationSite",
    "Attachment",
    "AttachmentKind",
    "Case",
    "Certification",
    "ControlNumberSeries",
    "Decision",
    "DeliveryMode",
    "Item",
    "ItemDecision",
    "ItemOutcome",
    "PartyRole",
    "Question",
    "Recommendation",
    "Sector",
    "Stay",
    "TransactionKind",
]
