"""The rules of `fixtures/` as a ruleset, without a database: what was required at an instant, as known at another. Pure."""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from licensing.audit.refusals import NotNow
from licensing.catalog.entries import entries_of, figures_of
from licensing.countries.rules import content_of, holds_from, members_at
from licensing.policy.orders import Order, from_content, lists_asked, parties_of
from licensing.policy.rulesets import AuthorizedParties, ListVersionRef, Ruleset, VersionRef, compile_ruleset, instant

Document = Mapping[str, Any]


def ruleset_of(
    folder: Path, jurisdiction: str, at: datetime, known_at: datetime | None = None, *, public: bool = True
) -> Ruleset:
    """The rules of a folder of fixtures that hold at an instant, as far as they were published by `known_at` (default: all of them).

    `public` leaves out orders that nobody but the served company had been told of by then. Raises `NotNow` where there is no policy.
    """
    policy, control = _one(folder / "policies", jurisdiction), _one(folder / "control", jurisdiction)
    # What stands in these files without a date of publication was published when it began to hold.
    known = min(at, known_at or at).date().isoformat()
    if policy is None or policy["holds_from"] > known:
        raise NotNow(
            "no_policy", f"No policy {jurisdiction!r} of {folder.name}/policies held, and was known, on {known}."
        )
    control = control if control and control["holds_from"] <= known else None
    lists = {
        key: ListVersionRef(key, 1, members_at(content_of(row), at.date()))
        for key, row in _json(folder / "countries" / "lists.json").items()
        if holds_from(row) <= known
    }
    missing = [key for key in policy["lists"] if key not in lists]
    if missing:
        raise NotNow(
            "no_list", f"On {known} there was no {', '.join(missing)}, which policy {jurisdiction!r} asks for."
        )
    authorized = _authorized(folder, at, known_at)
    return compile_ruleset(
        policy,
        policy=VersionRef(jurisdiction, 1),
        lists=lists,
        thresholds=figures_of(control, at.date()) if control else {},
        entries=entries_of(control, at.date()) if control else (),
        control_list=VersionRef(jurisdiction, 1) if control else None,
        orders=tuple(_orders(folder, authorized, at, known_at, public=public)),
        authorized=authorized,
        countries=_countries(folder / "countries" / "countries.csv"),
    )


def _authorized(folder: Path, at: datetime, known_at: datetime | None) -> Mapping[str, AuthorizedParties]:
    return {
        document["key"]: parties_of(row["content"], document["key"], row["version"])
        for document in _all(folder / "authorized")
        if (row := _in_force(document, at, known_at))
    }


def _orders(
    folder: Path, lists: Mapping[str, AuthorizedParties], at: datetime, known_at: datetime | None, *, public: bool
) -> Iterator[Order]:
    for document in _all(folder / "orders"):
        disclosed = instant(document.get("disclosed_at"))
        if public and (disclosed is None or (known_at is not None and disclosed > known_at)):
            continue
        row = _in_force(document, at, known_at)
        if row:
            effective = instant(row["effective_at"])
            ref = VersionRef(document["key"], row["version"], "", effective.isoformat() if effective else "")
            if missing := [name for name in lists_asked(row["content"]) if name not in lists]:
                raise NotNow(
                    "no_list",
                    f"Order {document['key']} asks for {', '.join(missing)}, of which no version is in force.",
                )
            yield from_content(row["content"], ref, lists)


def _in_force(document: Document, at: datetime, known_at: datetime | None) -> Document | None:
    """The version that holds at an instant, as far as was published by then."""

    def when(row: Document, name: str) -> datetime:
        return instant(row[name]) or datetime.max.replace(tzinfo=UTC)

    held = [
        row
        for row in document["versions"]
        if when(row, "effective_at") <= at and (known_at is None or when(row, "published_at") <= known_at)
    ]
    return max(held, key=lambda row: (when(row, "effective_at"), row["version"]), default=None)


def _one(folder: Path, name: str) -> Document | None:
    """The document of this name; a name is never a path."""
    return next((_yaml(path) for path in folder.glob("*.yaml") if path.stem == name), None)


def _all(folder: Path) -> list[Document]:
    return [_yaml(path) for path in sorted(folder.glob("*.yaml"))]


@lru_cache(maxsize=4)
def _countries(path: Path) -> Mapping[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


@lru_cache(maxsize=64)
def _yaml(path: Path) -> Document:
    loaded: Document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=4)
def _json(path: Path) -> Document:
    loaded: Document = json.loads(path.read_text(encoding="utf-8"))
    return loaded
