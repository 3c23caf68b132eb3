"""What a condition is about, and the parameters that each kind of duty takes: plain Python, no Django.

A text of the library names its duty; its blanks are the parameters of that duty. A text without a duty is `plain`: it binds as it
stands, and its blanks are words.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

COUNTRY = re.compile(r"^[A-Z]{2}(-[A-Z0-9]{1,7})?$")
BLANK = re.compile(r"\{(\w+)\}")
MOST_WORDS = 200


class Duty(StrEnum):
    PLAIN = "plain"
    REGIONS = "regions"
    KEY_CUSTODY = "key_custody"
    SEATS = "seats"
    QUANTITY = "quantity"
    VALUE = "value"
    COMPUTE = "compute"
    FINE_TUNING = "fine_tuning"
    LOGGING = "logging"
    RETENTION = "retention"
    REPORTING = "reporting"
    INCIDENT_CLOCK = "incident_clock"
    SECURITY_LEVEL = "security_level"
    NOTICE = "notice"
    RATE_LIMIT = "rate_limit"
    ACKNOWLEDGMENT = "acknowledgment"


@dataclass(frozen=True)
class Blank:
    """One parameter. `read` takes what somebody typed or a file says, and raises ValueError with how to mend it."""

    words: str
    read: Callable[[Any], Any]
    choices: Mapping[str, str] = field(default_factory=dict)

    def say(self, value: Any, names: Mapping[str, str]) -> str:
        """The value as it stands in a sentence; `names` are the countries by code."""
        if isinstance(value, list):
            return ", ".join(names.get(code, code) for code in value)
        return self.choices.get(value, f"{value:,}" if isinstance(value, int) else str(value))


def whole(words: str, least: int, most: int) -> Blank:
    def read(value: Any) -> int:
        text = str(value).strip().replace(",", "")
        if not text.isascii() or not text.isdigit() or not least <= int(text[:20]) <= most:
            raise ValueError(f"Give a whole number from {least} to {most:,}.")
        return int(text)

    return Blank(words, read)


def number(words: str) -> Blank:
    def read(value: Any) -> str:
        """A positive number as text, `1e26` too: JSON keeps it exactly."""
        try:
            found = Decimal(str(value).strip().replace(",", ""))
        except InvalidOperation:
            found = Decimal(0)
        if not found.is_finite() or not 0 < found < Decimal("1e40"):
            raise ValueError("Give a number above zero, such as 250000 or 1e24.")
        return str(found)

    return Blank(words, read)


def choice(words: str, **choices: str) -> Blank:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"Choose one of {', '.join(choices)}.")
        return str(value)

    return Blank(words, read, choices)


def words(label: str) -> Blank:
    def read(value: Any) -> str:
        text = str(value).strip()
        if not 0 < len(text) <= MOST_WORDS:
            raise ValueError(f"Write between 1 and {MOST_WORDS} characters.")
        return text

    return Blank(label, read)


def countries(label: str) -> Blank:
    def read(value: Any) -> list[str]:
        codes = value if isinstance(value, list) else re.split(r"[\s,;]+", str(value).strip().upper())
        if not codes or not all(isinstance(code, str) and COUNTRY.match(code) for code in codes):
            raise ValueError("Give country codes with commas between them, such as NO, SE.")
        return sorted(set(codes))

    return Blank(label, read)


YEARS = whole("Years", 1, 50)
DAYS = whole("Days", 1, 366)
CADENCE = choice("How often", quarterly="quarter", half_yearly="half-year", yearly="year")
PARAMETERS: dict[Duty, dict[str, Blank]] = {
    Duty.PLAIN: {},
    Duty.REGIONS: {"countries": countries("Countries allowed")},
    Duty.KEY_CUSTODY: {
        "custodian": choice(
            "Who keeps the keys",
            licensee="the licensee", end_user="the end user", third_party="a third party that the authority has accepted",
        ),
        "years": YEARS,
    },
    Duty.SEATS: {"seats": whole("Seats at most", 1, 10_000_000)},
    Duty.QUANTITY: {"quantity": number("Quantity at most"), "unit": words("Unit")},
    Duty.VALUE: {
        "amount": number("Value at most"), "currency": words("Currency"), "tolerance": whole("Tolerance in percent", 0, 100),
    },
    Duty.COMPUTE: {"operations": number("Operations at most")},
    Duty.FINE_TUNING: {"percent": whole("Percent of the training operations", 0, 100)},
    Duty.LOGGING: {"years": YEARS},
    Duty.RETENTION: {"years": YEARS},
    Duty.REPORTING: {"cadence": CADENCE, "days": DAYS},
    Duty.INCIDENT_CLOCK: {"hours": whole("Hours until the first report", 1, 720), "days": DAYS},
    Duty.SECURITY_LEVEL: {"level": whole("Security level", 1, 5)},
    Duty.NOTICE: {"days": DAYS},
    Duty.RATE_LIMIT: {"months": whole("Months that copying must take at least", 1, 120)},
    Duty.ACKNOWLEDGMENT: {},
}  # fmt: skip
LICENSEE = "licensee"
BOUND = (
    LICENSEE,
    "purchaser",
    "intermediate_consignee",
    "ultimate_consignee",
    "end_user",
    "foreign_person",
    "operator",
)


def blanks(duty: str, defaults: Mapping[str, Any]) -> dict[str, Blank]:
    """The parameters that a text of a duty takes; those of a plain text are words, by the names of its defaults."""
    if duty == Duty.PLAIN:
        return {name: words(name.replace("_", " ").capitalize()) for name in defaults}
    return PARAMETERS[Duty(duty)]


def read(
    duty: str, defaults: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, tuple[Any, str]]]:
    """Typed parameters, those not given at their default; and what is wrong: by name, the value and how to mend it."""
    typed, wrong = {}, {}
    taken = blanks(duty, defaults)
    for name, blank in taken.items():
        value = given.get(name, defaults.get(name))
        try:
            typed[name] = blank.read(value)
        except ValueError as error:
            wrong[name] = (value, str(error))
    for name in given.keys() - taken.keys():
        wrong[name] = (
            given[name],
            f"There is no such parameter: leave it out; there are {', '.join(taken) or 'none'}.",
        )
    return typed, wrong
