"""What a condition asks of single facts before anything else: rows that a guard rules out need not be run. Pure.

A guard is a conjunct of the whole condition: `kind == "export"`, `kind in ["export", "reexport"]`, `"NO" in destinations`, `military`,
`!military`. When one is false the condition is false, whatever else is missing: so says CEL of `&&`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_EQUAL = re.compile(r'(\w+)\s*==\s*"([^"\\]*)"')
_ONE_OF = re.compile(r'(\w+)\s+in\s+\[((?:\s*"[^"\\]*"\s*,?)+)\]')
_NAMED = re.compile(r'"([^"\\]*)"\s+in\s+(\w+)')
_FLAG = re.compile(r"(!?)\s*(\w+)")
_TEXT = re.compile(r'"([^"\\]*)"')
_BRACKETED = re.compile(r"\(([^()\"]*(?:\"[^\"]*\"[^()\"]*)*)\)")
_OPEN, _SHUT = "([{", ")]}"


@dataclass(frozen=True)
class Guard:
    """That a fact is one of these values, or, of a list, has one of them."""

    fact: str
    values: frozenset[Any]
    listed: bool = False

    def may_hold(self, known: Mapping[str, Any]) -> bool:
        """False only when the fact is known and rules the condition out."""
        if self.fact not in known:
            return True
        value = known[self.fact]
        return not self.values.isdisjoint(value) if self.listed else value in self.values


def guards_of(when: str, fact_types: Mapping[str, str]) -> tuple[Guard, ...]:
    """The guards of a condition; none when it is not a conjunction."""
    return tuple(guard for part in conjuncts(when) if (guard := _guard(part, fact_types)))


def conjuncts(when: str) -> list[str]:
    """The parts between the outermost `&&`; the whole when there is an outer `||` or `?`."""
    parts, rest = [""], _outside(when)
    for symbol, text in rest:
        if symbol in ("||", "?"):
            return [when]
        if symbol == "&&":
            parts.append("")
        else:
            parts[-1] += text
    return [_bare(part) for part in parts]


def _outside(when: str) -> Iterator[tuple[str, str]]:
    """Characters, with the operators that stand outside of brackets and texts named."""
    depth, quote, place = 0, "", 0
    while place < len(when):
        two, one = when[place : place + 2], when[place]
        if quote:
            step = 2 if one == "\\" else 1
            quote = "" if one == quote else quote
            yield "", when[place : place + step]
        else:
            depth += (one in _OPEN) - (one in _SHUT)
            quote = one if one in "\"'" else ""
            named = two if two in ("&&", "||") else one if one == "?" else ""
            step = len(named) or 1
            yield (named if depth == 0 else ""), when[place : place + step]
        place += step


def _bare(part: str) -> str:
    """Without the brackets around all of it."""
    found = _BRACKETED.fullmatch(part.strip())
    return found[1].strip() if found else part.strip()


def _guard(part: str, fact_types: Mapping[str, str]) -> Guard | None:
    if found := _EQUAL.fullmatch(part):
        return _typed(Guard(found[1], frozenset({found[2]})), fact_types, "str")
    if found := _ONE_OF.fullmatch(part):
        return _typed(Guard(found[1], frozenset(_TEXT.findall(found[2]))), fact_types, "str")
    if found := _NAMED.fullmatch(part):
        return _typed(Guard(found[2], frozenset({found[1]}), listed=True), fact_types, "list[str]")
    if found := _FLAG.fullmatch(part):
        return _typed(Guard(found[2], frozenset({not found[1]})), fact_types, "bool")
    return None


def _typed(guard: Guard, fact_types: Mapping[str, str], wanted: str) -> Guard | None:
    return guard if fact_types.get(guard.fact) == wanted else None
