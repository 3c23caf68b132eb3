"""Every change of state of this room."""

from licensing.policy.commands.determining import record_determination

__all__ = ["record_determination"]
