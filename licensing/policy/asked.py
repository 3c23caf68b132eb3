"""What of some facts a ruleset can look at: facts that agree in it get the same answer. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from licensing.policy.rulesets import Ruleset, record_of

# What is looked at besides the conditions: lists, orders, and what contradicts itself.
ALWAYS = frozenset({"transaction_kind", "delivery_modes", "destinations", "items", "parties", "sites", "all_published"})
FIELDS = frozenset({"role", "weights", "country", "headquarters", "ultimate_parent"})
_WORD = re.compile(r"\w+")


class Asked:
    """The facts, and the fields of records, that a ruleset names. With orders in it every field counts, for orders read names."""

    def __init__(self, ruleset: Ruleset) -> None:
        rows = [row for table in ruleset.tables.values() for row in table]
        words = {word for row in rows for word in _WORD.findall(row.when)} | FIELDS
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
        return value if fields is None or value is None else [[row.get(field) for field in fields] for row in value]
