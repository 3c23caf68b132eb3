"""The library of texts: conditions, riders, certifications. Each is a publication of kind `text`, so every version is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from licensing.audit.refusals import Invalid, Problem
from licensing.publishing.models import Publication
from licensing.publishing.queries import all_in_force, in_force
from licensing.texts import duties
from licensing.texts.duties import LICENSEE, Blank, Duty
from licensing.texts.models import Letter

KIND = "text"
KINDS = ("condition", "rider", "certification")


@dataclass(frozen=True)
class Text:
    """A text in one version. `key` is `<kind>:<name>`; `parameters` are the blanks that its body names in braces, with their default.

    `duty` says what a condition is about (`duties.Duty`), `binds` whom; a `precedent` one has to be met before the first use.
    """

    key: str
    version: int
    title: str
    body: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    duty: str = Duty.PLAIN
    binds: tuple[str, ...] = (LICENSEE,)
    precedent: bool = False
    citation: str = ""

    @property
    def blanks(self) -> dict[str, Blank]:
        return duties.blanks(self.duty, self.parameters)

    def pinned(self, values: Mapping[str, Any] | None = None, names: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What a decision keeps of the text: version, words with their blanks filled, typed parameters, whom it binds.

        A blank without a value keeps its default; `names` are countries by code. Raises `Invalid` for a value that does not fit.
        """
        typed, wrong = duties.read(self.duty, self.parameters, values or {})
        if wrong:
            raise Invalid(
                [
                    Problem(f"{self.key}.{name}", str(value), f"{self.title}: {mend}")
                    for name, (value, mend) in wrong.items()
                ]
            )
        said = {name: blank.say(typed[name], names or {}) for name, blank in self.blanks.items()}
        return {
            "key": self.key, "version": self.version, "title": self.title,
            "body": duties.BLANK.sub(lambda blank: said[blank[1]], self.body), "parameters": typed,
            "duty": str(self.duty), "binds": list(self.binds), "precedent": self.precedent, "citation": self.citation,
        }  # fmt: skip


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
    return Text(
        key=row.key,
        version=row.version,
        title=content["title"],
        body=content["body"],
        parameters=content.get("parameters", {}),
        duty=content.get("duty", Duty.PLAIN),
        binds=tuple(content.get("binds", (LICENSEE,))),
        precedent=content.get("precedent", False),
        citation=row.source,
    )


LETTER = "letter"  # templates of letters, `letter:<kind>`, and the paragraphs that they share, `paragraph:<name>`


def letter_template(kind: str, at: datetime) -> Text:
    """The template of a kind of letter in force. Raises `Invalid` when there is none."""
    found = in_force(LETTER, f"letter:{kind}", at)
    if found is None:
        raise Invalid.one("kind", kind, "No template of such a letter is in force: publish one first.")
    return _plain(found)


def paragraphs(at: datetime) -> dict[str, Text]:
    """The paragraphs of the library in force, by name."""
    rows = all_in_force(LETTER, at).values()
    return {row.key.partition(":")[2]: _plain(row) for row in rows if row.key.startswith("paragraph:")}


def letters_about(subject_kind: str, subject_id: str) -> QuerySet[Letter]:
    """The letters that were written about a case or a license, the oldest first."""
    return Letter.objects.filter(subject_kind=subject_kind, subject_id=subject_id)


def _plain(row: Publication) -> Text:
    return Text(row.key, row.version, row.content["title"], row.content["body"])
