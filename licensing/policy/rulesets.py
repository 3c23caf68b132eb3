"""A policy as a frozen, compiled value: tables of rows, the facts they may ask for, the lists and thresholds in force.

A `Ruleset` is built from plain content (the JSON of a publication, or a file in `fixtures/policies/`), so it needs no
database. Compiling checks what would stop an answer; `checks.py` holds what a publisher is told beforehand.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import cel

from licensing.policy.guards import Guard, guards_of

if TYPE_CHECKING:
    from licensing.policy.orders import Order


class Requirement(StrEnum):
    REQUIRED = "required"
    EXCEPTION = "exception"
    NOT_REQUIRED = "not_required"
    PROHIBITED = "prohibited"
    NEEDS_INFORMATION = "needs_information"


class ReviewPolicy(StrEnum):
    PRESUMPTION_OF_APPROVAL = "presumption_of_approval"
    CASE_BY_CASE = "case_by_case"
    PRESUMPTION_OF_DENIAL = "presumption_of_denial"
    POLICY_OF_DENIAL = "policy_of_denial"


class LegalStatus(StrEnum):
    IN_FORCE = "in_force"
    RESCINDED = "rescinded"


class EnforcementStatus(StrEnum):
    ENFORCED = "enforced"
    NOT_ENFORCED = "not_enforced"
    SUSPENDED = "suspended"


# The questions of a policy in the order in which they are asked. The first row that holds answers a question of kind
# "first"; every row that holds adds to one of kind "collect".
TABLES: Mapping[str, str] = {
    "requirement": "first",
    "exception": "first",
    "review_policy": "first",
    "workflow": "first",
    "conditions": "collect",
}

# What `determine` works out from the lists in force; callers never give these.
DERIVED: Mapping[str, str] = {
    "destination_lists": "list[str]",
    "destination_lists_throughout": "list[str]",
    "destination_embargoed": "bool",
    "thresholds": "map",
}
DERIVED_FIELDS = ("lists", "lists_throughout")

MOST_REMEMBERED = 4096
_BOUND = re.compile(r"\.(?:all|exists|exists_one|map|filter)\(\s*(\w+)\s*,")
_LISTED = re.compile(r"\"([^\"]+)\"\s+in\s+(?:\w+\.)?(?:destination_)?lists(?:_throughout)?\b")
_RECORD = re.compile(r"list\[(\w+)\]")


@dataclass(frozen=True)
class VersionRef:
    """Which version of something published was relied on."""

    key: str
    version: int
    publication: str = ""
    effective_at: str = ""

    def to_json(self) -> dict[str, Any]:
        return dict(self.__dict__)


@dataclass(frozen=True)
class ListVersionRef:
    """A country list as in force: its version and its members' codes."""

    key: str
    version: int
    members: frozenset[str]
    publication: str = ""


@dataclass(frozen=True)
class Row:
    """One rule. `names` are the facts that its condition asks for, `lists` the country lists."""

    table: str
    id: str
    when: str
    then: Mapping[str, Any]
    citation: str
    note: str
    legal_status: LegalStatus
    enforcement_status: EnforcementStatus
    from_at: datetime | None
    until_at: datetime | None
    names: tuple[str, ...]
    lists: tuple[str, ...]
    guards: tuple[Guard, ...]
    program: cel.Program = field(compare=False, repr=False)

    def dated(self, at: datetime) -> bool:
        """True when the row covers the instant: from its `from`, until before its `until`."""
        return (self.from_at is None or self.from_at <= at) and (self.until_at is None or at < self.until_at)

    @property
    def operative(self) -> bool:
        """True when the rule is law and is enforced; one that is not is only mentioned."""
        return self.legal_status is LegalStatus.IN_FORCE and self.enforcement_status is EnforcementStatus.ENFORCED


@dataclass(frozen=True)
class Ruleset:
    """Everything an answer depends on besides the facts and the instant. Compiled once, shared, never changed.

    `countries` are the names by code that facts may use; when there are none, codes are checked by their form alone.
    """

    policy: VersionRef
    tables: Mapping[str, Sequence[Row]]
    fact_types: Mapping[str, str]
    records: Mapping[str, Mapping[str, str]]
    questions: Mapping[str, str]
    lists: Mapping[str, ListVersionRef]
    embargo_lists: tuple[str, ...]
    thresholds: Mapping[str, float]
    control_list: VersionRef | None = None
    orders: tuple["Order", ...] = ()
    countries: Mapping[str, str] = field(default_factory=dict)
    _remembered: dict[tuple[Any, ...], Sequence[Row]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def rows(self, table: str, known: Mapping[str, Any]) -> Sequence[Row]:
        """The rows of a table, in order, without those that one of their guards rules out for these facts."""
        asked = self.guarding[table]
        place = (table, *(_frozen(known.get(name)) for name in asked))
        found = self._remembered.get(place)
        if found is None:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            found = [row for row in self.tables[table] if all(guard.may_hold(known) for guard in row.guards)]
            self._remembered[place] = found
        return found

    @cached_property
    def guarding(self) -> Mapping[str, tuple[str, ...]]:
        """The facts that the guards of each table look at."""
        return {
            table: tuple(sorted({guard.fact for row in rows for guard in row.guards}))
            for table, rows in self.tables.items()
        }

    @property
    def version_ids(self) -> tuple[str, ...]:
        """What identifies this ruleset: policy, control list and every list, each with its version."""
        control = f"{self.control_list.key}:{self.control_list.version}" if self.control_list else "-"
        lists = (f"{ref.key}:{ref.version}" for ref in self.lists.values())
        orders = (f"{order.ref.key}:{order.ref.version}" for order in self.orders)
        return (f"{self.policy.key}:{self.policy.version}", control, *lists, *orders)

    @cached_property
    def lists_of_guards(self) -> Mapping[str, frozenset[str]]:
        """The country lists that the guards of each table look at: they were consulted for the rows that they ruled out."""
        return {
            table: frozenset(str(key) for row in rows for guard in row.guards if guard.listed for key in guard.values)
            & self.lists.keys()
            for table, rows in self.tables.items()
        }


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def instant(value: str | date | None) -> datetime | None:
    """A row's `from` or `until`: a day (midnight UTC) or an instant with its offset. Raises ValueError."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        parsed = value
    elif isinstance(value, date):
        parsed = datetime.combine(value, time(0), UTC)
    else:
        parsed = datetime.fromisoformat(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def asked_names(program: cel.Program, when: str) -> tuple[str, ...]:
    """The facts that a condition asks for, the variables of its macros left out."""
    bound = set(_BOUND.findall(when))
    return tuple(sorted(name for name in program.variables() if name not in bound))


def asked_lists(when: str) -> tuple[str, ...]:
    """The country lists that a condition names: the strings before `in ...lists`."""
    return tuple(sorted(set(_LISTED.findall(when))))


def record_of(fact_type: str) -> str | None:
    """`item` for `list[item]`; None for plain types and for `list[str]`."""
    match = _RECORD.fullmatch(fact_type)
    return match[1] if match and match[1] != "str" else None


def compile_row(table: str, row: Mapping[str, Any], fact_types: Mapping[str, str]) -> Row:
    """Raises ValueError when the condition does not parse or a status or date is not one."""
    when = str(row["when"])
    program = cel.compile(when)
    return Row(
        table=table,
        id=row["id"],
        when=when,
        then=dict(row["then"]),
        citation=row["citation"],
        note=row.get("note", ""),
        legal_status=LegalStatus(row["legal_status"]),
        enforcement_status=EnforcementStatus(row["enforcement_status"]),
        from_at=instant(row.get("from")),
        until_at=instant(row.get("until")),
        names=asked_names(program, when),
        lists=asked_lists(when),
        guards=guards_of(when, {**fact_types, **DERIVED}),
        program=program,
    )


def compile_ruleset(
    content: Mapping[str, Any],
    *,
    policy: VersionRef,
    lists: Mapping[str, ListVersionRef],
    thresholds: Mapping[str, float] | None = None,
    control_list: VersionRef | None = None,
    orders: Sequence["Order"] = (),
    countries: Mapping[str, str] | None = None,
) -> Ruleset:
    """Compile a policy's content with the lists in force.

    `thresholds` are training operations by control-list entry; the control list's replace the policy's own. A list that
    the policy declares and that is not in force counts as empty, with version 0. Raises ValueError, KeyError on content
    that `checks.problems` would have named.
    """
    declared = {key: lists.get(key, ListVersionRef(key, 0, frozenset())) for key in content.get("lists", ())}
    own = {entry: float(value) for entry, value in content.get("thresholds", {}).items()}
    return Ruleset(
        policy=policy,
        tables={
            table: tuple(compile_row(table, row, content["facts"]) for row in content["tables"].get(table, ()))
            for table in TABLES
        },
        fact_types=dict(content["facts"]),
        records={name: dict(fields) for name, fields in content.get("records", {}).items()},
        questions=dict(content.get("questions", {})),
        lists=declared,
        embargo_lists=tuple(content.get("embargo_lists", ())),
        thresholds=own | dict(thresholds or {}),
        control_list=control_list,
        orders=tuple(orders),
        countries=countries or {},
    )
