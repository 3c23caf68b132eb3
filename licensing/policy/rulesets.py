"""A policy as a frozen, compiled value: tables of rows, the facts they may ask for, the lists and thresholds in force.

A `Ruleset` is built from plain content (the JSON of a publication, or a file in `fixtures/policies/`), so it needs no
database. Compiling checks what would stop an answer; `checks.py` holds what a publisher is told beforehand.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import cel

from licensing.catalog.entries import ControlEntry
from licensing.policy.guards import Guard, Index, conjuncts, guards_of
from licensing.policy.typed import Fits, Words, fitting, record_of

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
    "seats": "collect",
    "conditions": "collect",
}

# What `determine` works out from the lists in force; callers never give these.
DERIVED: Mapping[str, str] = {
    "destination_lists": "list[str]",
    "destination_lists_throughout": "list[str]",
    "destination_embargoed": "bool",
    "thresholds": "map",
}
# The same of an element: for each key true, false, or, where it cannot be told, nothing. `"KEY" in p.lists` asks for one.
DERIVED_FIELDS = ("lists", "lists_throughout", "entries", "authorized")

MOST_CODES = 2000  # of countries and their parts that are remembered
_BOUND = re.compile(r"\.(?:all|exists|exists_one|map|filter)\(\s*(\w+)\s*,")
_LISTED = re.compile(r"\"([^\"]+)\"\s+in\s+(?:\w+\.)?(?:destination_)?lists(?:_throughout)?\b")
_ENTRY = re.compile(r"\"([^\"]+)\"\s+in\s+\w+\.entries\b")
_AUTHORIZED = re.compile(r"\"([^\"]+)\"\s+in\s+\w+\.authorized\b")
_KEYED = re.compile(rf"(\"[^\"]+\")\s+in\s+(\w+\.(?:{'|'.join(DERIVED_FIELDS)}))\b")


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
    """One rule. `names` are the facts that its condition asks for, `lists` the country lists; `whole` that its guards are all of it."""

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
    authorized: tuple[str, ...]
    guards: tuple[Guard, ...]
    whole: bool
    program: cel.Program = field(compare=False, repr=False)

    def dated(self, at: datetime) -> bool:
        """True when the row covers the instant: from its `from`, until before its `until`."""
        return (self.from_at is None or self.from_at <= at) and (self.until_at is None or at < self.until_at)

    @property
    def operative(self) -> bool:
        """True when the rule is law and is enforced; one that is not is only mentioned."""
        return self.legal_status is LegalStatus.IN_FORCE and self.enforcement_status is EnforcementStatus.ENFORCED


@dataclass(frozen=True)
class OwnershipRule:
    """From which percentage owners make a party theirs, in aggregate and through chains, for as long as the rule holds."""

    row: Row
    percent: Decimal


@dataclass(frozen=True)
class AuthorizedParties:
    """A published list of parties, by folded name, in the version that is in force."""

    key: str
    version: int
    names: frozenset[str]


@dataclass(frozen=True)
class Ruleset:
    """Everything an answer depends on besides the facts and the instant. Compiled once, shared, never changed.

    `countries` are the names by code that facts may use; when there are none, codes are checked by their form alone. `entries` are
    those of the control list in force; `words` what a fact may say, by fact or `record.field`.
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
    entries: tuple[ControlEntry, ...] = ()
    words: Words = field(default_factory=dict)
    ownership: tuple[OwnershipRule, ...] = ()
    authorized: Mapping[str, AuthorizedParties] = field(default_factory=dict)

    def rows(self, table: str, known: Mapping[str, Any]) -> Iterator[Row]:
        """The rows of a table, in order, without those that one of their guards rules out for these facts."""
        rows = self.tables[table]
        return (rows[place] for place in self._index[table].candidates(known))

    @cached_property
    def _index(self) -> Mapping[str, Index]:
        return {table: Index([row.guards for row in rows]) for table, rows in self.tables.items()}

    @cached_property
    def asked(self) -> frozenset[str]:
        """The facts that some condition asks for in CEL: nothing else has to be handed to it."""
        return frozenset(name for rows in self.tables.values() for row in rows if not row.whole for name in row.names)

    @cached_property
    def fits(self) -> Mapping[str, Fits]:
        """A test of each declared fact's value."""
        return {name: fitting(kind, name, self.records, self.words) for name, kind in self.fact_types.items()}

    @cached_property
    def record_facts(self) -> Mapping[str, str]:
        """The facts that are lists of records, with the record's name."""
        named = {name: record_of(kind) for name, kind in self.fact_types.items()}
        return {name: record for name, record in named.items() if record}

    @cached_property
    def number_facts(self) -> frozenset[str]:
        return frozenset(name for name, kind in self.fact_types.items() if kind == "float")

    @cached_property
    def lists_of(self) -> "ListsOf":
        """The declared lists that a country is on, by its code. A part of a country (UA-43) is also on its country's lists."""
        return ListsOf(self.lists)

    @cached_property
    def _off(self) -> Mapping[str, bool]:
        return dict.fromkeys(self.lists, False)

    def on_map(self, keys: frozenset[str]) -> dict[str, bool]:
        """Every declared list, true for these."""
        return {**self._off, **dict.fromkeys(keys, True)}

    @cached_property
    def guarding(self) -> Mapping[str, frozenset[str]]:
        """The declared facts that the guards of each table look at."""
        return {
            table: frozenset(guard.fact for row in rows for guard in row.guards) & self.fact_types.keys()
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


class ListsOf(dict[str, frozenset[str]]):
    """Found once for each code. Callers ask for codes that have the form of one, so that there are only so many."""

    def __init__(self, lists: Mapping[str, ListVersionRef]) -> None:
        super().__init__()
        self._lists = lists

    def __missing__(self, code: str) -> frozenset[str]:
        codes = {code, code.partition("-")[0]}
        found = frozenset(key for key, ref in self._lists.items() if not codes.isdisjoint(ref.members))
        if len(self) < MOST_CODES:
            self[code] = found
        return found


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


def asked_entries(when: str) -> tuple[str, ...]:
    """The control-list entries that a condition names: the strings before `in i.entries`."""
    return tuple(sorted(set(_ENTRY.findall(when))))


def asked_authorized(when: str) -> tuple[str, ...]:
    """The lists of authorized parties that a condition names."""
    return tuple(sorted(set(_AUTHORIZED.findall(when))))


def compiled(when: str) -> cel.Program:
    """`"KEY" in p.lists` asks a map for its key, so that what is not known is an error, which only `&&` and `||` may decide over.

    Raises ValueError when the condition does not parse.
    """
    return cel.compile(_KEYED.sub(r"\2[\1]", when))


def compile_row(table: str, row: Mapping[str, Any], fact_types: Mapping[str, str]) -> Row:
    """Raises ValueError when the condition does not parse or a status or date is not one."""
    when = str(row["when"])
    program = compiled(when)
    guards = guards_of(when, {**fact_types, **DERIVED})
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
        authorized=asked_authorized(when),
        guards=guards,
        whole=len(guards) == len([part for part in conjuncts(when) if part != "true"]),
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
    entries: Sequence[ControlEntry] = (),
    authorized: Mapping[str, AuthorizedParties] | None = None,
) -> Ruleset:
    """Compile a policy's content with the lists in force.

    `thresholds` are training operations by key, `entries` the entries of the control list; its figures replace the policy's. A list that
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
        entries=tuple(entries),
        words={place: frozenset(words) for place, words in content.get("words", {}).items()},
        ownership=tuple(_ownership(row) for row in content.get("ownership", ())),
        authorized={
            key: (authorized or {}).get(key, AuthorizedParties(key, 0, frozenset()))
            for key in content.get("authorized_lists", ())
        },
    )


def _ownership(row: Mapping[str, Any]) -> OwnershipRule:
    plain = {**row, "when": "true", "then": {"percent": row["percent"]}}
    return OwnershipRule(compile_row("ownership", plain, {}), Decimal(str(row["percent"])))
