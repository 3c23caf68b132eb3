"""What the hashes are made of. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from licensing.audit.canonical import canonical, digest, instant


@dataclass(frozen=True)
class Entry:
    """What an event says, hash apart."""

    subject_kind: str
    subject_id: str
    sequence: int
    event: str
    at: datetime
    actor_id: str
    actor_label: str
    data: Any
    workflow_hash: str
    previous_hash: str

    def hash(self) -> str:
        """SHA-256 over all of it, the hash of the event before included."""
        return digest({**self.__dict__, "at": instant(self.at)})


@dataclass(frozen=True)
class Head:
    """The last event of a subject, as a checkpoint keeps it."""

    subject_kind: str
    subject_id: str
    sequence: int
    hash: str


def heads_hash(heads: Iterable[Head]) -> str:
    """SHA-256 over heads sorted by subject, one canonical line each; takes them one at a time."""
    running = hashlib.sha256()
    for head in heads:
        running.update(canonical([head.subject_kind, head.subject_id, head.sequence, head.hash]) + b"\n")
    return running.hexdigest()


def checkpoint_hash(
    *,
    number: int,
    at: datetime,
    horizon: int,
    through: int,
    count: int,
    heads_hash: str,
    previous_hash: str,
) -> str:
    """SHA-256 over a checkpoint, the hash of the one before included."""
    return digest([number, instant(at), horizon, through, count, heads_hash, previous_hash])
