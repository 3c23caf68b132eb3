"""Whether content has the shape that the checks and the readers of its kind expect: mappings, lists and texts in their places. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from licensing.audit.refusals import Problem

BAD_SHAPE = "bad-shape"  # the code of what is found here
Shape = Callable[[str, Any], Iterator[Problem]]


def wrong(place: str, value: Any, wanted: str) -> Problem:
    return Problem(place, str(value)[:80], f"{place} must be {wanted}.", BAD_SHAPE)


def anything(place: str, value: Any) -> Iterator[Problem]:
    return iter(())


def text(place: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield wrong(place, value, "a text")


def text_or_nothing(place: str, value: Any) -> Iterator[Problem]:
    if value is not None:
        yield from text(place, value)


def listed(each: Shape) -> Shape:
    def shape(place: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield wrong(place, value, "a list")
            return
        for position, item in enumerate(value):
            yield from each(f"{place}[{position}]", item)

    return shape


def named(each: Shape) -> Shape:
    def shape(place: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield wrong(place, value, "a mapping of names")
            return
        for name, item in value.items():
            yield from text(f"{place}: {name!r}", name)
            yield from each(f"{place}.{name}", item)

    return shape


def parts(known: Mapping[str, Shape], needed: Collection[str] = ()) -> Shape:
    """A mapping whose known parts have shapes of their own, where they are there; those that are needed are."""

    def shape(place: str, value: Any) -> Iterator[Problem]:
        if not isinstance(value, Mapping):
            yield wrong(place or "content", value, "a mapping of names")
            return
        for part in needed:
            if part not in value:
                yield Problem(place, "", f"{place} has no {part}: give it one.")
        for part, inner in known.items():
            if part in value:
                yield from inner(f"{place}.{part}" if place else part, value[part])

    return shape
