"""Who is asking, where an answer depends on what they have been told. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Audience:
    """The public, unless it says more: people of organizations (by their ids), or somebody who is cleared for all that is confidential."""

    organizations: frozenset[int] = frozenset()
    cleared: bool = False


PUBLIC = Audience()
CLEARED = Audience(cleared=True)
