"""What a command raises when it does not do what was asked.

Each kind has one HTTP answer, given in one place for the pages and one for the API.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input: the field, the value given, and how to mend it; a code where checks have one."""

    field: str
    value: str
    mend: str
    code: str = ""

    def __str__(self) -> str:
        return self.mend


class Refused(Exception):
    """Base of all refusals: a stable code and a sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.logged = False


class NotPermitted(Refused):
    """The actor may not do this (HTTP 403)."""


class NotNow(Refused):
    """The subject is not in a state where this can be done (HTTP 409)."""


class Invalid(Refused):
    """The input is wrong (HTTP 422): every problem at once."""

    def __init__(self, problems: Sequence[Problem], code: str = "invalid") -> None:
        super().__init__(code, " ".join(problem.mend for problem in problems))
        self.problems = tuple(problems)

    @classmethod
    def one(cls, field: str, value: object, mend: str) -> "Invalid":
        return cls([Problem(field, str(value), mend)])
