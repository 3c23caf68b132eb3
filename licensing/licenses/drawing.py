"""What a use draws from what a license caps: plain Python, amounts exact. Seats are capped at one time, everything else in all."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from licensing.audit.refusals import Problem

# Which condition caps which measure: the parameters that hold the cap, its unit, the tolerance.
CAPS: dict[str, tuple[str, str, str]] = {
    "quantity": ("quantity", "unit", ""),
    "value": ("amount", "currency", "tolerance"),
    "seats": ("seats", "", ""),
    "compute": ("operations", "", ""),
}
AT_ONE_TIME = "seats"
DRAWS = {"transfer": ("quantity", "value"), "access": ("seats", "compute")}
USE_OF = {
    "weights_transfer": "transfer",
    "hosting_abroad": "transfer",
    "on_prem_appliance": "transfer",
    "technical_assistance": "transfer",
    "api_access": "access",
    "fine_tuning_access": "access",
    "iaas_training": "access",
}
MOST = Decimal("1e45")
DECIMALS = 6
EXACT = 80  # digits: enough for sums of the largest amounts with their decimals
REFERENCE = 100
MOST_WORDS = 300


@dataclass(frozen=True)
class Cap:
    measure: str
    cap: Decimal
    unit: str = ""
    tolerance: int = 0


@dataclass(frozen=True)
class Use:
    """What a licensee reports. `amounts` by measure; `corrects` names the reference of the entry that a correction is about."""

    kind: str
    occurred_at: datetime
    until: datetime | None = None
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    recipient: str = ""
    note: str = ""
    corrects: str = ""

    def to_json(self) -> dict[str, Any]:
        """The same for the same use, however its numbers and times were written."""
        return {
            "kind": self.kind,
            "occurred_at": self.occurred_at.timestamp(),
            "until": self.until.timestamp() if self.until else None,
            "amounts": {name: _plain(amount) for name, amount in sorted(self.amounts.items())},
            "recipient": self.recipient,
            "note": self.note,
            "corrects": self.corrects,
        }

    def in_words(self) -> str:
        amounts = ", ".join(f"{name} {amount:,f}" for name, amount in self.amounts.items())
        return amounts or self.kind


def _plain(amount: Decimal) -> str:
    """One way to write a number: 10, not 10.0 and not 1E+1."""
    whole, _, part = f"{amount:f}".partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}" if part else whole


def caps(conditions: Sequence[Mapping[str, Any]]) -> list[Cap]:
    """What the conditions of a decision cap; where two cap the same, the smaller holds."""
    found: dict[str, Cap] = {}
    for condition in conditions:
        duty = condition.get("duty", "")
        if duty in CAPS:
            amount, unit, tolerance = CAPS[duty]
            given = condition["parameters"]
            in_unit = "at one time" if duty == AT_ONE_TIME else str(given.get(unit, ""))
            cap = Cap(duty, Decimal(str(given[amount])), in_unit, int(given.get(tolerance, 0)))
            found[duty] = min(found.get(duty, cap), cap, key=lambda each: each.cap)
    return list(found.values())


def ceiling(cap: Decimal, tolerance: int) -> Decimal:
    """The most that may be drawn: the cap with its tolerance in percent (15 CFR 750.11)."""
    return cap * (100 + tolerance) / 100


def most_at_once(periods: Iterable[tuple[datetime, datetime, Decimal]]) -> Decimal:
    """The most that periods take up at one instant: each from its begin to just before its end, one of no length at its instant."""
    steps = []
    for begins, ends, amount in periods:
        steps += [(begins, 1, amount), (ends, 0 if ends > begins else 2, -amount)]
    most = taken = Decimal(0)
    for _, _, step in sorted(steps):
        taken += step
        most = max(most, taken)
    return most


def used_up(modes: Collection[str], full: Collection[str]) -> bool:
    """Whether nothing is left to do: every kind of use that the modes allow draws on a measure that is full."""
    uses = {USE_OF[mode] for mode in modes}
    return bool(full) and all(set(DRAWS[use]) & set(full) for use in uses)


def problems(reference: str, use: Use, now: datetime) -> Iterator[Problem]:
    """What is wrong with a use by itself, whatever the license says."""
    if not 0 < len(reference) <= REFERENCE or not reference.isprintable():
        yield Problem("client_reference", reference[:80], f"Give your reference, of 1 to {REFERENCE} letters.")
    if use.kind not in (*DRAWS, "correction"):
        yield Problem("kind", use.kind[:80], "Choose one of transfer, access, correction.")
        return
    if use.occurred_at > now:
        yield Problem("occurred_at", use.occurred_at.isoformat(), "This lies in the future: report a use after it was.")
    if use.kind == "access" and use.until is None:
        yield Problem("until", "", "Say when the period of access ended.")
    if use.kind != "access" and use.until is not None:
        yield Problem("until", use.until.isoformat(), "Only a period of access has an end.")
    if use.until is not None and not use.occurred_at <= use.until <= now:
        yield Problem("until", use.until.isoformat(), "The period ends before it begins, or in the future.")
    if bool(use.corrects) != (use.kind == "correction"):
        yield Problem(
            "corrects", use.corrects[:80], "A correction, and nothing else, names the entry that it corrects."
        )
    for name in ("recipient", "note"):
        if len(getattr(use, name)) > MOST_WORDS:
            yield Problem(name, getattr(use, name)[:80], f"Write at most {MOST_WORDS} characters.")
    yield from _amount_problems(use)


def _amount_problems(use: Use) -> Iterator[Problem]:
    if use.kind == "correction" and not any(use.amounts.values()):
        yield Problem("amounts", "", "Say by how much, with a minus sign for what is taken back.")
    for name, amount in use.amounts.items():
        if name not in CAPS:
            yield Problem(f"amounts.{name}", str(amount), f"There is no such measure; there are {', '.join(CAPS)}.")
        elif use.kind != "correction" and name not in DRAWS[use.kind]:
            yield Problem(
                f"amounts.{name}", str(amount), f"A use of this kind is measured in {' and '.join(DRAWS[use.kind])}."
            )
        elif not amount.is_finite() or abs(amount) >= MOST or (use.kind != "correction" and amount <= 0):
            yield Problem(f"amounts.{name}", str(amount), "Give a number above zero.")
        elif int(amount.as_tuple().exponent) < -DECIMALS:
            yield Problem(f"amounts.{name}", str(amount), "Give at most six decimals.")
