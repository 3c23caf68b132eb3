"""One writing of a value, so that its SHA-256 means something.

PostgreSQL keeps `jsonb` numbers as decimals: a float of 1e26 comes back as an integer, and 2.0 may come back as 2. `plain` brings
a value into the form that survives that journey, and `canonical` writes a plain value: keys sorted, no blanks, UTF-8.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID


def plain(value: Any) -> Any:
    """The value in JSON's own types, unchanged by being stored and read again.

    Instants become ISO 8601 in UTC, decimals and UUIDs strings, sets sorted lists, whole floats integers.
    Raises TypeError for anything without a plain form, and ValueError for NaN, infinities and NUL characters.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return _collection(value)


def _collection(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=canonical)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    raise TypeError(f"{type(value).__name__} has no plain form")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key must be a string, not {key!r}")
    return _text(key)


def _text(value: str) -> str:
    if "\x00" in value:
        raise ValueError("text with a NUL character cannot be stored")
    return str(value)


def _number(value: float) -> int | float:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that can be stored")
    exact = Decimal(repr(value))
    return int(exact) if exact == exact.to_integral_value() else value


def instant(at: datetime) -> str:
    """An aware instant as text, in UTC, to the microsecond."""
    if at.tzinfo is None:
        raise ValueError("an instant without a time zone means nothing")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: Any) -> bytes:
    """A plain value as bytes: the same value always gives the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form of a plain value, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
