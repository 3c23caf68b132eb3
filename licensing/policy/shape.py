"""Whether a policy's content has the shape that the checks and the compiler read: mappings, lists and texts in their places. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from licensing.audit.refusals import Problem

Shape = Callable[[str, Any], Iterator[Problem]]


def _wrong(place: str, value: Any, wanted: str) -> Problem:
    return Problem(place, str(value)[:80], f"{place} must be {wanted}.")


def text(place: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _wrong(place, value, "a text")


def text_or_nothing(place: str, value: Any) -> Iterator[Problem]:
    if value is not None:
        yield from text(place, value)


def number(place: str, value: Any) -> Iterator[Problem]:
    try:
        fits = not isinstance(value, bool) and float(value) > 0
    except (TypeError, ValueError):
        fits = False
    if not fits:
        yield _wrong(place, value, "a number above zero, such as 1e26")


def listed(each: Shape) -> Shape:
    def shape(place: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield _wrong(place, value, "a list")
            return
        for position, item in enumerate(value):
            yield from each(f"{place}[{position}]", item)

    return shape


def named(each: Shape) -> Shape:
    def shape(place: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield _wrong(place, value, "a mapping of names")
            return
        for name, item in value.items():
            yield from text(f"{place}: {name!r}", name)
            yield from each(f"{place}.{name}", item)

    return shape


def row(place: str, value: Any) -> Iterator[Problem]:
    """A row's own parts; that they are there, and what they may say, is asked afterwards."""
    if not isinstance(value, Mapping):
        yield _wrong(place, value, "a row")
        return
    for part, shape in ROW.items():
        if part in value:
            yield from shape(f"{place}.{part}", value[part])


def anything(place: str, value: Any) -> Iterator[Problem]:
    return iter(())


ROW: Mapping[str, Shape] = {
    **dict.fromkeys(("id", "when", "citation", "note", "legal_status", "enforcement_status"), text_or_nothing),
    "then": named(anything),
}
CONTENT: Mapping[str, Shape] = {
    "title": text,
    "source": text,
    "holds_from": text,
    "facts": named(text),
    "records": named(named(text)),
    "questions": named(text),
    "lists": listed(text),
    "embargo_lists": listed(text),
    "thresholds": named(number),
    "tables": named(listed(row)),
}


def problems(content: Any) -> Iterator[Problem]:
    """Everything that stands where something of another kind belongs."""
    if not isinstance(content, Mapping):
        yield _wrong("content", content, "a mapping of names")
        return
    for key, shape in CONTENT.items():
        if key in content:
            yield from shape(key, content[key])
