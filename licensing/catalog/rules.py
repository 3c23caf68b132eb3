"""Classification of a model version under a control list, and reading of declared operations: pure functions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

CONTROL_LIST = "control_list"
MOST_DIGITS = 39
GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")


@dataclass(frozen=True)
class VersionFacts:
    """What classification looks at: `operations` of the version and all that it was made from, None when not declared in full."""

    weights: str
    operations: Decimal | None
    derivation: str = ""


@dataclass(frozen=True)
class Found:
    """The entry that a version falls under, or the nearest one and why it does not."""

    entry: str
    controlled: bool
    reason: str


def classify(version: VersionFacts, control_list: Mapping[str, Any]) -> Found:
    """The first entry of the control list that covers the version.

    `control_list` has `entries`: `{"entry", "weights": [...], "operations", "best_published_operations"}`; the threshold is the larger
    of the two figures (the second floats: a model no more capable than the best published one is not controlled, Note 2 to ECCN
    4E091). A version whose operations are not declared in full counts as above it; a derivative counts with what it was made from,
    because it stays controlled (15 CFR 734.9(l)).
    """
    nearest = Found("", False, "No entry of the control list covers such models.")
    for row in control_list["entries"]:
        entry, limit = row["entry"], threshold(row)
        if version.weights not in row["weights"]:
            nearest = Found(entry, False, f"{entry} does not cover {version.weights} weights.")
        elif version.operations is None:
            return Found(entry, True, f"Training operations are not declared in full, so {entry} is assumed.")
        elif version.operations >= limit:
            return Found(entry, True, f"{_counted(version)} reach the {figure(limit)} of {entry}.")
        else:
            nearest = Found(entry, False, f"{_counted(version)} are below the {figure(limit)} of {entry}.")
    return nearest


def _counted(version: VersionFacts) -> str:
    made = version.derivation.replace("_", " ")
    origin = f", with those of what it was {made} from," if made else ""
    return f"{figure(version.operations or Decimal(0))} training operations{origin}"


def threshold(row: Mapping[str, Any]) -> Decimal:
    """Training operations from which an entry controls: the fixed figure, or that of the best published equivalent."""
    return max(Decimal(str(row["operations"])), Decimal(str(row.get("best_published_operations") or 0)))


def figure(amount: Decimal) -> str:
    """A number of operations as people write it, every digit that counts.

    >>> figure(Decimal("210000000000000000000000000")), figure(Decimal("99999")), figure(Decimal(0))
    ('2.1e26', '9.9999e4', '0')
    """
    return f"{amount.normalize():e}".replace("e+", "e") if amount else "0"


def parsed_operations(text: str | int | float | Decimal) -> Decimal:
    """A number of operations from `2.1e26`, `2.1 x 10^26` or digits, grouped in threes or not. Raises ValueError.

    A comma that does not group digits is refused, since `2,1e26` is ten times more or less depending on who reads it.
    """
    plain = str(text).strip().lower().replace("\N{MULTIPLICATION SIGN}", "x").replace(" ", "").replace("x10^", "e")
    if GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number of operations") from None
    if (
        not amount.is_finite()
        or amount <= 0
        or amount.adjusted() >= MOST_DIGITS
        or amount != amount.to_integral_value()
    ):
        raise ValueError(f"{text!r} is not a whole, positive number of operations")
    return Decimal(int(amount))
