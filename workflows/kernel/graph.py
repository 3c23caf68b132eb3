"""The graph of a definition: which stage leads to which, and what can be reached."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from workflows.kernel.definition import Definition

Node = TypeVar("Node")
Edge = tuple[str, str, bool]  # from, to, whether a limit stops it


def edges(definition: Definition) -> list[Edge]:
    """Every way from a stage to another, and whether a limit stops it from being taken for ever."""
    found: list[Edge] = []
    for stage in definition.stages.values():
        for path, target in stage.targets():
            found.append((stage.key, target, path[-1] in stage.limits))
        found += [
            (stage.key, clock.at_expiry.goto, True)
            for clock in definition.clocks.values()
            if clock.at_expiry.goto and not stage.end
        ]
        if definition.withdraw and not stage.end:
            found.append((stage.key, definition.withdraw, False))
    return found


def reached(start: Iterable[Node], ways: Mapping[Node, Iterable[Node]]) -> set[Node]:
    """Every node that can be come to, those of the start with them."""
    seen = set(start)
    waiting = list(seen)
    while waiting:
        for following in ways.get(waiting.pop(), ()):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return seen
