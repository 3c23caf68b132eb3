"""What each event says to people: one sentence a member, registered by the room that records it."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

_PLACE = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"[a-z][a-z_-]*(:[a-z][a-z_-]*)+")
_sentences: dict[str, str] = {}


E = TypeVar("E", bound=StrEnum)


class Unworded(LookupError):
    """An event that nobody has given a sentence."""


def register(events: type[E], sentences: Mapping[E, str]) -> None:
    """Give every member of an enumeration of events its sentence.

    Sentences name what the event's data hold in braces, and may name `{actor}`: "{actor} published version {version}."
    Raises ValueError when a member has no sentence, a name is not of the form `room:thing:done`, or another sentence stands already.
    """
    for event in events:
        if not sentences.get(event):
            raise ValueError(f"{event.value} has no sentence")
        if not _NAME.fullmatch(event.value):
            raise ValueError(f"{event.value} is not of the form room:thing:done")
        if _sentences.get(event.value, sentences[event]) != sentences[event]:
            raise ValueError(f"{event.value} has another sentence already")
    _sentences.update({event.value: sentences[event] for event in events})


def known(event: str) -> bool:
    return event in _sentences


def all_sentences() -> dict[str, str]:
    """Every registered event with its sentence."""
    return dict(_sentences)


def worded(event: str, actor: str, data: Mapping[str, Any]) -> str:
    """The sentence of an event, filled by plain substitution; what the data lack reads as an ellipsis."""
    try:
        sentence = _sentences[event]
    except KeyError:
        raise Unworded(f"{event} has no sentence: give it one with licensing.audit.wording.register") from None
    values = {**data, "actor": actor}
    return _PLACE.sub(lambda place: _shown(values.get(place[1], "…")), sentence)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    return str(value)
