"""The codes of what a policy's checks find; each is explained in `docs/policies.md`."""

from enum import StrEnum


class Finding(StrEnum):
    SHAPE = "bad-shape"
    MISSING = "missing-part"
    UNKNOWN = "unknown-name"
    DERIVED = "derived-fact"
    TYPE = "bad-type"
    REPEATED = "repeated-id"
    STATUS = "bad-status"
    DATE = "bad-date"
    ANSWER = "bad-answer"
    UNPARSABLE = "unparsable"
    LOOKUP = "bad-lookup"
    MISFIT = "mistyped-condition"
    TEXT = "unknown-text"
    IMPOSSIBLE = "impossible-row"
    UNREACHABLE = "unreachable-row"
    CONTRADICTION = "contradicting-rows"
    GAP = "gap"
