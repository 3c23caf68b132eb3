"""Whether a policy's content has the shape that the checks and the compiler read: mappings, lists and texts in their places. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from licensing.audit.refusals import Problem
from licensing.publishing.shape import Shape, anything, listed, named, parts, text, text_or_nothing, wrong


def number(place: str, value: Any) -> Iterator[Problem]:
    try:
        fits = not isinstance(value, bool) and float(value) > 0
    except (TypeError, ValueError):
        fits = False
    if not fits:
        yield wrong(place, value, "a number above zero, such as 1e26")


# That a row's parts are there, and what they may say, is asked afterwards.
ROW: Mapping[str, Shape] = {
    **dict.fromkeys(("id", "when", "citation", "note", "legal_status", "enforcement_status"), text_or_nothing),
    "then": named(anything),
}
row = parts(ROW)
CONTENT: Mapping[str, Shape] = {
    "title": text,
    "source": text,
    "holds_from": text,
    "facts": named(text),
    "records": named(named(text)),
    "questions": named(text),
    "lists": listed(text),
    "embargo_lists": listed(text),
    "authorized_lists": listed(text),
    "entries": listed(text),
    "words": named(listed(text)),
    "thresholds": named(number),
    "ownership": listed(row),
    "tables": named(listed(row)),
}


def problems(content: Any) -> Iterator[Problem]:
    """Everything that stands where something of another kind belongs."""
    return parts(CONTENT)("", content)
