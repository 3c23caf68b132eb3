"""A condition as alternatives of what it asks of single facts, as far as that can be read; the rest may be either. Pure.

Read are equality and membership of texts, flags, texts in lists, and comparisons with numbers, under `&&`, `||`, `!` and brackets.
Whatever else a condition asks stands as it is written: the same words are as true in one row as in another.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import inf
from typing import Any

from licensing.policy.guards import outside

MOST_CLAUSES = 256
_EQUAL = re.compile(r'(\w+)\s*(==|!=)\s*"([^"\\]*)"')
_ONE_OF = re.compile(r'(\w+)\s+in\s+\[((?:\s*"[^"\\]*"\s*,?)+)\]')
_NAMED = re.compile(r'"([^"\\]*)"\s+in\s+(\w+)')
_COMPARED = re.compile(r"(\w+)\s*(>=|<=|>|<)\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")
_TEXT = re.compile(r'"([^"\\]*)"')

Edge = tuple[
    float, int
]  # a number, and whether the range ends just before it (-1), there (0), or begins just behind it (1)


@dataclass(frozen=True)
class Atom:
    """What is asked of one fact: `is` one of values, `has` one in its list, lies in a `range`; or `words` that cannot be read."""

    subject: str
    kind: str
    values: frozenset[Any] = frozenset()
    low: Edge = (-inf, 0)
    high: Edge = (inf, 0)
    negated: bool = False

    def implies(self, other: "Atom") -> bool:
        """Whether `other` is true whenever this is; false where that cannot be told."""
        if (self.subject, self.kind) != (other.subject, other.kind):
            return False
        if self.kind == "range":
            return self.low >= other.low and self.high <= other.high
        if self.kind != "is":
            return self == other
        if self.negated:
            return other.negated and other.values <= self.values
        return self.values.isdisjoint(other.values) if other.negated else self.values <= other.values

    def excludes(self, other: "Atom") -> bool:
        """Whether the two are never true together; false where that cannot be told."""
        if self.kind == other.kind == "range" and self.subject == other.subject:
            return self.low > other.high or other.low > self.high
        return self.implies(other.opposite)

    @property
    def opposite(self) -> "Atom":
        if self.kind != "range":
            return replace(self, negated=not self.negated)
        if self.high[0] == inf:
            return replace(self, low=(-inf, 0), high=(self.low[0], self.low[1] - 1))
        return replace(self, low=(self.high[0], self.high[1] + 1), high=(inf, 0))


Clause = frozenset[Atom]
Clauses = frozenset[Clause]
ALWAYS: Clauses = frozenset({frozenset()})
NEVER: Clauses = frozenset()


class TooMany(Exception):
    """There are more alternatives than are worth looking at: then nothing is claimed."""


def clauses(when: str, types: Mapping[str, str], *, negated: bool = False) -> Clauses:
    """The alternatives of a condition, each a conjunction; none that excludes itself. Raises TooMany."""
    text = when.strip()
    if text in ("true", "false"):
        return ALWAYS if (text == "true") != negated else NEVER
    inner = _bracketed(text)
    if inner is not None:
        return clauses(inner, types, negated=negated)
    for symbol in ("?", "||", "&&"):
        parts = split(text, symbol)
        if len(parts) > 1:
            if symbol == "?":
                break
            each = [clauses(part, types, negated=negated) for part in parts]
            return either(each) if (symbol == "||") != negated else together(each)
    if text.startswith("!") and (_bracketed(text[1:].strip()) is not None or re.fullmatch(r"!\s*\w+", text)):
        return clauses(text[1:], types, negated=not negated)
    atom = _atom(text, types)
    return frozenset({frozenset({atom.opposite if negated else atom})})


def either(each: Iterable[Clauses]) -> Clauses:
    return _few(clause for found in each for clause in found)


def together(each: Iterable[Clauses]) -> Clauses:
    """Every alternative of one with every alternative of the others, without those that exclude themselves. Raises TooMany."""
    found = ALWAYS
    for one in each:
        found = _few(a | b for a, b in product(found, one) if not _excluded(a | b))
    return found


def implied(clause: Clause, other: Clause) -> bool:
    """Whether each atom of `other` follows from one of `clause`: then it is true whenever `clause` is, whatever is not known."""
    return all(any(mine.implies(atom) for mine in clause) for atom in other)


def split(text: str, symbol: str) -> list[str]:
    """The parts between a symbol that stands outside of brackets and texts."""
    parts = [""]
    for found, piece in outside(text):
        if found == symbol:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _few(found: Iterable[Clause]) -> Clauses:
    kept: set[Clause] = set()
    for clause in found:
        kept.add(clause)
        if len(kept) > MOST_CLAUSES:
            raise TooMany
    return frozenset(kept)


def _excluded(clause: Clause) -> bool:
    return any(one.excludes(other) for one, other in combinations(clause, 2))


def _bracketed(text: str) -> str | None:
    """What stands in the brackets around all of the text; None where there are none."""
    if not (text.startswith("(") and text.endswith(")")):
        return None
    depth, quote, place = 0, "", 0
    while place < len(text):
        one = text[place]
        if quote:
            place += 1 if one == "\\" else 0
            quote = "" if one == quote else quote
        elif one in "\"'":
            quote = one
        else:
            depth += (one in "([{") - (one in ")]}")
            if depth == 0 and place < len(text) - 1:
                return None
        place += 1
    return text[1:-1]


def _atom(text: str, types: Mapping[str, str]) -> Atom:
    if (found := _EQUAL.fullmatch(text)) and types.get(found[1]) == "str":
        return Atom(found[1], "is", frozenset({found[3]}), negated=found[2] == "!=")
    if (found := _ONE_OF.fullmatch(text)) and types.get(found[1]) == "str":
        return Atom(found[1], "is", frozenset(_TEXT.findall(found[2])))
    if (found := _NAMED.fullmatch(text)) and types.get(found[2]) == "list[str]":
        return Atom(found[2], "has", frozenset({found[1]}))
    if types.get(text) == "bool":
        return Atom(text, "has", frozenset({True}))
    if (found := _COMPARED.fullmatch(text)) and types.get(found[1]) == "float":
        number = float(found[3])
        edges: Mapping[str, tuple[Edge, Edge]] = {
            ">=": ((number, 0), (inf, 0)), ">": ((number, 1), (inf, 0)), "<=": ((-inf, 0), (number, 0)), "<": ((-inf, 0), (number, -1)),
        }  # fmt: skip
        low, high = edges[found[2]]
        return Atom(found[1], "range", low=low, high=high)
    return Atom(" ".join(text.split()), "words")
