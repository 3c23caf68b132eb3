"""Restricted-party lists as loaded, who was screened against them, what was found, and what people decided.

A listed entity has one row for each of its versions; a snapshot is the versions that were on the list at its number. So any
screening can be repeated against exactly the list that it used.
"""

from licensing.screening.models.batches import Batch, BatchPart
from licensing.screening.models.lists import (
    CheckOutcome,
    ListCheck,
    ListedParty,
    ListSnapshot,
    ListState,
    RestrictedList,
)
from licensing.screening.models.runs import (
    FALSE_MATCH_REASONS,
    INCONCLUSIVE_REASONS,
    OF_OWNERS,
    OWNER_NOT_LISTED,
    TRUE_MATCH_REASONS,
    Disposition,
    Hit,
    HitStatus,
    RunState,
    Scope,
    ScreeningRun,
)

__all__ = [
    "FALSE_MATCH_REASONS",
    "INCONCLUSIVE_REASONS",
    "OF_OWNERS",
    "OWNER_NOT_LISTED",
    "TRUE_MATCH_REASONS",
    "Batch",
    "BatchPart",
    "CheckOutcome",
    "Disposition",
    "Hit",
    "HitStatus",
    "ListCheck",
    "ListSnapshot",
    "ListState",
    "ListedParty",
    "RestrictedList",
    "RunState",
    "Scope",
    "ScreeningRun",
]
