"""Control lists as publications: their check, and their differences in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from licensing.audit.refusals import Problem
from licensing.catalog.models import Weights
from licensing.catalog.rules import figure, parsed_operations, threshold
from licensing.publishing.observers import Content, Plain
from licensing.publishing.shape import Shape, listed, parts, text

TOLD_APART = frozenset({"entry", "weights", "operations", "best_published_operations"})


ENTRY = parts({"entry": text, "weights": listed(text)})


class ControlLists(Plain):
    """What is controlled in one jurisdiction: `{"source", "entries": [...]}`, entries as in `fixtures/control`."""

    shape: Mapping[str, Shape] = {"source": text, "entries": listed(ENTRY)}

    def validate(self, key: str, content: Content) -> list[Problem]:
        rows = content.get("entries")
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            return [Problem("entries", str(rows)[:80], "Give a list of entries, each with its named parts.")]
        problems = [] if rows else [Problem("entries", "", "A control list has at least one entry.")]
        if not content.get("source"):
            problems.append(Problem("source", "", "Name the regulation that the list is taken from."))
        for number, row in enumerate(rows):
            problems += _entry_problems(f"entries.{number}.", row)
        names = [row.get("entry", "") for row in rows]
        problems += [
            Problem("entries", name, "The list has this entry twice: remove one.")
            for name in sorted(set(names))
            if names.count(name) > 1
        ]
        return problems

    def diff(self, before: Content, after: Content) -> list[str]:
        if any(self.validate("", content) for content in (before, after) if content):
            return super().diff(before, after)  # a draft may say anything yet
        old = {row["entry"]: row for row in before.get("entries", ())}
        new = {row["entry"]: row for row in after.get("entries", ())}
        told = [
            f"{entry} is added, from {figure(threshold(new[entry]))} operations" for entry in new.keys() - old.keys()
        ]
        told += [f"{entry} is removed" for entry in old.keys() - new.keys()]
        for entry in old.keys() & new.keys():
            told += _changes(entry, old[entry], new[entry])
        parts = [{name: part for name, part in version.items() if name != "entries"} for version in (before, after)]
        return sorted(told) + super().diff(*parts)


def _entry_problems(where: str, row: Mapping[str, Any]) -> Iterator[Problem]:
    if not 0 < len(str(row.get("entry", ""))) <= 20:
        yield Problem(f"{where}entry", str(row.get("entry", "")), "Give the entry's code, such as 4E091.")
    weights = row.get("weights") or []
    if not weights or not set(weights) <= set(Weights.values):
        yield Problem(f"{where}weights", ", ".join(weights), f"Choose from {', '.join(Weights.values)}.")
    for field in ("operations", "best_published_operations"):
        given = row.get(field)
        if given is None and field != "operations":
            continue
        try:
            parsed_operations("" if given is None else given)
        except ValueError:
            yield Problem(f"{where}{field}", str(given), "Enter a whole number of operations, such as 1e26.")
    if row.get("best_published_operations") and not row.get("best_published_evidence"):
        mend = "Say which published model this is, with a date and where it can be read."
        yield Problem(f"{where}best_published_evidence", "", mend)


def _changes(entry: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if threshold(old) != threshold(new):
        yield f"{entry} controls from {figure(threshold(new))} operations, before from {figure(threshold(old))}"
    if set(old["weights"]) != set(new["weights"]):
        yield f"{entry} covers {', '.join(new['weights'])} weights, before {', '.join(old['weights'])}"
    for name in sorted((old.keys() | new.keys()) - TOLD_APART):
        if old.get(name) != new.get(name):
            yield f"{name.replace('_', ' ')} of {entry} changes"
