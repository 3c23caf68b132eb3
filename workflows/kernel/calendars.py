"""Calendars as data: whose working days, the hour that ends one, and days off that no table of holidays knows yet."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
import yaml
from jsonschema import Draft202012Validator

from workflows.kernel.clocks import CALENDARS, WorkingDays

TEXT = {"type": "string", "minLength": 1}
SHAPE = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
    "additionalProperties": {
        "type": "object",
        "required": ["country", "zone", "cutoff_hour", "source"],
        "additionalProperties": False,
        "properties": {
            "country": TEXT,
            "subdivision": TEXT,
            "zone": TEXT,
            "cutoff_hour": {"type": "integer", "minimum": 0, "maximum": 23},
            "source": TEXT,
            "off": {"type": "object", "additionalProperties": TEXT},
        },
    },
}


class BadCalendars(ValueError):
    """The file of calendars cannot be used; the sentence says where, what, and the mend."""


def use(text: str) -> None:
    """Count working days by these calendars from now on. Raises BadCalendars, and then nothing changes."""
    found = read(text)
    CALENDARS.clear()
    CALENDARS.update(found)


def read(text: str) -> dict[str, WorkingDays]:
    """Calendars by name, from YAML as in `fixtures/calendars.yaml`. Raises BadCalendars."""
    try:
        data = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes nothing but texts, so that NO stays Norway
    except yaml.YAMLError as error:
        raise BadCalendars(f"this is not YAML: {error}") from None
    plain = {name: _numbered(row) for name, row in data.items()} if isinstance(data, dict) else data
    for wrong in Draft202012Validator(SHAPE).iter_errors(plain):
        where = ".".join(str(part) for part in wrong.absolute_path) or "the file"
        raise BadCalendars(f"{where}: {wrong.message}; write it as in fixtures/calendars.yaml")
    return {name: _calendar(name, row) for name, row in plain.items()}


def _numbered(row: Any) -> Any:
    hour = row.get("cutoff_hour", "") if isinstance(row, dict) else ""
    return {**row, "cutoff_hour": int(hour)} if isinstance(hour, str) and hour.isdigit() else row


def _calendar(name: str, row: Mapping[str, Any]) -> WorkingDays:
    try:
        ZoneInfo(row["zone"])
    except (ZoneInfoNotFoundError, ValueError):
        raise BadCalendars(f"{name}.zone: {row['zone']} is no time zone; write one such as Europe/London") from None
    try:
        holidays.country_holidays(row["country"], subdiv=row.get("subdivision"))
    except NotImplementedError as error:
        raise BadCalendars(f"{name}.country: {error}; use a code of ISO 3166") from None
    off = frozenset(_day(name, text) for text in row.get("off", {}))
    return WorkingDays(row["country"], row.get("subdivision"), row["zone"], row["cutoff_hour"], off)


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadCalendars(f"{name}.off: {text} is no day; write it as 2026-12-25") from None
