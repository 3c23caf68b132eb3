"""What each kind of publication brings: how to check it, how to tell two versions apart, what to write when one is published.

One room owns a kind and observes it; others may follow what takes hold.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from licensing.audit.refusals import Problem
from licensing.publishing.models import Publication
from licensing.publishing.shape import Shape, parts

Content = Mapping[str, Any]


class Observer(Protocol):
    shape: Mapping[str, Shape]  # of the parts that the content may have; what comes to `validate` and `diff` has it

    def validate(self, key: str, content: Content) -> list[Problem]:
        """Everything that is wrong with the content; empty when it may be published."""
        ...

    def diff(self, before: Content, after: Content) -> list[str]:
        """What changes, a sentence each. `before` is empty for a first version."""
        ...

    def published(self, publication: Publication) -> None:
        """Called in the transaction that publishes."""
        ...


Follower = Callable[[Publication, datetime], None]
_observers: dict[str, Observer] = {}
_followers: list[Follower] = []
_on_desk: dict[str, str] = {}


def register(kind: str, observer: Observer, *, desk: str = "") -> None:
    """`desk` is the heading under which administrators keep the kind; without one their desk neither shows nor changes it."""
    _observers[kind] = observer
    if desk:
        _on_desk[kind] = desk


def on_desk() -> Mapping[str, str]:
    """The kinds that administrators keep on their desk, with their headings."""
    return dict(_on_desk)


def observer_of(kind: str) -> Observer:
    """Raises LookupError for a kind that no room has registered."""
    return _observers[kind]


def problems_of(kind: str, key: str, content: Content) -> list[Problem]:
    """Everything that is wrong with a draft, whatever it is: with its shape, or else with what it says."""
    observer = observer_of(kind)
    return list(parts(observer.shape)("", content)) or observer.validate(key, content)


def differences(kind: str, before: Content, after: Content) -> list[str]:
    """What changes from one content to another, a sentence each; of one that has no shape, which parts."""
    observer = observer_of(kind)
    shapeless = any(True for content in (before, after) for _ in parts(observer.shape)("", content))
    return Plain().diff(before, after) if shapeless else observer.diff(before, after)


def follow(follower: Follower) -> None:
    """Have `follower(publication, at)` called whenever a version takes hold, in the transaction that has it do so."""
    _followers.append(follower)


def takes_hold(publication: Publication, at: datetime) -> None:
    """Tell the followers from when a version holds: as it is published, and again when it reaches more people than before."""
    for follower in _followers:
        follower(publication, at)


class Plain:
    """An observer for content that is a mapping of named parts: tells which of them changed."""

    shape: Mapping[str, Shape] = {}

    def validate(self, key: str, content: Content) -> list[Problem]:
        return []

    def diff(self, before: Content, after: Content) -> list[str]:
        names = sorted(set(before) | set(after))
        return [f"{name} changes" for name in names if before.get(name) != after.get(name)]

    def published(self, publication: Publication) -> None:
        return None
