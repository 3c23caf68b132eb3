"""Commands of administrators on the drafts of country lists: their members, and what the list says of them all."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import refusals_logged
from licensing.audit.refusals import Invalid, Problem
from licensing.countries import sheets
from licensing.countries.queries import KIND, called, code_of
from licensing.countries.rules import faults
from licensing.desk import commands as desk
from licensing.publishing import commands as publishing
from licensing.publishing.events import PublicationEvent
from licensing.publishing.models import Publication, PublicationState

Members = dict[str, dict[str, Any]]


def _change(actor: Person, publication_id: int, change: Callable[[Members], None]) -> Publication:
    """Change the members of a draft, by code, while nobody else does."""
    desk.require_keeper(actor, KIND)
    with transaction.atomic():
        draft = publishing.locked(publication_id, PublicationState.DRAFT)
        members = {row["code"]: dict(row) for row in draft.content.get("members", ())}
        change(members)
        content = {**draft.content, "members": [members[code] for code in sorted(members)]}
        return publishing.edit_draft(actor=actor, publication_id=draft.pk, content=content)


def _said(parts: Mapping[str, str]) -> dict[str, str]:
    """What the parts say, without those that say nothing. Raises `Invalid` with everything that is wrong with them."""
    given = {part: value.strip() for part, value in parts.items() if value.strip()}
    problems = [Problem(part, value, mend) for part, value, mend in faults(given, timezone.localdate())]
    if problems:
        raise Invalid(problems)
    return given


@refusals_logged(PublicationEvent.EDITED)
def add_member(*, actor: Person, publication_id: int, code: str, **parts: str) -> Publication:
    """Add a country to a draft, by its code, with those of `rules.PARTS` that are known."""
    found, near = code_of(code, parts.get("until", ""))
    if found != code:
        raise Invalid.one("code", code, f"No country has this code. Nearest: {', '.join(near) or 'none'}.")
    said = _said(parts)

    def add(members: Members) -> None:
        if code in members:
            raise Invalid.one("code", code, f"{called()[code]} is on the list already.")
        members[code] = {"code": code, "note": "", **said}

    return _change(actor, publication_id, add)


@refusals_logged(PublicationEvent.EDITED)
def change_member(*, actor: Person, publication_id: int, code: str, **parts: str) -> Publication:
    """Say of a member what these parts say, and no more what they leave empty."""
    said = _said(parts)

    def change(members: Members) -> None:
        _require_member(members, code)
        kept = {part: value for part, value in members[code].items() if part not in parts}
        members[code] = {"note": "", **kept, **said}

    return _change(actor, publication_id, change)


@refusals_logged(PublicationEvent.EDITED)
def remove_member(*, actor: Person, publication_id: int, code: str) -> Publication:
    """Take a country off a draft."""

    def remove(members: Members) -> None:
        _require_member(members, code)
        del members[code]

    return _change(actor, publication_id, remove)


def _require_member(members: Members, code: str) -> None:
    if code not in members:
        raise Invalid.one("code", code, "This country is not on the list.")


@refusals_logged(PublicationEvent.EDITED)
def describe_list(*, actor: Person, publication_id: int, **said: str) -> Publication:
    """Name and describe a list in a draft, and say what holds for all its members that say nothing else themselves."""
    desk.require_keeper(actor, KIND)
    given = _said(said)
    with transaction.atomic():
        draft = publishing.locked(publication_id, PublicationState.DRAFT)
        kept = {part: value for part, value in draft.content.items() if part not in said}
        return publishing.edit_draft(actor=actor, publication_id=draft.pk, content={**kept, **given})


@refusals_logged(PublicationEvent.OPENED)
def draft_from_file(*, actor: Person, list_key: str, note: str, name: str, content: bytes) -> Publication:
    """Start a version whose members are those of a file, CSV or XLSX.

    Raises `Invalid` with every row that is wrong; then nothing is drafted.
    """
    with transaction.atomic():
        draft = desk.open_draft(actor=actor, kind=KIND, key=list_key, note=note)
        found = sheets.preview(name, content, draft.content.get("members", ()), code_of, timezone.localdate())
        return publishing.edit_draft(
            actor=actor, publication_id=draft.pk, content={**draft.content, "members": found.members}
        )
