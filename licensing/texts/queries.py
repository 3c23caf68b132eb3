"""The library of texts: conditions, riders, certifications. Each is a publication of kind `text`, so every version is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from licensing.audit.refusals import Invalid
from licensing.publishing.models import Publication
from licensing.publishing.queries import all_in_force, in_force

KIND = "text"
KINDS = ("condition", "rider", "certification")


@dataclass(frozen=True)
class Text:
    """A text in one version. `key` is `<kind>:<name>`; `parameters` are the blanks that its body names in braces, with their default."""

    key: str
    version: int
    title: str
    body: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def filled(self, values: Mapping[str, Any] | None = None) -> str:
        """The body with its blanks filled; a blank without a value keeps its default."""
        body = self.body
        for name, default in self.parameters.items():
            body = body.replace("{" + name + "}", str((values or {}).get(name, default)))
        return body


def text(key: str, at: datetime) -> Text:
    """The text in force. Raises `Invalid` when there is none."""
    found = in_force(KIND, key, at)
    if found is None:
        raise Invalid.one("text", key, "The library holds no such text in force: choose another.")
    return _text(found)


def library(kind: str, at: datetime | None = None) -> list[Text]:
    """Every text of a kind that is in force, by title."""
    found = all_in_force(KIND, at or timezone.now())
    return sorted((_text(row) for key, row in found.items() if key.startswith(f"{kind}:")), key=lambda each: each.title)


def _text(row: Publication) -> Text:
    content = row.content
    return Text(row.key, row.version, content["title"], content["body"], content.get("parameters", {}))
