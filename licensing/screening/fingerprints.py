"""What a decision about a party and a listed entity rests on: when one of the two changes, the decision holds no longer. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from licensing.screening.match import ScreeningQuery


def of_query(query: ScreeningQuery) -> str:
    """SHA-256 of what is known of the party, its place in a transaction left out."""
    return _digest(
        {
            "kind": query.kind, "name": query.name, "aliases": sorted(query.aliases), "country": query.country,
            "birth_date": query.birth_date, "identifiers": sorted(query.identifiers), "gender": query.gender,
            "addresses": sorted(query.addresses), "domains": sorted(query.domains),
        }
    )  # fmt: skip


def of_holding(query: ScreeningQuery, features: Mapping[str, Any]) -> str:
    """SHA-256 of what is known of a party that listed parties own, and of what they own of it."""
    return _digest(
        {"party": of_query(query), "holding": {name: features[name] for name in ("owners", "least", "most")}}
    )


def of_listed(row: Mapping[str, Any]) -> str:
    """SHA-256 of a listed entity's columns."""
    return _digest(dict(row))


def of_result(hits: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of what a run has found, in an order of its own: the same screening gives the same bytes."""
    rows = sorted(hits, key=lambda hit: (hit["ref"], hit["entity_id"]))
    return _digest({"hits": rows})


def _digest(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(
        json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()
