"""Who acts: a person, or the system."""

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    @property
    def actor_id(self) -> str: ...
    @property
    def actor_label(self) -> str: ...


@dataclass(frozen=True)
class SystemActor:
    actor_id: str = "system"
    actor_label: str = "Entente"


SYSTEM = SystemActor()
