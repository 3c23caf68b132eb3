"""What is known once the lists in force have been looked at: for each element the lists and control entries that it is on. Pure.

A map under `lists`, `lists_throughout`, `entries` and `authorized` holds true or false by key. A key that cannot be told is left out, and
`why` names the facts that are missing for it: a condition that hangs on it is then neither true nor false.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from licensing.catalog.entries import covers
from licensing.countries.rules import folded
from licensing.parties.rules import Stake, held
from licensing.policy.facts import ORIGINS, PLACED
from licensing.policy.rulesets import OwnershipRule, Ruleset

# What an element that does not speak of it has: it is a model, counted by no method, nobody employs it, no share in it is known besides
# its parent.
UNSAID: Mapping[str, Any] = {
    "kind": "model", "made_from": [], "methods": [], "tolerance_percent": 0.0, "employer": "", "owners": [],
}  # fmt: skip
NEVER_EMPTY = frozenset({"destinations", "items", "parties", "delivery_modes"})  # an empty one says nothing
_ITSELF = ""


@dataclass
class Known:
    """The declared facts that are known, with what follows from the lists.

    `owned` are ownership rules, each with the lists for which it made a difference.
    """

    values: dict[str, Any] = field(default_factory=dict)
    why: dict[str, set[str]] = field(default_factory=dict)
    owned: dict[str, tuple[OwnershipRule, set[str]]] = field(default_factory=dict)

    def missing(self, key: str, facts: Iterable[str]) -> None:
        self.why.setdefault(key, set()).update(facts)


def complete(ruleset: Ruleset, facts: Mapping[str, Any], at: datetime) -> Known:
    """The declared facts, and what follows from the lists in force.

    `destination_lists`: lists that at least one destination is on; `destination_lists_throughout`: lists that every destination is
    on. The same for each party and site over its location, headquarters and ultimate parent, as `lists` and `lists_throughout`. An
    empty headquarters or parent says that there is none; one that is left out is not known.
    """
    known = Known()
    values = known.values
    for name in ruleset.fact_types:
        value = facts.get(name)
        if value is None or (not value and name in NEVER_EMPTY):
            continue
        if name in ruleset.number_facts:
            value = float(value)
        elif name in ruleset.record_facts and name in ruleset.asked:
            value = _elements(ruleset, known, name, value, at)
        values[name] = value
    values["thresholds"] = ruleset.thresholds
    if "destinations" in values:
        per_code = [ruleset.lists_of[code] for code in values["destinations"]]
        on = frozenset().union(*per_code)
        values["destination_lists"] = sorted(on)
        values["destination_lists_throughout"] = sorted(frozenset.intersection(*per_code))
        values["destination_embargoed"] = not on.isdisjoint(ruleset.embargo_lists)
    return known


def _elements(
    ruleset: Ruleset, known: Known, name: str, rows: Iterable[Mapping[str, Any]], at: datetime
) -> list[dict[str, Any]]:
    """Those that say less stand last, in an order of their own: whether one of them can be told must not hang on who comes first."""
    fields = ruleset.records[ruleset.record_facts[name]]
    found = [_element(ruleset, known, name, fields, row, at) for row in rows]
    if len(found) > 1 and (known.why or any(fields.keys() - each.keys() for each in found)):
        found.sort(key=lambda each: (-len(each), json.dumps(each, sort_keys=True, default=str)))
    return found


def _element(
    ruleset: Ruleset, known: Known, name: str, fields: Mapping[str, str], row: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, kind in fields.items():
        value = row.get(key, UNSAID.get(key))
        if value is not None:
            # Operations come back from the database as integers of 27 digits, which CEL cannot hold: they count as floats.
            made[key] = float(value) if kind == "float" else value
    if name in PLACED:
        _place(ruleset, known, name, row, made)
        if row.get("owners"):
            _own(ruleset, known, row, made, at)
        if name == "parties" and ruleset.authorized:
            called = folded(str(row.get("name") or ""))
            made["authorized"] = {
                key: bool(called) and called in parties.names for key, parties in ruleset.authorized.items()
            }
    elif name == "items" and ruleset.entries:
        made["entries"] = dict(_entries(ruleset, known, made))
    return made


def _entries(ruleset: Ruleset, known: Known, item: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for entry in ruleset.entries:
        cover = covers(entry, item) if entry.operative else None
        if cover is None or cover.holds is not None:
            yield entry.code, bool(cover and cover.holds)
        else:
            known.missing(entry.code, (f"items.{field}" for field in cover.missing))


def _place(ruleset: Ruleset, known: Known, name: str, row: Mapping[str, Any], made: dict[str, Any]) -> None:
    origins = [row.get(key) for key in ORIGINS]
    per_code = [ruleset.lists_of[code] for code in origins if code]
    on, throughout = frozenset().union(*per_code), frozenset.intersection(*per_code) if per_code else frozenset()
    if origins[1] == "":
        throughout = frozenset()  # without headquarters nothing is shown of all of it
    unsaid = [
        f"{name}.{key}"
        for key, code in zip(ORIGINS, origins, strict=True)
        if code is None or (key == "country" and not code)
    ]
    if not unsaid:
        made["lists"], made["lists_throughout"] = ruleset.on_map(on), ruleset.on_map(throughout)
        return
    made["lists"] = dict.fromkeys(on, True)
    made["lists_throughout"] = (
        dict.fromkeys(ruleset.lists.keys() - throughout, False) if per_code or origins[1] == "" else {}
    )
    for key in ruleset.lists:
        known.missing(key, unsaid)


def _own(ruleset: Ruleset, known: Known, row: Mapping[str, Any], made: dict[str, Any], at: datetime) -> None:
    """Owners that hold enough of a party put it on their lists, and off those that they are not on."""
    owners = row["owners"]
    codes = {owner["country"] for owner in owners if owner.get("country")}
    for rule in ruleset.ownership:
        if not rule.row.dated(at):
            continue
        on, throughout = dict(made["lists"]), dict(made["lists_throughout"])
        for key in ruleset.lists:
            listed = {code for code in codes if key in ruleset.lists_of[code]}
            _told(on, key, True, _holds(rule, owners, listed))
            _told(throughout, key, False, _holds(rule, owners, codes - listed))
        pairs = ((on, made["lists"]), (throughout, made["lists_throughout"]))
        changed = {key for key in ruleset.lists if any(new.get(key) != old.get(key) for new, old in pairs)}
        if changed:
            known.owned.setdefault(rule.row.id, (rule, set()))[1].update(changed)
        if rule.row.operative:
            for key in changed:
                known.missing(key, ("parties.owners",))
            made["lists"], made["lists_throughout"] = on, throughout


def _told(told: dict[str, bool], key: str, value: bool, holds: bool | None) -> None:
    if holds:
        told[key] = value
    elif holds is None and told.get(key) is not value:
        told.pop(key, None)


def _holds(rule: OwnershipRule, owners: Iterable[Mapping[str, Any]], listed: set[str]) -> bool | None:
    """Whether owners from these countries own enough; an owner whose country is not known may be one."""
    stakes = [_stake(number, owner) for number, owner in enumerate(owners)]
    sure = {stake.owner for stake, owner in zip(stakes, owners, strict=True) if owner.get("country") in listed}
    maybe = sure | {stake.owner for stake, owner in zip(stakes, owners, strict=True) if not owner.get("country")}
    least, most = held(_ITSELF, stakes, sure, limit=rule.percent), held(_ITSELF, stakes, maybe, limit=rule.percent)
    if least.reaches(rule.percent):
        return True
    return False if most.reaches(rule.percent) is False else None


def _stake(number: int, owner: Mapping[str, Any]) -> Stake:
    share = owner.get("percent")
    return Stake(
        owner.get("name") or number, owner.get("owns") or _ITSELF, None if share is None else Decimal(str(share))
    )
