"""Conditions on declared facts, in CEL: when a seat opens, which rule holds."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cel

from workflows.kernel.definition import Definition

UNSET: Mapping[str, Any] = {"bool": False, "int": 0, "str": ""}


def unset(kind: Any) -> Any:
    """What a declared fact is before anybody has said it."""
    return [] if isinstance(kind, Mapping) else UNSET[kind]


def holds(condition: str, definition: Definition, facts: Mapping[str, Any]) -> bool:
    """Whether a condition is true of the facts; an empty one always is."""
    if not condition:
        return True
    known = {name: facts.get(name, unset(kind)) for name, kind in definition.facts.items()}
    return bool(_compiled(condition).execute(cel.Context(variables=known)))


def asked(condition: str) -> tuple[str, ...]:
    """The facts that a condition asks for. Raises ValueError when it is not CEL."""
    return tuple(sorted(_compiled(condition).variables())) if condition else ()


def bad_value(kind: Any, value: Any) -> str:
    """What is wrong with a fact's value; empty when it fits its declaration."""
    if isinstance(kind, Mapping):
        allowed = set(kind["set"])
        if isinstance(value, list | tuple) and set(value) <= allowed:
            return ""
        return f"a list of some of {sorted(allowed)}"
    right = {
        "bool": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool),
        "str": isinstance(value, str),
    }
    return "" if right[kind] else {"bool": "true or false", "int": "a whole number", "str": "a text"}[kind]


@lru_cache(maxsize=1024)
def _compiled(condition: str) -> cel.Program:
    return cel.compile(condition)
