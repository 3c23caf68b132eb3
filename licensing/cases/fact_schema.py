"""The registry of facts as a JSON Schema, and what is wrong with facts that somebody gives: each with its place and the mend."""

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from licensing.audit.refusals import Problem
from licensing.cases.facts import FACTS, RECORDS, Fact

PLAIN: Mapping[str, Mapping[str, Any]] = {
    "str": {"type": "string", "maxLength": 2000},
    "bool": {"type": "boolean"},
    "float": {"type": "number", "minimum": 0},
}
WANTED = {"string": "a text", "boolean": "true or false", "number": "a number", "array": "a list", "object": "a record"}


@cache
def schema() -> dict[str, Any]:
    """What `manage.py determine` and `POST /api/v1/determinations` take: one object, every fact optional."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Facts of an export of an AI model",
        "description": "A fact that is left out is unknown; when it matters, the answer asks for it.",
        **_record(FACTS),
    }


def _record(facts: Mapping[str, Fact]) -> dict[str, Any]:
    properties = {name: {"description": fact.meaning, **_shape(fact)} for name, fact in facts.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _shape(fact: Fact) -> dict[str, Any]:
    inner = fact.type.removeprefix("list[").removesuffix("]")
    shape: dict[str, Any] = _record(RECORDS[inner]) if inner in RECORDS else dict(PLAIN[inner])
    if fact.words:
        shape = {"enum": list(fact.words)}
    return {"type": "array", "items": shape, "maxItems": 200} if fact.type.startswith("list[") else shape


def problems(facts: object) -> list[Problem]:
    """Everything that does not fit the registry; the nearest word where one is misspelt."""
    validator = Draft202012Validator(schema())
    return [problem for error in validator.iter_errors(facts) for problem in _problems(error)]


def _problems(error: Any) -> Iterator[Problem]:
    """The problems that one `ValidationError` stands for."""
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        for name in sorted(set(error.instance) - set(known)):
            yield Problem(f"{place}.{name}".lstrip("."), name, f"There is no fact {name!r}.{_nearest(name, known)}")
    elif error.validator == "enum":
        words = [word for word in error.validator_value if word]
        near = _nearest(str(error.instance), words)
        yield Problem(place, str(error.instance)[:80], f"{place} is one of {', '.join(words)}.{near}")
    elif error.validator == "type":
        yield Problem(
            place or "facts",
            str(error.instance)[:80],
            f"Give {place or 'the facts'} as {WANTED[str(error.validator_value)]}.",
        )
    else:
        yield Problem(place, str(error.instance)[:80], f"{place}: {error.message[:200]}.")


def _nearest(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""
