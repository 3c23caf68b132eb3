"""Which rows of a table can never answer, which contradict themselves or one another, and where a table may leave a gap. Pure.

Sound, not complete: what is claimed of rows holds for all facts, those that are missing included. What cannot be read of a condition
(`conditions.py`) may be true or false.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from licensing.audit.refusals import Problem
from licensing.policy.conditions import NEVER, Clauses, TooMany, clauses, implied, together
from licensing.policy.findings import Finding
from licensing.policy.rulesets import DERIVED, TABLES, EnforcementStatus, LegalStatus, instant

MUST_ANSWER = ("requirement", "review_policy", "workflow")
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Condition:
    """What is known of a row: when it holds and when it does not, as alternatives (None: too many), and the days that it covers."""

    id: str
    holds: Clauses | None
    fails: Clauses | None
    days: tuple[datetime, datetime]
    text: str
    answer: Any

    @property
    def never(self) -> bool:
        return self.holds == NEVER

    def within(self, other: "Condition") -> bool:
        return other.days[0] <= self.days[0] and self.days[1] <= other.days[1]


def problems(content: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the order of the rows. The content has passed the other checks."""
    types = {**content["facts"], **DERIVED}
    for table, rows in content["tables"].items():
        known = [_condition(table, row, types) for row in rows if _operative(row)]
        yield from _impossible(table, known)
        if TABLES[table] == "first":
            yield from _unreachable(table, known)
        if table in MUST_ANSWER and _leaves_a_gap(known):
            mend = f"Some facts may have no answer in {table}: end the table with a row without dates whose condition is true."
            yield Problem(f"tables.{table}", "", mend, Finding.GAP)


def _operative(row: Mapping[str, Any]) -> bool:
    return (row["legal_status"], row["enforcement_status"]) == (LegalStatus.IN_FORCE, EnforcementStatus.ENFORCED)


def _condition(table: str, row: Mapping[str, Any], types: Mapping[str, str]) -> Condition:
    when = str(row["when"]).strip()
    return Condition(
        id=row["id"], holds=_read(when, types), fails=_read(when, types, negated=True),
        days=(instant(row.get("from")) or FIRST, instant(row.get("until")) or LAST), text=" ".join(when.split()),
        answer=row["then"].get(table),
    )  # fmt: skip


def _read(when: str, types: Mapping[str, str], *, negated: bool = False) -> Clauses | None:
    try:
        return clauses(when, types, negated=negated)
    except TooMany:
        return None


def _covered(condition: Condition, before: Sequence[Condition]) -> Condition | None:
    """The last of the rows that together always answer before this one; None where something is left to it."""
    standing = [each for each in before if each.holds and condition.within(each)]
    last = None
    for clause in condition.holds or ():
        last = next((each for each in standing for other in each.holds or () if implied(clause, other)), None)
        if last is None:
            return None
    return last


def _leaves_a_gap(known: Sequence[Condition]) -> bool:
    """Whether facts may be left for which no row without dates holds."""
    lasting = [condition for condition in known if condition.days == (FIRST, LAST)]
    if any(condition.fails == NEVER for condition in lasting):
        return False
    try:
        return together(condition.fails for condition in lasting if condition.fails is not None) != NEVER
    except TooMany:
        return True


def _impossible(table: str, known: Sequence[Condition]) -> Iterator[Problem]:
    for condition in known:
        if condition.never:
            place = f"tables.{table}[{condition.id}].when"
            yield Problem(
                place,
                condition.text[:200],
                f"Row {condition.id} contradicts itself and never holds: correct its condition.",
                Finding.IMPOSSIBLE,
            )


def _unreachable(table: str, known: Sequence[Condition]) -> Iterator[Problem]:
    for place, condition in enumerate(known):
        before = None if condition.never else _covered(condition, known[:place])
        if before is None:
            continue
        where = f"tables.{table}[{condition.id}]"
        code = Finding.UNREACHABLE
        if condition.holds == before.holds and condition.answer != before.answer:
            code = Finding.CONTRADICTION
            mend = f"Rows {before.id} and {condition.id} ask the same and answer otherwise: keep one, or tell their conditions apart."
        else:
            mend = f"Row {condition.id} is never reached, for {before.id} answers first: put it before, or remove it."
        yield Problem(where, condition.id, mend, code)
