"""Whether a value has its declared type and says one of its words: compiled once for each fact. Pure."""

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

Fits = Callable[[Any], bool]
Words = Mapping[str, frozenset[str]]

PLAIN_TYPES = ("str", "bool", "float", "list[str]")
_RECORD = re.compile(r"list\[(\w+)\]")


def record_of(fact_type: str) -> str | None:
    """`item` for `list[item]`; None for plain types and for `list[str]`."""
    match = _RECORD.fullmatch(fact_type)
    return match[1] if match and match[1] != "str" else None


def fitting(fact_type: str, place: str, records: Mapping[str, Mapping[str, str]], words: Words) -> Fits:
    """A test of values. `place` is the fact's name, or `item.weights` for a field of a record: what `words` goes by.

    The types are `str`, `bool`, `float`, `list[str]` and `list[record]`; raises KeyError for a record that is not declared.
    """
    record = record_of(fact_type)
    if record:
        return _listed(
            {name: fitting(kind, f"{record}.{name}", records, words) for name, kind in records[record].items()}
        )
    if fact_type == "str":
        return _text(words.get(place))
    if fact_type == "list[str]":
        return _texts(words.get(place))
    return _number if fact_type == "float" else _truth


def _text(words: frozenset[str] | None) -> Fits:
    return (
        (lambda value: isinstance(value, str))
        if words is None
        else lambda value: isinstance(value, str) and value in words
    )


def _texts(words: frozenset[str] | None) -> Fits:
    def fits(value: Any) -> bool:
        whole = isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
        return whole and (words is None or words.issuperset(value))

    return fits


def _truth(value: Any) -> bool:
    return value is True or value is False


def _number(value: Any) -> bool:
    """Neither NaN, nor infinite, nor an integer beyond floats."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _listed(fields: Mapping[str, Fits]) -> Fits:
    def fits(value: Any) -> bool:
        return isinstance(value, list | tuple) and all(isinstance(each, Mapping) and _whole(each) for each in value)

    def _whole(element: Mapping[str, Any]) -> bool:
        return all(value is None or name not in fields or fields[name](value) for name, value in element.items())

    return fits
