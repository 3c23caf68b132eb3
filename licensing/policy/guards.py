"""What a condition asks of single facts before anything else: rows that a guard rules out need not be run. Pure.

A guard is a conjunct of the whole condition: `kind == "export"`, `kind in ["export", "reexport"]`, `"NO" in destinations`, `military`,
`!military`. When one is false the condition is false, whatever else is missing: so says CEL of `&&`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    parts, rest = [""], outside(when)
    for symbol, text in rest:
        if symbol in ("||", "?"):
            return [when]
        if symbol == "&&":
            parts.append("")
        else:
            parts[-1] += text
    return [_bare(part) for part in parts]


def outside(when: str) -> Iterator[tuple[str, str]]:
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


@dataclass(frozen=True)
class _Column:
    """One guard of each row on one fact: rows that have none, and rows by the values that they take. Rows are bits."""

    fact: str
    listed: bool
    free: int
    by: Mapping[Any, int]

    def of(self, value: Any) -> int:
        if not self.listed:
            return self.free | self.by.get(value, 0)
        found = self.free
        for each in value:
            found |= self.by.get(each, 0)
        return found


class Index:
    """The rows of a table by their guards: which of them may hold is an intersection of bits, one look-up for each fact."""

    def __init__(self, guards: Sequence[Sequence[Guard]]) -> None:
        self.every = (1 << len(guards)) - 1
        taking: dict[tuple[str, bool, int], dict[Any, int]] = {}
        having: dict[tuple[str, bool, int], int] = {}
        for place, of_row in enumerate(guards):
            met: Counter[tuple[str, bool]] = Counter()
            for guard in of_row:
                column = (guard.fact, guard.listed, met[guard.fact, guard.listed])
                met[guard.fact, guard.listed] += 1
                having[column] = having.get(column, 0) | 1 << place
                by = taking.setdefault(column, {})
                for value in guard.values:
                    by[value] = by.get(value, 0) | 1 << place
        self.columns = [
            _Column(fact, listed, self.every & ~having[fact, listed, n], by) for (fact, listed, n), by in taking.items()
        ]

    def candidates(self, known: Mapping[str, Any]) -> Iterator[int]:
        """Places of the rows that no guard rules out for these facts, in order."""
        found = self.every
        for column in self.columns:
            if column.fact in known:
                found &= column.of(known[column.fact])
        while found:
            lowest = found & -found
            yield lowest.bit_length() - 1
            found ^= lowest
