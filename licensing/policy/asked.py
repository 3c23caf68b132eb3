"""What of some facts a ruleset can look at: facts that agree in it get the same answer. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from licensing.countries.rules import folded
from licensing.policy.rulesets import Ruleset
from licensing.policy.typed import record_of

# What is looked at besides the conditions: lists, orders, and what contradicts itself.
ALWAYS = frozenset({"transaction_kind", "delivery_modes", "destinations", "items", "parties", "sites", "all_published"})
FIELDS = frozenset({"role", "weights", "country", "headquarters", "ultimate_parent", "owners"})
# What an entry of the control list looks at in an item (`catalog.entries.covers`).
COVERED = frozenset(
    {
        "kind", "control_entry", "operations", "methods", "tolerance_percent", "derivation", "made_from_entries",
        "total_processing_performance", "die_area", "contains",
    }
)  # fmt: skip
_WORD = re.compile(r"\w+")


class Asked:
    """The facts, and the fields of records, that a ruleset names. With orders in it every field counts, for orders read names."""

    def __init__(self, ruleset: Ruleset) -> None:
        rows = [row for table in ruleset.tables.values() for row in table]
        words = {word for row in rows for word in _WORD.findall(row.when)} | FIELDS
        words |= COVERED if ruleset.entries else set()
        self.authorized = [parties.names for parties in ruleset.authorized.values()]
        names = {name for row in rows for name in row.names} | ALWAYS
        self.names = sorted(names & (ruleset.fact_types.keys() | ALWAYS))
        self.fields: dict[str, list[str] | None] = {
            name: None if ruleset.orders else sorted(words & ruleset.records[record].keys())
            for name in self.names
            if (record := record_of(ruleset.fact_types.get(name, "")))
        }

    def digest(self, facts: Mapping[str, Any]) -> bytes:
        """The same for facts that the ruleset cannot tell apart, of the types that it declares."""
        seen = [self._seen(name, facts.get(name)) for name in self.names]
        return hashlib.blake2b(json.dumps(seen, default=str).encode(), digest_size=16).digest()

    def _seen(self, name: str, value: Any) -> Any:
        fields = self.fields.get(name)
        if fields is None or value is None:
            return value
        return [[*(row.get(field) for field in fields), *self._on_lists(name, row)] for row in value]

    def _on_lists(self, name: str, row: Mapping[str, Any]) -> list[bool]:
        """Of a party, not its name but which lists of authorized parties have it."""
        called = folded(str(row.get("name") or "")) if name == "parties" else ""
        return [called in names for names in self.authorized if called]
