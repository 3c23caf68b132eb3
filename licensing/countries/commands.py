"""Commands of administrators who keep country lists: one person drafts and proposes, another publishes."""

from datetime import datetime

from django.db import transaction

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_administer
from licensing.audit.commands import refusals_logged
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.countries import sheets
from licensing.countries.models import CountryList
from licensing.countries.queries import KIND, code_of, find
from licensing.publishing import commands as publishing
from licensing.publishing.events import PublicationEvent
from licensing.publishing.models import Publication, PublicationState


def _require_administrator(actor: Person) -> None:
    if not may_administer(actor):
        raise NotPermitted("not_an_administrator", "Only an administrator may change country lists.")


@refusals_logged(PublicationEvent.OPENED)
def draft_list(*, actor: Person, list_key: str, note: str) -> Publication:
    """Start a new version of a list from the one in force; the note says why and stays with it."""
    _require_administrator(actor)
    if not CountryList.objects.filter(key=list_key).exists():
        raise Invalid.one("list_key", list_key, "There is no such list: choose one of those on the page of lists.")
    if not note.strip():
        raise Invalid.one("note", note, "Say why the list changes.")
    return publishing.open_draft(actor=actor, kind=KIND, key=list_key, note=note)


@refusals_logged(PublicationEvent.EDITED)
def add_member(*, actor: Person, publication_id: int, code: str, note: str = "") -> Publication:
    """Add a country to a draft, by its code."""
    _require_administrator(actor)
    found = find(code)
    if found.country is None or found.country.code != code:
        nearest = ", ".join(f"{country.name} ({country.code})" for country in found.suggestions)
        raise Invalid.one("code", code, f"No country has this code. Nearest: {nearest or 'none'}.")
    with transaction.atomic():
        draft = publishing.locked(publication_id, PublicationState.DRAFT)
        members = list(draft.content.get("members", ()))
        if any(member["code"] == code for member in members):
            raise Invalid.one("code", code, f"{found.country.name} is on the list already.")
        members = sorted([*members, {"code": code, "note": note.strip()}], key=lambda member: member["code"])
        return publishing.edit_draft(
            actor=actor, publication_id=draft.pk, content={**draft.content, "members": members}
        )


@refusals_logged(PublicationEvent.EDITED)
def remove_member(*, actor: Person, publication_id: int, code: str) -> Publication:
    """Take a country off a draft."""
    _require_administrator(actor)
    with transaction.atomic():
        draft = publishing.locked(publication_id, PublicationState.DRAFT)
        members = [member for member in draft.content.get("members", ()) if member["code"] != code]
        if len(members) == len(draft.content.get("members", ())):
            raise Invalid.one("code", code, "This country is not on the list.")
        return publishing.edit_draft(
            actor=actor, publication_id=draft.pk, content={**draft.content, "members": members}
        )


@refusals_logged(PublicationEvent.OPENED)
def draft_from_file(*, actor: Person, list_key: str, note: str, name: str, content: bytes) -> Publication:
    """Start a version whose members are those of a file, CSV or XLSX.

    Raises `Invalid` with every row that is wrong; then nothing is drafted.
    """
    with transaction.atomic():
        draft = draft_list(actor=actor, list_key=list_key, note=note)
        found = sheets.preview(name, content, draft.content.get("members", ()), code_of)
        return publishing.edit_draft(
            actor=actor, publication_id=draft.pk, content={**draft.content, "members": found.members}
        )


@refusals_logged(PublicationEvent.PROPOSED)
def propose_list(*, actor: Person, publication_id: int) -> Publication:
    _require_administrator(actor)
    return publishing.propose(actor=actor, publication_id=publication_id)


@refusals_logged(PublicationEvent.PUBLISHED)
def publish_list(*, actor: Person, publication_id: int, effective_at: datetime | None = None) -> Publication:
    """Publish what another administrator has proposed."""
    _require_administrator(actor)
    return publishing.publish(actor=actor, publication_id=publication_id, effective_at=effective_at)


@refusals_logged(PublicationEvent.WITHDRAWN)
def withdraw_list(*, actor: Person, publication_id: int, reason: str) -> Publication:
    _require_administrator(actor)
    return publishing.withdraw(actor=actor, publication_id=publication_id, reason=reason)
