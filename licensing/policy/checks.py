"""What is wrong with a policy's content, told before it can be published: every problem at once. Pure."""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import cel

from licensing.audit.refusals import Problem
from licensing.policy import reach, shape
from licensing.policy.findings import Finding
from licensing.policy.rulesets import (
    DERIVED,
    DERIVED_FIELDS,
    TABLES,
    EnforcementStatus,
    LegalStatus,
    Requirement,
    ReviewPolicy,
    asked_authorized,
    asked_entries,
    asked_lists,
    asked_names,
    compiled,
    instant,
)
from licensing.policy.typed import PLAIN_TYPES, record_of

KEYS = tuple(shape.CONTENT)
_KEYED = re.compile(rf"\"[^\"]+\"\s+in\s+\w+\.(?:{'|'.join(DERIVED_FIELDS)})\b")
_BARE = re.compile(rf"\w\.(?:{'|'.join(DERIVED_FIELDS)})\b")
_EQUALS = re.compile(r'(\w+)\s*[!=]=\s*"([^"\\]*)"')
_IS_IN = re.compile(r'"([^"\\]*)"\s+in\s+(?:\w+\.)?(\w+)')
_ONE_OF = re.compile(r'(\w+)\s+in\s+\[((?:\s*"[^"\\]*"\s*,?)+)\]')
_TEXT = re.compile(r'"([^"\\]*)"')
ROW_KEYS = ("id", "when", "then", "citation", "note", "legal_status", "enforcement_status", "from", "until")
ANSWERS: Mapping[str, frozenset[str]] = {
    "requirement": frozenset({Requirement.REQUIRED, Requirement.NOT_REQUIRED, Requirement.PROHIBITED}),
    "review_policy": frozenset(ReviewPolicy),
}


def problems(
    content: Mapping[str, Any],
    *,
    known_lists: Iterable[str] | None = None,
    known_texts: Callable[[str], bool] | None = None,
    known_entries: Iterable[str] | None = None,
    known_authorized: Iterable[str] | None = None,
) -> list[Problem]:
    """Every problem of a policy's content; an empty list when it may be published.

    `known_lists` are the keys of the country lists that exist, `known_authorized` those of authorized parties, `known_entries` the
    entries of the control list; `known_texts` tells whether a condition's text exists. What is not given is not checked.
    """
    misshapen = list(shape.problems(content)) or list(_shape(content))
    if misshapen:
        return misshapen
    found = [*_types(content), *_words(content), *_ownership(content), *_tables(content)]
    for part, what, known in (
        ("lists", "the country lists", known_lists), ("authorized_lists", "the lists of authorized parties", known_authorized),
        ("entries", "the control list", known_entries),
    ):  # fmt: skip
        found += _existing(content, part, what, known)
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
            yield Problem(key, "", f"A policy needs {key}.", Finding.MISSING)
    for table in content.get("tables", {}):
        if table not in TABLES:
            yield _unknown("tables", table, TABLES)


def _unknown(field: str, value: str, known: Iterable[str]) -> Problem:
    near = difflib.get_close_matches(value, list(known), n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return Problem(field, value, f"{value!r} is not known in {field}.{hint}", Finding.UNKNOWN)


def _types(content: Mapping[str, Any]) -> Iterator[Problem]:
    records = content.get("records", {})
    for name in content["facts"].keys() & DERIVED.keys():
        yield Problem(
            f"facts.{name}", name, f"{name} is worked out from the lists in force: do not declare it.", Finding.DERIVED
        )
    places = {f"facts.{name}": kind for name, kind in content["facts"].items()}
    places |= {f"records.{record}.{name}": kind for record, fields in records.items() for name, kind in fields.items()}
    for place, kind in places.items():
        if kind not in PLAIN_TYPES and record_of(str(kind)) not in records:
            name = place.rpartition(".")[2]
            yield Problem(
                place, str(kind), f"{name} needs one of {', '.join(PLAIN_TYPES)}, or list[record].", Finding.TYPE
            )
    for record, fields in records.items():
        for name in fields.keys() & set(DERIVED_FIELDS):
            yield Problem(
                f"records.{record}.{name}",
                name,
                f"{name} is worked out from the lists in force: do not declare it.",
                Finding.DERIVED,
            )


def _words(content: Mapping[str, Any]) -> Iterator[Problem]:
    known = _texts_that_facts_say(content)
    for place in content.get("words", {}):
        if place not in known:
            yield _unknown("words", place, known)


def _texts_that_facts_say(content: Mapping[str, Any]) -> list[str]:
    """Facts, and fields as `item.weights`, that are texts."""
    said = dict(content["facts"])
    for record, fields in content.get("records", {}).items():
        said |= {f"{record}.{name}": kind for name, kind in fields.items()}
    return [place for place, kind in said.items() if kind in ("str", "list[str]")]


def _ownership(content: Mapping[str, Any]) -> Iterator[Problem]:
    for number, row in enumerate(content.get("ownership", ())):
        place = f"ownership[{row.get('id') or number}]"
        plain = {key: value for key, value in row.items() if key != "percent"}
        yield from _row(content, "ownership", place, {**plain, "when": "true", "then": {"ownership": "percent"}})
        percent = row.get("percent")
        if not isinstance(percent, int | float) or isinstance(percent, bool) or not 0 < percent <= 100:
            yield Problem(
                f"{place}.percent",
                str(percent),
                "Give the percentage from which owners count, above 0 and up to 100.",
                Finding.ANSWER,
            )


def _existing(content: Mapping[str, Any], part: str, what: str, known: Iterable[str] | None) -> Iterator[Problem]:
    if part == "lists":
        for key in content.get("embargo_lists", []):
            if key not in content["lists"]:
                yield _unknown("lists", key, content["lists"])
    existing = None if known is None else set(known)
    for key in content.get(part, ()) if existing is not None else ():
        if key not in (existing or ()):
            yield Problem(part, key, _unknown(what, key, existing or ()).mend, Finding.UNKNOWN)


def _tables(content: Mapping[str, Any]) -> Iterator[Problem]:
    ids = Counter(row.get("id") for rows in content["tables"].values() for row in rows)
    for row_id, times in ids.items():
        if times > 1:
            yield Problem(
                "id", str(row_id), f"{times} rows are called {row_id!r}: give each its own id.", Finding.REPEATED
            )
    for table in ("requirement", "review_policy", "workflow"):
        if not content["tables"].get(table):
            yield Problem(
                f"tables.{table}", "", f"The policy does not answer {table}: give it at least one row.", Finding.MISSING
            )
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
            yield Problem(f"{place}.{key}", str(row.get(key, "")), f"Row {place} needs {key}.", Finding.MISSING)
    for key, statuses in (("legal_status", LegalStatus), ("enforcement_status", EnforcementStatus)):
        if row.get(key) not in set(statuses):
            yield Problem(
                f"{place}.{key}", str(row.get(key, "")), f"{key} is one of {', '.join(statuses)}.", Finding.STATUS
            )
    yield from _dates(place, row)
    yield from _then(table, place, row.get("then"))
    if isinstance(row.get("when"), str):
        yield from _condition(content, f"{place}.when", row["when"])


def _dates(place: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        starts, ends = instant(row.get("from")), instant(row.get("until"))
    except (ValueError, TypeError):
        yield Problem(
            f"{place}.from", f"{row.get('from')}..{row.get('until')}", "Write dates as 2025-01-13.", Finding.DATE
        )
        return
    if starts and ends and ends <= starts:
        yield Problem(f"{place}.until", str(row["until"]), "A row ends after it begins.", Finding.DATE)


def _then(table: str, place: str, then: object) -> Iterator[Problem]:
    if not isinstance(then, Mapping):
        yield Problem(f"{place}.then", str(then), f"Row {place} needs an answer.", Finding.MISSING)
        return
    for key in then:
        if key not in (table, "conditions"):
            yield _unknown(f"{place}.then", key, (table, "conditions"))
    for key in {"conditions"} | ({table} if TABLES.get(table) == "collect" else set()):
        given = then.get(key, [])
        if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
            yield Problem(f"{place}.then.{key}", str(given), f"{key} are a list of texts.", Finding.ANSWER)
    if TABLES.get(table) == "collect":
        return
    answer, allowed = then.get(table), ANSWERS.get(table)
    if not isinstance(answer, str) or not answer:
        yield Problem(f"{place}.then.{table}", str(answer), f"Row {place} needs {table}.", Finding.MISSING)
    elif allowed is not None and answer not in allowed:
        yield Problem(
            f"{place}.then.{table}", answer, f"{table} is one of {', '.join(sorted(allowed))}.", Finding.ANSWER
        )


def _condition(content: Mapping[str, Any], place: str, when: str) -> Iterator[Problem]:
    try:
        program = compiled(when)
    except ValueError as error:
        yield Problem(place, when, f"The condition does not parse: {str(error).splitlines()[0]}", Finding.UNPARSABLE)
        return
    known = {*content["facts"], *DERIVED}
    unknown = [name for name in asked_names(program, when) if name not in known]
    unknown_keys = [
        (part, key)
        for part, asked in (("lists", asked_lists), ("entries", asked_entries), ("authorized_lists", asked_authorized))
        for key in asked(when)
        if key not in content.get(part, ())
    ]
    for name in unknown:
        yield _unknown(f"facts ({place})", name, known)
    for part, key in unknown_keys:
        yield _unknown(f"{part} ({place})", key, content.get(part, ()))
    yield from _misspelt(content, place, when)
    if _BARE.search(_KEYED.sub("", when)):
        mend = 'Ask for a list or an entry of an element as "KEY" in p.lists, and in no other way.'
        yield Problem(place, when, mend, Finding.LOOKUP)
    elif not unknown and not unknown_keys:
        yield from _tried(content, place, when, program)


def _misspelt(content: Mapping[str, Any], place: str, when: str) -> Iterator[Problem]:
    """Texts that a fact is compared with and can never be."""
    words: dict[str, set[str]] = {}
    for key, said in content.get("words", {}).items():
        words.setdefault(key.rpartition(".")[2], set()).update(said)
    for name, text in (*_EQUALS.findall(when), *((name, text) for text, name in _IS_IN.findall(when))):
        if name in words and text not in words[name]:
            yield _unknown(f"words ({place})", text, words[name])
    for name, texts in _ONE_OF.findall(when):
        for text in _TEXT.findall(texts):
            if name in words and text not in words[name]:
                yield _unknown(f"words ({place})", text, words[name])


def _tried(content: Mapping[str, Any], place: str, when: str, program: cel.Program) -> Iterator[Problem]:
    """Run the condition once on facts of the declared types: types that do not fit show here, not at a decision."""
    try:
        answer = program.execute(cel.Context(variables=sample_facts(content)))
    except (RuntimeError, KeyError, TypeError, ValueError) as error:
        yield Problem(place, when, f"The condition does not fit the declared types: {error}", Finding.MISFIT)
        return
    if not isinstance(answer, bool):
        yield Problem(place, when, "A condition answers true or false.", Finding.MISFIT)


def sample_facts(content: Mapping[str, Any]) -> dict[str, Any]:
    """One value of each declared type, with one element in every list of records."""
    sample: dict[str, Any] = {
        "destination_lists": [],
        "destination_lists_throughout": [],
        "destination_embargoed": False,
        "thresholds": {entry: float(value) for entry, value in content.get("thresholds", {}).items()},
    }
    return sample | {name: _sample(content, str(kind)) for name, kind in content["facts"].items()}


def _sample(content: Mapping[str, Any], kind: str) -> Any:
    record = record_of(kind)
    if record is None:
        return {"str": "", "bool": False, "float": 0.0, "list[str]": []}.get(kind, "")
    fields = content.get("records", {}).get(record, {})
    element = {key: _sample(content, str(inner)) for key, inner in fields.items() if record_of(str(inner)) != record}
    keys = {"entries": content.get("entries", ()), "authorized": content.get("authorized_lists", ())}
    return [element | {name: dict.fromkeys(keys.get(name, content["lists"]), False) for name in DERIVED_FIELDS}]


def _texts(content: Mapping[str, Any], known_texts: Callable[[str], bool]) -> Iterator[Problem]:
    named = {
        text: f"tables.{table}[{row.get('id')}].then.conditions"
        for table, rows in content["tables"].items()
        for row in rows
        for text in _conditions(row)
    }
    for text, place in named.items():
        if not known_texts(text):
            yield Problem(place, text, f"There is no text {text!r} in force: publish it first.", Finding.TEXT)


def _conditions(row: Mapping[str, Any]) -> list[str]:
    """The text keys of a row that may still be wrong."""
    then = row.get("then")
    named = then.get("conditions", []) if isinstance(then, Mapping) else []
    return [text for text in named if isinstance(text, str)] if isinstance(named, list) else []
