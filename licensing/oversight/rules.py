"""At which instants a version has to be worked off: when it takes hold, and when a date that it holds comes. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from licensing.policy.rulesets import instant

DATES = ("from", "until")


def turning_points(content: Mapping[str, Any], effective_at: datetime) -> list[datetime]:
    """`effective_at`, then every later `from` and `until` in the content, each once, in order. A day begins at midnight UTC."""
    return [effective_at, *sorted({at for at in _dates(content) if at > effective_at})]


def _dates(value: object) -> Iterator[datetime]:
    if isinstance(value, Mapping):
        yield from filter(None, (_instant(value.get(name)) for name in DATES))
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _dates(inner)


def _instant(value: object) -> datetime | None:
    """None for what is no date: a text may be called `from` too."""
    try:
        return instant(value) if isinstance(value, str) else None
    except ValueError:
        return None
