"""Control lists as publications: their check, and their differences in words."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from licensing.audit.refusals import Problem
from licensing.catalog.entries import CIRCUIT, COMPUTER, ITEM_KINDS, MODEL, PARAMETERS
from licensing.catalog.models import Weights
from licensing.catalog.rules import parsed_operations
from licensing.publishing.observers import Content, Plain
from licensing.publishing.shape import Shape, listed, parts, text

STATUSES = {"legal_status": ("in_force", "rescinded"), "enforcement_status": ("enforced", "not_enforced", "suspended")}


ENTRY = parts({"entry": text, "weights": listed(text)})
FIGURE = parts({"key": text})


class ControlLists(Plain):
    """What is controlled in one jurisdiction: `source`, `near_percent`, `entries`, `figures`, as in `fixtures/control`."""

    shape: Mapping[str, Shape] = {"source": text, "entries": listed(ENTRY), "figures": listed(FIGURE)}

    def validate(self, key: str, content: Content) -> list[Problem]:
        problems = [*_rows("entries", content.get("entries")), *_rows("figures", content.get("figures", []))]
        if problems:
            return problems
        entries, figures = content["entries"], content.get("figures", [])
        if not entries:
            problems.append(Problem("entries", "", "A control list has at least one entry."))
        if not content.get("source"):
            problems.append(Problem("source", "", "Name the regulation that the list is taken from."))
        if not _is_number(content.get("near_percent", 0)):
            mend = "Give the percentage around a threshold within which a second method of counting is asked for."
            problems.append(Problem("near_percent", str(content["near_percent"]), mend))
        for number, row in enumerate(entries):
            problems += _entry_problems(f"entries.{number}.", row, {str(each.get("entry")) for each in entries})
        for number, row in enumerate(figures):
            problems += _dated(f"figures.{number}.thresholds", row.get("thresholds"), "citation")
        names = [str(row.get("entry", "")) for row in entries] + [str(row.get("key", "")) for row in figures]
        problems += [
            Problem("entries", name, "The list has this entry twice: remove one.")
            for name in sorted(set(names))
            if names.count(name) > 1
        ]
        return problems

    def diff(self, before: Content, after: Content) -> list[str]:
        if any(self.validate("", content) for content in (before, after) if content):
            return super().diff(before, after)  # a draft may say anything yet
        told: list[str] = []
        for part, name in (("entries", "entry"), ("figures", "key")):
            old = {row[name]: row for row in before.get(part, ())}
            new = {row[name]: row for row in after.get(part, ())}
            told += [f"{key} is added{_begins(new[key])}" for key in new.keys() - old.keys()]
            told += [f"{key} is removed" for key in old.keys() - new.keys()]
            for key in old.keys() & new.keys():
                told += _changes(key, old[key], new[key])
        rest = [
            {name: part for name, part in version.items() if name not in ("entries", "figures")}
            for version in (before, after)
        ]
        return sorted(told) + super().diff(*rest)


def _rows(place: str, rows: object) -> Iterator[Problem]:
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        yield Problem(place, str(rows)[:80], f"Give a list of {place}, each with its named parts.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 100


def _entry_problems(where: str, row: Mapping[str, Any], known: set[str]) -> Iterator[Problem]:
    for name in ("entry", "heading"):
        if not 0 < len(str(row.get(name) or "")) <= (20 if name == "entry" else 300):
            yield Problem(
                f"{where}{name}", str(row.get(name, "")), f"Give the entry's {name}, such as 4E091 for an entry."
            )
    yield from _statuses(f"{where}status", row.get("status"))
    if row.get("item") not in ITEM_KINDS:
        yield Problem(f"{where}item", str(row.get("item", "")), f"Choose one of {', '.join(ITEM_KINDS)}.")
    elif row["item"] == MODEL:
        yield from _model_problems(where, row)
    elif row["item"] == COMPUTER:
        contains = row.get("contains") or []
        if not isinstance(contains, list) or not contains or not set(contains) <= known:
            yield Problem(
                f"{where}contains", str(contains), "Name the entries of this list that the computer contains."
            )
    elif row["item"] == CIRCUIT:
        yield from _parameter_problems(f"{where}any_of", row.get("any_of"))


def _model_problems(where: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    weights = row.get("weights") or []
    if not isinstance(weights, list) or not weights or not set(weights) <= set(Weights.values):
        yield Problem(f"{where}weights", ", ".join(weights), f"Choose from {', '.join(Weights.values)}.")
    yield from _dated(f"{where}thresholds", row.get("thresholds"), "citation")
    yield from _dated(f"{where}best_published", row.get("best_published", []), "evidence", needed=False)


def _dated(place: str, rows: object, proof: str, *, needed: bool = True) -> Iterator[Problem]:
    """Dated figures: each with operations, the day from which it counts, and what it rests on."""
    if not isinstance(rows, list) or (needed and not rows) or not all(isinstance(row, Mapping) for row in rows):
        yield Problem(place, str(rows)[:80], f"Give a list of figures, each with operations, from and {proof}.")
        return
    for number, row in enumerate(rows):
        try:
            parsed_operations("" if row.get("operations") is None else row["operations"])
        except ValueError:
            mend = "Enter a whole number of operations, such as 1e26."
            yield Problem(f"{place}.{number}.operations", str(row.get("operations")), mend)
        yield from _day(f"{place}.{number}.from", row.get("from"))
        if not row.get(proof):
            yield Problem(f"{place}.{number}.{proof}", "", "Say what the figure rests on, and where it can be read.")


def _day(place: str, value: object) -> Iterator[Problem]:
    try:
        date.fromisoformat(str(value))
    except ValueError:
        yield Problem(place, str(value), "Write the day from which it counts, as 2025-01-13.")


def _statuses(place: str, rows: object) -> Iterator[Problem]:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        yield Problem(place, str(rows)[:80], "Say from when the entry is law, and from when it is enforced.")
        return
    for number, row in enumerate(rows):
        yield from _day(f"{place}.{number}.from", row.get("from"))
        for name, words in STATUSES.items():
            if row.get(name) not in words:
                yield Problem(
                    f"{place}.{number}.{name}", str(row.get(name, "")), f"{name} is one of {', '.join(words)}."
                )


def _parameter_problems(place: str, rows: object) -> Iterator[Problem]:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) and row for row in rows):
        yield Problem(
            place, str(rows)[:80], f"Give ranges of {' and '.join(PARAMETERS)}; the item has to be within all of one."
        )
        return
    for number, row in enumerate(rows):
        for name, bounds in row.items():
            if name not in PARAMETERS:
                yield Problem(
                    f"{place}.{number}.{name}", str(name), f"There is no parameter {name!r}: {', '.join(PARAMETERS)}."
                )
            elif (
                not isinstance(bounds, list) or len(bounds) not in (1, 2) or not all(_is_bound(each) for each in bounds)
            ):
                yield Problem(f"{place}.{number}.{name}", str(bounds), "Give [from] or [from, below], as numbers.")


def _is_bound(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _begins(row: Mapping[str, Any]) -> str:
    figures = [f"{part['operations']} operations from {part['from']}" for part in row.get("thresholds", ())]
    return f": {', '.join(figures)}" if figures else ""


def _changes(entry: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for part, proof in (("thresholds", "citation"), ("best_published", "evidence")):
        for row in new.get(part, ()):
            if row not in old.get(part, ()):
                words = "controls from" if part == "thresholds" else "equals a published model with"
                yield f"{entry} {words} {row['operations']} operations since {row['from']} ({row[proof]})"
        for row in old.get(part, ()):
            if row not in new.get(part, ()):
                yield f"{entry}: the figure of {row['operations']} operations since {row['from']} is removed"
    for name in sorted((old.keys() | new.keys()) - {"thresholds", "best_published"}):
        if old.get(name) != new.get(name):
            yield f"{name.replace('_', ' ')} of {entry} changes"
