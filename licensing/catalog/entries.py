"""Entries of a control list as in force on a day, and whether one covers an item. Pure.

An entry covers models by their weights and training operations, integrated circuits by their parameters, computers by what they
contain. What cannot be told for lack of a fact is unknown (None), with the facts that are missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

MODEL, CIRCUIT, COMPUTER = ITEM_KINDS = ("model", "integrated_circuit", "computer")
PARAMETERS = ("total_processing_performance", "performance_density")
PUBLISHED = "published"  # weights that no entry covers (15 CFR 734.7(a))
IN_FORCE, ENFORCED = "in_force", "enforced"
BOTH_METHODS = 2

Range = tuple[float, float]  # from, and below


@dataclass(frozen=True)
class ControlEntry:
    """One entry on one day. `limit` are training operations; `near` the share around it in which a second method is asked for."""

    code: str
    heading: str
    item: str
    legal_status: str
    enforcement_status: str
    weights: frozenset[str] = frozenset()
    limit: Decimal = Decimal(0)
    near: float = 0.0
    any_of: tuple[Mapping[str, Range], ...] = ()
    contains: frozenset[str] = frozenset()

    @property
    def operative(self) -> bool:
        """True when the entry is law and is enforced; one that is not controls nothing."""
        return (self.legal_status, self.enforcement_status) == (IN_FORCE, ENFORCED)


@dataclass(frozen=True)
class Cover:
    """Whether an entry covers an item; None with the fields that are missing."""

    holds: bool | None
    missing: tuple[str, ...] = ()


YES, NO = Cover(True), Cover(False)


def in_force(rows: Iterable[Mapping[str, Any]], day: date) -> Mapping[str, Any] | None:
    """The last of some dated rows whose `from` has come; a row without one is the oldest."""
    begun = [row for row in rows if str(row.get("from") or "") <= day.isoformat()]
    return max(begun, key=lambda row: str(row.get("from") or ""), default=None)


def threshold(row: Mapping[str, Any], day: date) -> Decimal | None:
    """Operations from which an entry controls on a day: the fixed figure, or that of the best published equivalent where it is larger.

    The second floats: a model that is no more capable than the best published one is not controlled (15 CFR 742.6, Note to (b)(14)).
    """
    fixed = in_force(row.get("thresholds", ()), day)
    floating = in_force(row.get("best_published", ()), day)
    return max(Decimal(str(part["operations"])) for part in (fixed, floating) if part) if fixed else None


def entries_of(content: Mapping[str, Any], day: date) -> tuple[ControlEntry, ...]:
    """The entries of a control list's content that have begun by the day. Raises KeyError on content that its check would have named."""
    near = float(content.get("near_percent", 0)) / 100
    return tuple(entry for row in content["entries"] if (entry := _entry(row, day, near)))


def _entry(row: Mapping[str, Any], day: date, near: float) -> ControlEntry | None:
    status, limit = in_force(row["status"], day), threshold(row, day)
    if status is None or (row["item"] == MODEL and limit is None):
        return None
    return ControlEntry(
        code=row["entry"], heading=row["heading"], item=row["item"], legal_status=status["legal_status"],
        enforcement_status=status["enforcement_status"], weights=frozenset(row.get("weights", ())), limit=limit or Decimal(0),
        near=near, contains=frozenset(row.get("contains", ())),
        any_of=tuple({name: _range(bounds) for name, bounds in each.items()} for each in row.get("any_of", ())),
    )  # fmt: skip


def _range(bounds: Sequence[float]) -> Range:
    return float(bounds[0]), float(bounds[1]) if len(bounds) > 1 else float("inf")


def figures_of(content: Mapping[str, Any], day: date) -> dict[str, float]:
    """The figures of a control list on a day: the threshold of each entry for models, and those that it keeps for other rules, by key."""
    rows = [(row["entry"], threshold(row, day)) for row in content["entries"]]
    rows += [(row["key"], threshold(row, day)) for row in content.get("figures", ())]
    return {key: float(limit) for key, limit in rows if limit is not None}


def covers(entry: ControlEntry, item: Mapping[str, Any]) -> Cover:
    """Whether the entry covers an item, by its facts (`items` in `licensing/cases/facts.py`).

    A recorded classification counts, of a paragraph (3A090.a) or of the whole entry. So does one of what the item was made from,
    unless its weights are published: a derivative stays controlled (15 CFR 734.9(l)).
    """
    recorded = item.get("control_entry")
    if recorded and recorded in (entry.code, entry.code.partition(".")[0]):
        return YES
    if item.get("kind", MODEL) != entry.item:
        return NO
    told = _model(entry, item) if entry.item == MODEL else _hardware(entry, item)
    return _either(
        told, NO if recorded is not None or item.get("weights") == PUBLISHED else Cover(None, ("control_entry",))
    )


def _model(entry: ControlEntry, item: Mapping[str, Any]) -> Cover:
    weights = item.get("weights")
    kept = Cover(None, ("weights",)) if weights is None else Cover(weights in entry.weights)
    return _both(kept, _either(_inherited(entry, item), _trained(entry, item)))


def _inherited(entry: ControlEntry, item: Mapping[str, Any]) -> Cover:
    origins = item.get("made_from_entries")
    if origins is None:
        return NO if item.get("derivation") == "" else Cover(None, ("made_from_entries",))
    return Cover(entry.code in origins)


def _trained(entry: ControlEntry, item: Mapping[str, Any]) -> Cover:
    operations = item.get("operations")
    if operations is None:
        return Cover(None, ("operations",))
    if (
        is_near(entry, operations, item.get("tolerance_percent") or 0)
        and len(set(item.get("methods", ()))) < BOTH_METHODS
    ):
        return Cover(None, ("methods",))
    return Cover(operations >= entry.limit)


def is_near(entry: ControlEntry, operations: float | Decimal, tolerance_percent: float | Decimal = 0) -> bool:
    """Whether operations, give or take their tolerance, lie so near to the threshold that one method of counting is not enough."""
    counted, limit, tolerance = float(operations), float(entry.limit), float(tolerance_percent) / 100
    return counted * (1 + tolerance) >= limit * (1 - entry.near) and counted * (1 - tolerance) <= limit * (
        1 + entry.near
    )


def _hardware(entry: ControlEntry, item: Mapping[str, Any]) -> Cover:
    if entry.item == COMPUTER:
        contains = item.get("contains")
        return Cover(None, ("contains",)) if contains is None else Cover(not entry.contains.isdisjoint(contains))
    found = [_within(each, item) for each in entry.any_of]
    if any(cover.holds for cover in found):
        return YES
    return next((cover for cover in found if cover.holds is None), NO)


def _within(ranges: Mapping[str, Range], item: Mapping[str, Any]) -> Cover:
    told = YES
    for name, (low, below) in ranges.items():
        value, missing = _parameter(name, item)
        told = _both(told, Cover(None, missing) if value is None else Cover(low <= value < below))
    return told


def _parameter(name: str, item: Mapping[str, Any]) -> tuple[float | None, tuple[str, ...]]:
    """A parameter's value, or the fields that are missing for it. Performance density is TPP over the applicable die area (mm2)."""
    performance, area = item.get("total_processing_performance"), item.get("die_area")
    if name == "total_processing_performance" or performance is None:
        return performance, ("total_processing_performance",)
    return (performance / area if area else None), ("die_area",)


def _both(one: Cover, other: Cover) -> Cover:
    if one.holds is False or other.holds is False:
        return NO
    missing = one.missing + other.missing
    return Cover(None, missing) if missing else YES


def _either(one: Cover, other: Cover) -> Cover:
    if one.holds or other.holds:
        return YES
    missing = one.missing + other.missing
    return Cover(None, missing) if missing else NO
