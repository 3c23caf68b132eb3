"""What is wrong with the answers on a row before it is written, told as problems."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models

from licensing.audit.refusals import Problem

LETTERS = 2  # that a name has at least; without them nobody can be screened by it


def field_problems(row: models.Model, *, exclude: Iterable[str] = (), prefix: str = "") -> list[Problem]:
    """Every field of the row that is empty, too long or out of range; what is right is brought to its type.

    `prefix` stands before each field's name, for a row that is one of several: `training.0.`.
    """
    try:
        row.clean_fields(exclude=set(exclude))
    except ValidationError as error:
        return [
            Problem(f"{prefix}{field}", str(getattr(row, field)), message)
            for field, messages in error.message_dict.items()
            for message in messages
        ]
    return []


def name_problems(field: str, *names: str) -> list[Problem]:
    """A name that nobody can be screened by is no name."""
    return [
        Problem(field, name, "Write the name with at least two letters.")
        for name in names
        if name and sum(letter.isalpha() for letter in name) < LETTERS
    ]
