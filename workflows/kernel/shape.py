"""The shape of a definition file: which keys stand where, and what may be in them. Also the source of the JSON Schema."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

WORD = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
POOL = {"type": "string", "pattern": "^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$"}
DAYS = {"type": "integer", "minimum": 1, "maximum": 3660}
UNIT = {"enum": ["calendar_days", "working_days"]}
NAME = {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"}
PLACE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$"}


def words(values: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "propertyNames": WORD, "additionalProperties": values}


def closed(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


EXPIRY = {
    "oneOf": [
        WORD,
        {**closed([], alert=WORD, escalate=POOL, goto=WORD, cast=WORD), "minProperties": 1},
    ]
}
CLOCK = closed(
    ["limit", "unit"], limit=DAYS, unit=UNIT, calendar=WORD, starts={"enum": ["registered"]},
    pauses_on={"type": "array", "items": {"enum": ["rfi", "hold"]}, "uniqueItems": True},
    warn={"type": "array", "items": DAYS}, at_expiry=EXPIRY,
)  # fmt: skip
RULE_NAME = {"enum": ["all", "unanimous", "majority", "any", "veto", "chair_decides", "collect"]}
ONE_RULE = {"oneOf": [RULE_NAME, closed(["rule", "n"], rule={"enum": ["n_of_m"]}, n=DAYS)]}
RULE = {
    "oneOf": [
        *ONE_RULE["oneOf"],
        closed(
            ["default", "when"],
            default=ONE_RULE,
            when={"type": "array", "items": closed(["if", "then"], **{"if": {"type": "string"}, "then": ONE_RULE})},
        ),
    ]
}
ROUTE = {
    "oneOf": [
        WORD,
        closed(
            ["default", "when"],
            default=WORD,
            when={
                "type": "array",
                "minItems": 1,
                "items": closed(["if", "then"], **{"if": {"type": "string", "minLength": 1}, "then": WORD}),
            },
        ),
    ]
}
STAGE = closed(
    [],
    seats={**words(closed(["pool"], pool=POOL, when={"type": "string", "minLength": 1}, after=WORD,
                          not_same_person_as={"type": "array", "items": PLACE})), "minProperties": 1},
    decide=closed(["rule"], rule=RULE, chair=WORD, tie={"oneOf": [WORD, closed(["goto"], goto=WORD)]}, on_split=WORD),
    consolidate={"type": "object", "additionalProperties": WORD},
    route=words(ROUTE), actions=words(WORD), limits=words(DAYS),
    at_limit=closed(["escalate"], escalate=POOL), clock=CLOCK,
    rfi=closed(["to", "limit", "unit", "at_expiry", "max"], to=WORD, limit=DAYS, unit=UNIT, calendar=WORD,
               at_expiry=WORD, max=DAYS, opens={"enum": ["on_entry"]}),
    appeal=closed(["by", "window", "unit", "to"], by={"type": "array", "items": WORD, "minItems": 1}, window=DAYS,
                  unit=UNIT, calendar=WORD, to=WORD),
    claim=closed(["limit", "unit"], limit=DAYS, unit=UNIT, calendar=WORD),
    visibility={"enum": ["open", "after_voting"]}, effect=WORD, on_failure={"enum": ["incident"]}, end=WORD,
)  # fmt: skip
FACT = {
    "oneOf": [{"enum": ["bool", "int", "str"]}, closed(["set"], set={"type": "array", "items": {"type": "string"}})]
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Workflow definition",
    **closed(
        ["key", "version", "start", "stages"],
        key=NAME, version={"type": "integer", "minimum": 1}, start=WORD, facts=words(FACT),
        votes=closed(["favor", "against"], favor={"type": "array", "items": WORD, "minItems": 1},
                     against={"type": "array", "items": WORD, "minItems": 1}),
        clocks=words(CLOCK), stages={**words(STAGE), "minProperties": 1},
        any_stage=closed([], withdraw=WORD, hold=closed(["max", "unit"], max=DAYS, unit=UNIT, reasons=WORD)),
    ),
}  # fmt: skip
_validator = Draft202012Validator(SCHEMA)


def check_shape(source: Any) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Every place where the file does not have the shape: path, what is wrong, how to mend it."""
    for error in _validator.iter_errors(source):
        path = tuple(str(part) for part in error.absolute_path)
        if error.validator == "additionalProperties" and isinstance(error.instance, dict):
            for key in sorted(set(map(str, error.instance)) - set(error.schema.get("properties", {}))):
                yield (
                    (*path, key),
                    f"{key!r} is no key of {'.'.join(path) or 'the file'}",
                    _mend("additionalProperties"),
                )
            continue
        where = ".".join(path) or "the file"
        message = error.message if len(error.message) < 200 else f"{error.validator} does not hold"
        yield path, f"{where}: {message}", _mend(error.validator)


def _mend(validator: str) -> str:
    return {
        "additionalProperties": "remove the key or correct its spelling",
        "required": "add the key",
        "enum": "use one of the words that are allowed",
        "type": "write a value of the right type",
        "pattern": "use small letters, digits and underscores",
        "propertyNames": "use small letters, digits and underscores",
        "oneOf": "write it in one of the forms of docs/workflows.md",
        "minimum": "use a larger number",
        "maximum": "use a smaller number",
    }.get(validator, "correct it after docs/workflows.md")
