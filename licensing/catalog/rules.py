"""Classification of a model version under a control list, and reading of declared operations: pure functions."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from licensing.catalog.entries import IN_FORCE, MODEL, ControlEntry, covers

CONTROL_LIST = "control_list"
MOST_DIGITS = 39
GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+")


@dataclass(frozen=True)
class Counted:
    """Operations that somebody counted for one stage of training, how, and how far they may be off."""

    stage: str
    operations: Decimal
    method: str
    tolerance_percent: Decimal = Decimal(0)


@dataclass(frozen=True)
class Training:
    """Operations of all stages together, the methods by which every one of them was counted, and the largest tolerance."""

    operations: Decimal
    methods: frozenset[str]
    tolerance_percent: Decimal


@dataclass(frozen=True)
class VersionFacts:
    """What classification looks at: training of the version and all that it was made from, None when not declared in full.

    `origins` is what it was made from, each with its own training.
    """

    name: str
    weights: str
    training: Training | None
    derivation: str = ""
    origins: tuple["VersionFacts", ...] = ()

    @property
    def item(self) -> dict[str, Any]:
        """The version as `covers` reads an item; no classification of it is on record yet."""
        facts: dict[str, Any] = {"weights": self.weights, "control_entry": "", "made_from_entries": []}
        if self.training:
            facts |= {
                "operations": self.training.operations, "methods": self.training.methods,
                "tolerance_percent": self.training.tolerance_percent,
            }  # fmt: skip
        return facts


@dataclass(frozen=True)
class Found:
    """The entry that a version falls under, or the nearest one and why it does not."""

    entry: str
    controlled: bool
    reason: str


def summed(counts: Iterable[Counted]) -> Training:
    """All stages together. A stage that was counted by two methods counts once, with the larger figure."""
    stages: dict[str, dict[str, Decimal]] = {}
    tolerance = Decimal(0)
    for row in counts:
        by_method = stages.setdefault(row.stage, {})
        by_method[row.method] = by_method.get(row.method, Decimal(0)) + row.operations
        tolerance = max(tolerance, row.tolerance_percent)
    total = sum((max(by_method.values()) for by_method in stages.values()), Decimal(0))
    shared = frozenset.intersection(*(frozenset(by_method) for by_method in stages.values())) if stages else frozenset()
    return Training(total, shared, tolerance)


def classify(version: VersionFacts, entries: Sequence[ControlEntry]) -> Found:
    """The first operative entry that covers the version (`entries.entries_of` a control list on a day).

    What cannot be told counts as covered: operations that are not declared in full, or counted by one method only though they
    are near the threshold. What was made from something that is covered stays so (15 CFR 734.9(l)).
    """
    nearest = Found("", False, "No entry of the control list covers such models.")
    for entry in entries:
        if entry.item != MODEL:
            continue
        if entry.operative:
            nearest = _found(version, entry)
        elif not nearest.entry:
            nearest = _not_operative(entry)
        if nearest.controlled:
            return nearest
    return nearest


def _not_operative(entry: ControlEntry) -> Found:
    status = entry.legal_status if entry.legal_status != IN_FORCE else entry.enforcement_status
    return Found(entry.code, False, f"{entry.code} is {status.replace('_', ' ')}.")


def _found(version: VersionFacts, entry: ControlEntry) -> Found:
    code, cover = entry.code, covers(entry, version.item)
    if version.weights not in entry.weights:
        return Found(code, False, f"{code} does not cover {version.weights} weights.")
    for origin in version.origins:
        if covers(entry, origin.item).holds and not cover.holds:
            return Found(code, True, f"It was made from {origin.name}, which {code} covers.")
    if version.training is None:
        return Found(code, True, f"Training operations are not declared in full, so {code} is assumed.")
    counted, limit = _counted(version, version.training), figure(entry.limit)
    if cover.holds is None:
        return Found(
            code, True, f"{counted} are near the {limit} of {code} and counted by one method only, so it is assumed."
        )
    verb = "reach" if cover.holds else "are below"
    return Found(code, bool(cover.holds), f"{counted} {verb} the {limit} of {code}.")


def _counted(version: VersionFacts, training: Training) -> str:
    made = version.derivation.replace("_", " ")
    origin = f", with those of what it was {made} from," if made else ""
    return f"{figure(training.operations)} training operations{origin}"


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
