"""Writing a letter. Whether the actor may, and the event that tells of it, are the caller's."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from licensing.accounts.queries import authority_block
from licensing.audit.actors import SYSTEM, Actor
from licensing.audit.refusals import Invalid, Problem
from licensing.documents.commands import render_signed
from licensing.documents.context import LetterBlock, LetterDocument
from licensing.documents.models import Document
from licensing.texts import letters
from licensing.texts.models import Letter
from licensing.texts.queries import letter_template, paragraphs
from workflows import outbox

RENDER = "render_letter"


def write_letter(
    *,
    actor: Actor,
    kind: str,
    subject_kind: str,
    subject_id: str,
    reference: str,
    addressee: Mapping[str, Any],
    values: Mapping[str, str],
    at: datetime,
    source: str = "",
) -> Letter:
    """Write a letter from the template in force, or from `source`, an officer's version of it; a worker seals it as a PDF.

    `addressee` has `name` and `lines`; `values` are the words of `letters.WORDS`. Raises `Invalid` when the template asks for what
    it may not have, or when something that a letter of this kind must say is not said.
    """
    template, library = letter_template(kind, at), paragraphs(at)
    drafted = draft(kind, values, at, source)
    problems = [*drafted.problems]
    problems += [
        Problem(name, "", f"The letter must say {letters.WORDS[name]}.") for name in letters.unsaid(kind, values)
    ]
    if problems:
        raise Invalid(problems)
    used = [template, *(library[name] for name in letters.named_paragraphs(drafted.source))]
    letter = Letter.objects.create(
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        reference=reference,
        title=template.title,
        addressee=dict(addressee),
        source=drafted.source,
        texts=[{"key": text.key, "version": text.version} for text in used],
        values=dict(values),
        blocks=[asdict(block) for block in drafted.blocks],
        written_at=at,
        written_by_id=actor.actor_id,
        written_by_label=actor.actor_label,
    )
    outbox.put(effect=RENDER, key=str(letter.pk), payload={"letter_id": str(letter.pk)})
    return letter


@dataclass(frozen=True)
class Draft:
    """A letter that is not written yet: its template, what it would say, and what is wrong with it."""

    title: str
    source: str
    blocks: tuple[letters.Block, ...]
    problems: tuple[Problem, ...]


def draft(kind: str, values: Mapping[str, str], at: datetime, source: str = "") -> Draft:
    """What a letter would say now; nothing is written. Raises `Invalid` when no template of this kind is in force."""
    template = letter_template(kind, at)
    chosen = source.replace("\r\n", "\n").strip() or template.body
    bodies = {name: found.body for name, found in paragraphs(at).items()}
    blocks = letters.compose(chosen, bodies, values)
    return Draft(template.title, chosen, blocks, tuple(letters.problems(kind, chosen, bodies)))


def seal(*, letter_id: uuid.UUID) -> Document:
    """The letter as a sealed PDF; the same letter gives the same document."""
    letter = Letter.objects.get(pk=letter_id)
    addressee = (letter.addressee["name"], *letter.addressee.get("lines", ()))
    return render_signed(
        kind="letter",
        subject_kind="letter",
        subject_id=str(letter.pk),
        template="documents/letter.html",
        context=LetterDocument(
            authority=authority_block(),
            title=letter.title,
            reference=letter.reference,
            addressee=addressee,
            written_on=letter.written_at.date(),
            blocks=tuple(LetterBlock(**block) for block in letter.blocks),
        ),
        attachment={"kind": letter.kind, "reference": letter.reference, "blocks": letter.blocks, "texts": letter.texts},
        title=f"{letter.title}: {letter.reference}",
        actor=SYSTEM,
    )


def seal_effect(key: str, payload: Mapping[str, Any]) -> None:
    """The outbox's handler."""
    seal(letter_id=uuid.UUID(payload["letter_id"]))
