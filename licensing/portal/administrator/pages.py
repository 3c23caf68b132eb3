"""What is published, as administrators read it: headings, contents, findings, and differences."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from licensing.countries.queries import KIND as COUNTRY_LIST
from licensing.countries.queries import draft_members
from licensing.desk.writing import written
from licensing.policy.queries import KIND as POLICY
from licensing.policy.rulesets import TABLES
from licensing.publishing.models import Publication, PublicationState
from licensing.publishing.observers import on_desk, problems_of
from licensing.publishing.queries import Standing


@dataclass(frozen=True)
class Shelf:
    """The versions in force of one kind."""

    kind: str
    heading: str
    rows: list[Standing]


def shelves(standing: list[Standing]) -> list[Shelf]:
    return [
        Shelf(kind, heading, [row for row in standing if row.kind == kind])
        for kind, heading in sorted(on_desk().items(), key=lambda each: each[1])
    ]


def title_of(publication: Publication) -> str:
    """What a version calls itself."""
    return str(publication.content.get("name") or publication.content.get("title") or publication.key)


def shown(publication: Publication) -> dict[str, Any]:
    """The content: members of a country list; of other kinds the text."""
    if publication.kind == COUNTRY_LIST:
        return {"members": draft_members(publication)}
    return {"text": written(publication.content), "tables": tables(publication)}


@dataclass(frozen=True)
class RuleRow:
    """A row of a policy's table in words. `follows` are pairs of what is answered, and how."""

    id: str
    note: str
    when: str
    follows: list[tuple[str, str]]
    citation: str
    dates: str
    standing: str


def tables(publication: Publication) -> list[tuple[str, list[RuleRow]]]:
    """A policy's tables, in the order in which they are asked; of other kinds none."""
    if publication.kind != POLICY:
        return []
    held = publication.content.get("tables", {})
    return [(name, [_rule_row(row) for row in held[name]]) for name in TABLES if held.get(name)]


def _rule_row(row: Mapping[str, Any]) -> RuleRow:
    follows = [
        (name, (", ".join(value) if isinstance(value, list) else str(value)).replace("_", " "))
        for name, value in row.get("then", {}).items()
    ]
    dates = " ".join(f"{word} {row[word]}" for word in ("from", "until") if row.get(word))
    usual = ("in_force", "enforced")
    said = (row.get("legal_status", usual[0]), row.get("enforcement_status", usual[1]))
    return RuleRow(
        str(row.get("id", "")), str(row.get("note", "")), str(row.get("when", "")), follows, str(row.get("citation", "")),
        dates, "" if said == usual else ", ".join(word.replace("_", " ") for word in said),
    )  # fmt: skip


def findings(publication: Publication) -> list[tuple[str, str, str]]:
    """What keeps a draft from being published: place, value, mend."""
    if publication.state not in (PublicationState.DRAFT, PublicationState.PROPOSED):
        return []
    problems = problems_of(publication.kind, publication.key, publication.content)
    return [(problem.field, problem.value, problem.mend) for problem in problems]


@dataclass(frozen=True)
class Line:
    """A line of a comparison; `sign` is `+`, `-` or a blank."""

    sign: str
    text: str


def lines(before: Publication, after: Publication) -> list[Line]:
    """How the text of one version becomes that of another, with three lines around each change."""
    old, new = (written(version.content).splitlines() for version in (before, after))
    told = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
    return [Line(line[:1], line[1:]) if not line.startswith("@@") else Line(" ", "…") for line in told]
