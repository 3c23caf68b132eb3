"""Which rows of a table can never answer, which contradict themselves or one another, and where a table may leave a gap. Pure.

Sound, not complete: what is claimed holds for all facts. A condition is known by its guards (`guards.py`); whatever else it asks may be
true or false.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from licensing.audit.refusals import Problem
from licensing.policy.guards import Guard, conjuncts, guards_of
from licensing.policy.rulesets import DERIVED, TABLES, EnforcementStatus, LegalStatus, instant

ALWAYS, NEVER = "true", "false"
MUST_ANSWER = ("requirement", "review_policy", "workflow")
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Condition:
    """What is known of a row: its guards, whether they are all of it, and the days that it covers."""

    id: str
    guards: tuple[Guard, ...]
    whole: bool
    never: bool
    days: tuple[datetime, datetime]
    text: str
    answer: Any

    def implies(self, other: "Condition") -> bool:
        """Whether `other` holds whenever this one does."""
        same = self.text == other.text
        return same or (
            other.whole and all(any(_within(mine, guard) for mine in self.guards) for guard in other.guards)
        )

    def within(self, other: "Condition") -> bool:
        return other.days[0] <= self.days[0] and self.days[1] <= other.days[1]


def _within(mine: Guard, other: Guard) -> bool:
    return mine.fact == other.fact and mine.values <= other.values


def problems(content: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the order of the rows. The content has passed the other checks."""
    types = {**content["facts"], **DERIVED}
    for table, rows in content["tables"].items():
        known = [_condition(table, row, types) for row in rows if _operative(row)]
        yield from _impossible(table, known)
        if TABLES[table] == "first":
            yield from _unreachable(table, known)
        if table in MUST_ANSWER and not any(_always(condition) for condition in known):
            mend = f"Some facts may have no answer in {table}: end the table with a row without dates whose condition is true."
            yield Problem(f"tables.{table}", "", mend)


def _operative(row: Mapping[str, Any]) -> bool:
    return (row["legal_status"], row["enforcement_status"]) == (LegalStatus.IN_FORCE, EnforcementStatus.ENFORCED)


def _condition(table: str, row: Mapping[str, Any], types: Mapping[str, str]) -> Condition:
    when = str(row["when"]).strip()
    parts = [part for part in conjuncts(when) if part != ALWAYS]
    guards = guards_of(when, types)
    return Condition(
        id=row["id"], guards=guards, whole=len(guards) == len(parts), never=NEVER in parts or _clash(guards),
        days=(instant(row.get("from")) or FIRST, instant(row.get("until")) or LAST), text=" ".join(when.split()),
        answer=row["then"].get(table),
    )  # fmt: skip


def _clash(guards: Sequence[Guard]) -> bool:
    """Whether two guards ask one fact for values that it cannot have at once. A list may have both."""
    return any(
        not (one.values & other.values)
        for place, one in enumerate(guards)
        for other in guards[place + 1 :]
        if one.fact == other.fact and not one.listed
    )


def _always(condition: Condition) -> bool:
    return condition.whole and not condition.guards and condition.days == (FIRST, LAST)


def _impossible(table: str, known: Sequence[Condition]) -> Iterator[Problem]:
    for condition in known:
        if condition.never:
            place = f"tables.{table}[{condition.id}].when"
            yield Problem(
                place,
                condition.text[:200],
                f"Row {condition.id} contradicts itself and never holds: correct its condition.",
            )


def _unreachable(table: str, known: Sequence[Condition]) -> Iterator[Problem]:
    for place, condition in enumerate(known):
        before = next(
            (each for each in known[:place] if not each.never and condition.implies(each) and condition.within(each)),
            None,
        )
        if before is None or condition.never:
            continue
        where = f"tables.{table}[{condition.id}]"
        if condition.text == before.text and condition.answer != before.answer:
            mend = f"Rows {before.id} and {condition.id} ask the same and answer otherwise: keep one, or tell their conditions apart."
        else:
            mend = f"Row {condition.id} is never reached, for {before.id} answers first: put it before, or remove it."
        yield Problem(where, condition.id, mend)
