"""The answer: is a license required, does an exception apply, how is it reviewed, which workflow, under which rule and version.

Pure: the same ruleset, facts and instant give the same answer, and nothing is read or written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import cel

from licensing.audit.refusals import Invalid
from licensing.catalog.entries import covers
from licensing.policy.facts import check_facts
from licensing.policy.known import complete
from licensing.policy.orders import STATUS, Reached, reached
from licensing.policy.rulesets import (
    DERIVED,
    DERIVED_FIELDS,
    ListVersionRef,
    Requirement,
    Row,
    Ruleset,
    VersionRef,
)

__all__ = ["Change", "CitedList", "Covered", "Determination", "FiredRule", "Question", "Requirement", "determine"]


@dataclass(frozen=True)
class FiredRule:
    """A rule whose condition holds, with its authority and the version of the policy that it stands in."""

    table: str
    id: str
    citation: str
    note: str
    version: int
    legal_status: str
    enforcement_status: str
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class CitedList:
    """A list that was looked at: which version, and which of the countries, or of the parties, named are on it."""

    key: str
    version: int
    matched: tuple[str, ...]


@dataclass(frozen=True)
class Covered:
    """That an entry of the control list covers an item; one that is not law, or not enforced, does so without effect."""

    item: str
    entry: str
    heading: str
    legal_status: str
    enforcement_status: str


@dataclass(frozen=True)
class Question:
    """A fact that is missing, and the sentence that asks for it."""

    fact: str
    sentence: str


@dataclass(frozen=True)
class Change:
    """One single fact or list that, if it were otherwise, would change the answer."""

    what: str
    requirement: str
    exception: str
    review_policy: str


@dataclass(frozen=True)
class Determination:
    """`unenforced` are rules that hold but are not enforced, or no longer law: mentioned, without effect. `seats` are asked to review."""

    at: datetime
    requirement: Requirement
    exception: str
    review_policy: str
    workflow: str
    seats: tuple[str, ...]
    conditions: tuple[str, ...]
    rules: tuple[FiredRule, ...]
    unenforced: tuple[FiredRule, ...]
    lists: tuple[CitedList, ...]
    covered: tuple[Covered, ...]
    facts_used: Mapping[str, Any]
    would_change: tuple[Change, ...]
    questions: tuple[Question, ...]
    embargoed: bool
    policy: VersionRef
    control_list: VersionRef | None

    def to_json(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "requirement": str(self.requirement),
            "exception": self.exception,
            "review_policy": self.review_policy,
            "workflow": self.workflow,
            "seats": list(self.seats),
            "conditions": list(self.conditions),
            "rules": [_plain(rule) for rule in self.rules],
            "unenforced": [_plain(rule) for rule in self.unenforced],
            "lists": [_plain(cited) for cited in self.lists],
            "covered": [_plain(covered) for covered in self.covered],
            "facts_used": dict(self.facts_used),
            "would_change": [_plain(change) for change in self.would_change],
            "questions": [_plain(question) for question in self.questions],
            "destination_embargoed": self.embargoed,
            "policy": self.policy.to_json(),
            "control_list": self.control_list.to_json() if self.control_list else None,
        }


def determine(ruleset: Ruleset, facts: Mapping[str, Any], at: datetime, *, explain: bool = True) -> Determination:
    """Answer for these facts at this instant.

    `destination_lists`, `destination_embargoed` and the lists of parties and sites come from the ruleset's lists, never from the
    caller. A fact that is missing where it matters gives `needs_information` with the question. `explain=False` leaves
    `would_change` and `covered` empty. Raises `Invalid` for facts that are not of their type, no word, country or entry, or that
    contradict each other.
    """
    asked = _Asked(ruleset, facts, at, check_facts(ruleset, facts))
    requirement = asked.requirement()
    review_policy = asked.review_policy(requirement)
    if requirement is Requirement.REQUIRED and asked.open_tables & {"review_policy"}:
        requirement = Requirement.NEEDS_INFORMATION
    workflow = asked.value("workflow")
    seats = asked.collected("seats")
    conditions = asked.conditions(requirement)
    return Determination(
        at=at,
        requirement=requirement,
        exception=asked.exception,
        review_policy=review_policy,
        workflow=workflow,
        seats=seats,
        conditions=conditions,
        rules=(*asked.fired, *asked.ownership(operative=True)),
        unenforced=(*(_fired(ruleset, row) for row in asked.idle), *asked.ownership(operative=False)),
        lists=asked.cited_lists(),
        covered=tuple(_covered(ruleset, facts)) if explain else (),
        facts_used=asked.facts_used(),
        would_change=tuple(_changes(ruleset, facts, at, asked)) if explain else (),
        questions=tuple(asked.questions.values()),
        embargoed=bool(asked.values.get("destination_embargoed")),
        policy=ruleset.policy,
        control_list=ruleset.control_list,
    )


class _Asked:
    """One determination under way: at most one CEL context, and what was consulted."""

    def __init__(self, ruleset: Ruleset, facts: Mapping[str, Any], at: datetime, codes: set[str]) -> None:
        self.ruleset, self.at, self.codes = ruleset, at, codes
        self.known = complete(ruleset, facts, at)
        self.values = self.known.values
        self.consulted: list[Row] = []
        self.tables: set[str] = set()
        self.orders = list(reached(ruleset.orders, facts, at)) if ruleset.orders else []
        self.fired: list[FiredRule] = []
        self.idle: list[Row] = []
        self.questions: dict[str, Question] = {}
        self.open_tables: set[str] = set()
        self.exception = ""

    @cached_property
    def context(self) -> cel.Context:
        return cel.Context(variables={name: self.values[name] for name in self.ruleset.asked & self.values.keys()})

    def requirement(self) -> Requirement:
        ordered = self._ordered()
        value = self.value("requirement")
        if Requirement.PROHIBITED in (ordered, value):
            return Requirement.PROHIBITED
        if ordered:
            return ordered  # by name, whatever the tables and their exceptions say
        if not value or "orders" in self.open_tables:
            return Requirement.NEEDS_INFORMATION
        if value == Requirement.REQUIRED:
            # A license is required unless an exception is shown to apply: one that cannot be told yet is asked for, not assumed.
            self.exception = self.value("exception")
            return Requirement.EXCEPTION if self.exception else Requirement.REQUIRED
        return self._against_undertakings() or Requirement(value)

    def _ordered(self) -> Requirement | None:
        """What the orders that reach the facts require, the strictest first; those that a relief frees from are mentioned."""
        required: list[Requirement] = []
        for found in self.orders:
            if found.missing:
                self.open_tables.add("orders")
                self.questions.update({name: self._question(name) for name in found.missing})
            else:
                self.fired.append(_by_order(found))
                required += [found.order.requirement] if found.requires else []
        return max(required, key=lambda value: value is Requirement.PROHIBITED, default=None)

    def _against_undertakings(self) -> Requirement | None:
        """Where nothing but an order asked for a license, a relief with duties is an exception under conditions (H11)."""
        with_duties = [found for found in self.orders if found.relief and found.relief.undertakings]
        if not with_duties:
            return None
        self.exception = _by_order(with_duties[0]).id
        return Requirement.EXCEPTION

    def review_policy(self, requirement: Requirement) -> str:
        if requirement is not Requirement.REQUIRED:
            return ""
        by_order = [found.order.review_policy for found in self.orders if found.requires and found.order.review_policy]
        return by_order[0] if by_order else self.value("review_policy")

    def value(self, table: str) -> str:
        """What the first row that holds says; "" when none does, or when a fact is missing that could change it."""
        undecided: list[tuple[Row, list[Question]]] = []
        for row in self._rows(table):
            holds, missing = self._holds(row)
            if holds is None:
                undecided.append((row, missing))
            elif holds:
                if any(other.then[table] != row.then[table] for other, _ in undecided):
                    break
                self.fired.append(_fired(self.ruleset, row))
                return str(row.then[table])
        if undecided:
            self.open_tables.add(table)
            for _, questions in undecided:
                self.questions.update({question.fact: question for question in questions})
        return ""

    def collected(self, table: str) -> tuple[str, ...]:
        """What the rows of a table that hold add up to, in order, each once."""
        self.fired += [_fired(self.ruleset, row) for row in self._rows(table) if self._holds(row)[0]]
        return tuple(dict.fromkeys(key for rule in self.fired for key in rule.answer.get(table, ())))

    def conditions(self, requirement: Requirement) -> tuple[str, ...]:
        """Text keys that the rows propose; none where nothing is licensed."""
        return () if requirement in (Requirement.NOT_REQUIRED, Requirement.PROHIBITED) else self.collected("conditions")

    def _rows(self, table: str) -> Iterator[Row]:
        self.tables.add(table)
        for row in self.ruleset.rows(table, self.values):
            if not row.dated(self.at):
                continue
            if row.operative:
                self.consulted.append(row)
                yield row
            elif self._holds(row)[0]:
                self.idle.append(row)

    def _holds(self, row: Row) -> tuple[bool | None, list[Question]]:
        """True, False, or None with the questions whose answers are missing."""
        missing = [name for name in row.names if name not in self.values]
        if row.whole:  # a guard that is false would have left the row out
            return (None, self._ask(missing)) if missing else (True, [])
        try:
            return bool(row.program.execute(self.context)), []
        except RuntimeError:
            if not missing:
                raise
            return None, self._ask(missing)
        except KeyError as error:
            return None, [self._question(place) for place in self._places(row, str(error.args[0]))]

    def _ask(self, missing: list[str]) -> list[Question]:
        return [
            self._question(name)
            for name in dict.fromkeys("destinations" if name in DERIVED else name for name in missing)
        ]

    def _places(self, row: Row, key: str) -> Iterator[str]:
        """`items.weights` for a field that an element lacks; for a list or an entry, the facts that are missing to tell."""
        if key in self.known.why:
            yield from (place for place in sorted(self.known.why[key]) if place.partition(".")[0] in row.names)
            return
        for name in row.names:
            record = self.ruleset.record_facts.get(name)
            if record and (key in self.ruleset.records[record] or key in DERIVED_FIELDS):
                yield f"{name}.{key}"
                return
        yield key

    def _question(self, fact: str) -> Question:
        readable = fact.replace("_", " ").replace(".", ": ")
        return Question(fact, self.ruleset.questions.get(fact, f"Please state: {readable}."))

    def ownership(self, *, operative: bool) -> tuple[FiredRule, ...]:
        """The ownership rules that made a difference to a list that a consulted row asked for."""
        asked = (
            {key for table in self.tables for row in self.ruleset.tables[table] for key in row.lists}
            if self.known.owned
            else set()
        )
        owned = [rule for rule, keys in self.known.owned.values() if keys & asked and rule.row.operative == operative]
        return tuple(_fired(self.ruleset, rule.row) for rule in owned)

    def facts_used(self) -> dict[str, Any]:
        """The known facts that the consulted rows asked for, and those that ruled rows out of the tables that were asked."""
        names = {name for row in self.consulted for name in row.names}
        for table in self.tables:
            names |= self.ruleset.guarding[table]
        return {name: self.values[name] for name in sorted(names & self.values.keys())}

    def country_lists(self) -> tuple[CitedList, ...]:
        """The lists that the consulted rows asked for, and those that make an embargo when one asked for it."""
        keys = {key for row in self.consulted for key in row.lists}
        keys.update(key for table in self.tables for key in self.ruleset.lists_of_guards[table])
        if any("destination_embargoed" in row.names for row in self.consulted):
            keys.update(self.ruleset.embargo_lists)
        return tuple(_cited(self.ruleset.lists[key], self.codes) for key in sorted(keys & self.ruleset.lists.keys()))

    def cited_lists(self) -> tuple[CitedList, ...]:
        """The country lists, and the lists of authorized parties that were asked for or by which a relief frees."""
        asked = {key for row in self.consulted for key in row.authorized} & self.ruleset.authorized.keys()
        authorized = (self.ruleset.authorized[key] for key in sorted(asked))
        return (
            self.country_lists()
            + tuple(CitedList(each.key, each.version, ()) for each in authorized)
            + tuple(
                CitedList(parties.key, parties.version, ())
                for found in self.orders
                if found.relief and (parties := found.order.lists.get(found.relief.list_key))
            )
        )


def _cited(ref: ListVersionRef, named: set[str]) -> CitedList:
    matched = {code for code in named if code in ref.members or code.partition("-")[0] in ref.members}
    return CitedList(ref.key, ref.version, tuple(sorted(matched)))


def _covered(ruleset: Ruleset, facts: Mapping[str, Any]) -> Iterator[Covered]:
    for item in facts.get("items") or ():
        for entry in ruleset.entries:
            if covers(entry, item).holds:
                name = str(item.get("model") or item.get("name") or "")
                yield Covered(name, entry.code, entry.heading, entry.legal_status, entry.enforcement_status)


def _fired(ruleset: Ruleset, row: Row) -> FiredRule:
    return FiredRule(
        table=row.table,
        id=row.id,
        citation=row.citation,
        note=row.note,
        version=ruleset.policy.version,
        legal_status=str(row.legal_status),
        enforcement_status=str(row.enforcement_status),
        answer=dict(row.then),
    )


def _by_order(found: Reached) -> FiredRule:
    order, relief = found.order, found.relief
    duties = {"relief": relief.id, "conditions": list(relief.undertakings)} if relief else {}
    return FiredRule(
        table="orders",
        id=f"{order.ref.key}/{relief.id}" if relief else order.ref.key,
        citation=relief.citation if relief else order.legal_basis,
        note=(relief.note if relief else "") or order.title,
        version=order.ref.version,
        answer=duties or {"requirement": order.requirement.value},
        **STATUS,
    )


def _changes(ruleset: Ruleset, facts: Mapping[str, Any], at: datetime, asked: _Asked) -> Iterator[Change]:
    """Try each yes-or-no fact the other way round, and each list with the destinations moved on or off it."""
    before = determine(ruleset, facts, at, explain=False)
    for what, other_rules, other_facts in _alternatives(ruleset, facts, asked):
        try:
            after = determine(other_rules, other_facts, at, explain=False)
        except Invalid:
            continue  # it contradicts another fact: no way out by itself
        answer = (str(after.requirement), after.exception, after.review_policy)
        if answer != (str(before.requirement), before.exception, before.review_policy):
            yield Change(what, *answer)


def _alternatives(
    ruleset: Ruleset, facts: Mapping[str, Any], asked: _Asked
) -> Iterator[tuple[str, Ruleset, Mapping[str, Any]]]:
    for name, value in asked.facts_used().items():
        if isinstance(value, bool) and name in ruleset.fact_types:
            yield f"{name} = {str(not value).lower()}", ruleset, _otherwise(facts, name, not value)
    destinations = frozenset(facts.get("destinations") or ())
    for cited in asked.country_lists() if destinations else ():
        ref = ruleset.lists[cited.key]
        on_it = destinations & ref.members
        members = ref.members - destinations if on_it else ref.members | destinations
        moved = {**ruleset.lists, ref.key: replace(ref, members=members)}
        codes = ", ".join(sorted(on_it or destinations))
        yield f"{codes} {'off' if on_it else 'on'} {ref.key}", replace(ruleset, lists=moved), facts


def _otherwise(facts: Mapping[str, Any], name: str, value: bool) -> dict[str, Any]:
    """The facts with one the other way round; when all is published, so is each item."""
    changed = {**facts, name: value}
    if name == "all_published" and value:
        changed["items"] = [{**item, "weights": "published"} for item in facts.get("items") or ()]
    return changed


def _plain(value: Any) -> dict[str, Any]:
    return {key: list(item) if isinstance(item, tuple) else item for key, item in value.__dict__.items()}
