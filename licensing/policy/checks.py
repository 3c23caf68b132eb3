"""What is wrong with a policy's content, told before it can be published: every problem at once. Pure."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import cel

from licensing.audit.refusals import Problem
from licensing.policy import reach, shape
from licensing.policy.rulesets import (
    DERIVED,
    DERIVED_FIELDS,
    TABLES,
    EnforcementStatus,
    LegalStatus,
    Requirement,
    ReviewPolicy,
    asked_lists,
    asked_names,
    instant,
    record_of,
)

KEYS = tuple(shape.CONTENT)
ROW_KEYS = ("id", "when", "then", "citation", "note", "legal_status", "enforcement_status", "from", "until")
PLAIN_TYPES = ("str", "bool", "float", "list[str]")
ANSWERS: Mapping[str, frozenset[str]] = {
    "requirement": frozenset({Requirement.REQUIRED, Requirement.NOT_REQUIRED, Requirement.PROHIBITED}),
    "review_policy": frozenset(ReviewPolicy),
}


def problems(
    content: Mapping[str, Any],
    *,
    known_lists: Iterable[str] | None = None,
    known_texts: Callable[[str], bool] | None = None,
) -> list[Problem]:
    """Every problem of a policy's content; an empty list when it may be published.

    `known_lists` are the keys of the country lists that exist; `known_texts` tells whether a condition's text exists. What is not
    given is not checked.
    """
    misshapen = list(shape.problems(content)) or list(_shape(content))
    if misshapen:
        return misshapen
    known = None if known_lists is None else set(known_lists)
    found = [*_types(content), *_lists(content, known), *_tables(content)]
    if not found:
        found = list(reach.problems(content))
    if known_texts is not None:
        found += list(_texts(content, known_texts))
    return found


def _shape(content: Mapping[str, Any]) -> Iterator[Problem]:
    for key in content:
        if key not in KEYS:
            yield _unknown("content", key, KEYS)
    for key in ("facts", "tables", "lists"):
        if key not in content:
            yield Problem(key, "", f"A policy needs {key}.")
    for table in content.get("tables", {}):
        if table not in TABLES:
            yield _unknown("tables", table, TABLES)


def _unknown(field: str, value: str, known: Iterable[str]) -> Problem:
    near = difflib.get_close_matches(value, list(known), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return Problem(field, value, f"{value!r} is not known in {field}.{hint}")


def _types(content: Mapping[str, Any]) -> Iterator[Problem]:
    records = content.get("records", {})
    for name, fact_type in content["facts"].items():
        if name in DERIVED:
            yield Problem(f"facts.{name}", name, f"{name} is worked out from the lists in force: do not declare it.")
        elif fact_type not in PLAIN_TYPES and record_of(str(fact_type)) not in records:
            yield Problem(
                f"facts.{name}", str(fact_type), f"{name} needs one of {', '.join(PLAIN_TYPES)}, or list[record]."
            )
    for record, fields in records.items():
        for name, field_type in fields.items():
            if field_type not in PLAIN_TYPES:
                yield Problem(
                    f"records.{record}.{name}", str(field_type), f"{name} needs one of {', '.join(PLAIN_TYPES)}."
                )


def _lists(content: Mapping[str, Any], known: set[str] | None) -> Iterator[Problem]:
    declared = content["lists"]
    for key in content.get("embargo_lists", []):
        if key not in declared:
            yield _unknown("lists", key, declared)
    for key in declared if known is not None else ():
        if key not in (known or ()):
            yield Problem("lists", key, _unknown("the country lists", key, known or ()).mend)


def _tables(content: Mapping[str, Any]) -> Iterator[Problem]:
    ids = Counter(row.get("id") for rows in content["tables"].values() for row in rows)
    for row_id, times in ids.items():
        if times > 1:
            yield Problem("id", str(row_id), f"{times} rows are called {row_id!r}: give each its own id.")
    for table in ("requirement", "review_policy", "workflow"):
        if not content["tables"].get(table):
            yield Problem(f"tables.{table}", "", f"The policy does not answer {table}: give it at least one row.")
    for table, rows in content["tables"].items():
        for number, row in enumerate(rows):
            place = f"tables.{table}[{row.get('id') or number}]"
            yield from _row(content, table, place, row)


def _row(content: Mapping[str, Any], table: str, place: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    for key in row:
        if key not in ROW_KEYS:
            yield _unknown(place, key, ROW_KEYS)
    for key in ("id", "when", "citation"):
        if not isinstance(row.get(key), str) or not row[key].strip():
            yield Problem(f"{place}.{key}", str(row.get(key, "")), f"Row {place} needs {key}.")
    for key, statuses in (("legal_status", LegalStatus), ("enforcement_status", EnforcementStatus)):
        if row.get(key) not in set(statuses):
            yield Problem(f"{place}.{key}", str(row.get(key, "")), f"{key} is one of {', '.join(statuses)}.")
    yield from _dates(place, row)
    yield from _then(table, place, row.get("then"))
    if isinstance(row.get("when"), str):
        yield from _condition(content, f"{place}.when", row["when"])


def _dates(place: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        starts, ends = instant(row.get("from")), instant(row.get("until"))
    except (ValueError, TypeError):
        yield Problem(f"{place}.from", f"{row.get('from')}..{row.get('until')}", "Write dates as 2025-01-13.")
        return
    if starts and ends and ends <= starts:
        yield Problem(f"{place}.until", str(row["until"]), "A row ends after it begins.")


def _then(table: str, place: str, then: object) -> Iterator[Problem]:
    if not isinstance(then, Mapping):
        yield Problem(f"{place}.then", str(then), f"Row {place} needs an answer.")
        return
    for key in then:
        if key not in (table, "conditions"):
            yield _unknown(f"{place}.then", key, (table, "conditions"))
    texts = then.get("conditions", [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        yield Problem(f"{place}.then.conditions", str(texts), "Conditions are a list of text keys.")
    if table == "conditions":
        return
    answer, allowed = then.get(table), ANSWERS.get(table)
    if not isinstance(answer, str) or not answer:
        yield Problem(f"{place}.then.{table}", str(answer), f"Row {place} needs {table}.")
    elif allowed is not None and answer not in allowed:
        yield Problem(f"{place}.then.{table}", answer, f"{table} is one of {', '.join(sorted(allowed))}.")


def _condition(content: Mapping[str, Any], place: str, when: str) -> Iterator[Problem]:
    try:
        program = cel.compile(when)
    except ValueError as error:
        yield Problem(place, when, f"The condition does not parse: {str(error).splitlines()[0]}")
        return
    known = {*content["facts"], *DERIVED}
    unknown = [name for name in asked_names(program, when) if name not in known]
    for name in unknown:
        yield _unknown(f"facts ({place})", name, known)
    for key in asked_lists(when):
        if key not in content["lists"]:
            yield _unknown(f"lists ({place})", key, content["lists"])
    if not unknown:
        yield from _tried(content, place, when, program)


def _tried(content: Mapping[str, Any], place: str, when: str, program: cel.Program) -> Iterator[Problem]:
    """Run the condition once on facts of the declared types: types that do not fit show here, not at a decision."""
    try:
        answer = program.execute(cel.Context(variables=sample_facts(content)))
    except (RuntimeError, KeyError, TypeError, ValueError) as error:
        yield Problem(place, when, f"The condition does not fit the declared types: {error}")
        return
    if not isinstance(answer, bool):
        yield Problem(place, when, "A condition answers true or false.")


def sample_facts(content: Mapping[str, Any]) -> dict[str, Any]:
    """One value of each declared type, with one element in every list of records."""
    plain: dict[str, Any] = {"str": "", "bool": False, "float": 0.0, "list[str]": []}
    sample: dict[str, Any] = {
        "destination_lists": [],
        "destination_lists_throughout": [],
        "destination_embargoed": False,
        "thresholds": {entry: float(value) for entry, value in content.get("thresholds", {}).items()},
    }
    for name, fact_type in content["facts"].items():
        record = record_of(str(fact_type))
        if record is None:
            sample[name] = plain.get(fact_type, "")
            continue
        fields = content.get("records", {}).get(record, {})
        sample[name] = [
            {key: plain.get(kind, "") for key, kind in fields.items()} | {key: [] for key in DERIVED_FIELDS}
        ]
    return sample


def _texts(content: Mapping[str, Any], known_texts: Callable[[str], bool]) -> Iterator[Problem]:
    named = {
        text: f"tables.{table}[{row.get('id')}].then.conditions"
        for table, rows in content["tables"].items()
        for row in rows
        for text in _conditions(row)
    }
    for text, place in named.items():
        if not known_texts(text):
            yield Problem(place, text, f"There is no text {text!r} in force: publish it first.")


def _conditions(row: Mapping[str, Any]) -> list[str]:
    """The text keys of a row that may still be wrong."""
    then = row.get("then")
    named = then.get("conditions", []) if isinstance(then, Mapping) else []
    return [text for text in named if isinstance(text, str)] if isinstance(named, list) else []
