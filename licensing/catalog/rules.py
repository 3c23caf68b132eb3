"""Classification of a model version under a control list, and reading of declared operations: pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True)
class VersionFacts:
    """What classification looks at. `operations` is None when nothing was declared."""

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

    `control_list` has `entries`: `{"entry", "weights": [...], "operations", "best_published_operations", "published_exempt"}`; the
    threshold is the larger of the two figures (the second floats: a model no more capable than the best published one is not
    controlled, Note 2 to ECCN 4E091). A version of which no operations are declared counts as above it.
    """
    nearest = Found("", False, "No entry of the control list covers such models.")
    for row in control_list["entries"]:
        if version.weights not in row["weights"]:
            nearest = Found(row["entry"], False, f"{row['entry']} does not cover {version.weights} weights.")
            continue
        limit = threshold(row)
        if version.operations is None:
            return Found(row["entry"], True, f"No training operations are declared, so {row['entry']} is assumed.")
        if version.operations >= limit:
            return Found(
                row["entry"],
                True,
                f"{version.operations:.2E} training operations reach the {limit:.2E} of {row['entry']}.",
            )
        nearest = Found(
            row["entry"],
            False,
            f"{version.operations:.2E} training operations are below the {limit:.2E} of {row['entry']}.",
        )
    return nearest


def threshold(row: Mapping[str, Any]) -> Decimal:
    """Training operations from which an entry controls: the fixed figure, or that of the best published equivalent."""
    return max(Decimal(str(row["operations"])), Decimal(str(row.get("best_published_operations") or 0)))


def parsed_operations(text: str | int | float | Decimal) -> Decimal:
    """A number of operations from `2.1e26`, `2.1 x 10^26` or digits. Raises ValueError."""
    plain = (
        str(text).lower().replace(" ", "").replace(",", "").replace("\N{MULTIPLICATION SIGN}", "x").replace("x10^", "e")
    )
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not a number of operations") from None
    if not amount.is_finite() or amount <= 0 or amount.adjusted() > 38 or amount != amount.to_integral_value():
        raise ValueError(f"{text!r} is not a whole, positive number of operations")
    return amount.quantize(Decimal(1)) if amount.adjusted() < 27 else Decimal(int(amount))
