"""What may block an approval. Rooms register their gates; all of them run when a favorable decision is proposed,
when it is countersigned, and again inside issuance."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from licensing.audit.refusals import NotNow


class Light(StrEnum):
    CLEAR = "clear"
    PENDING = "pending"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Finding:
    """What one gate says: pending waits for somebody, blocked forbids."""

    light: Light
    reason: str = ""
    link: str = ""


CLEAR = Finding(Light.CLEAR)
Gate = Callable[[uuid.UUID, datetime], Finding]

_gates: dict[str, Gate] = {}


def register(name: str, gate: Gate) -> None:
    """Add a gate; `gate(case_id, at)` reads and never writes."""
    _gates[name] = gate


def look(case_id: uuid.UUID, at: datetime) -> dict[str, Finding]:
    """What every gate says of the case at an instant."""
    return {name: gate(case_id, at) for name, gate in _gates.items()}


def closed(case_id: uuid.UUID, at: datetime) -> dict[str, Finding]:
    """The gates that are not clear."""
    return {name: finding for name, finding in look(case_id, at).items() if finding.light is not Light.CLEAR}


def require_clear(case_id: uuid.UUID, at: datetime) -> None:
    """Raise `NotNow("gate_closed")` with every reason unless all gates are clear."""
    shut = closed(case_id, at)
    if shut:
        raise NotNow("gate_closed", " ".join(finding.reason for finding in shut.values()))
