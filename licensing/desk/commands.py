"""Commands of administrators on everything that is published: one person drafts and proposes, another publishes."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from licensing.accounts.models import Person
from licensing.audit.commands import refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.desk.permissions import may_keep
from licensing.publishing import commands as publishing
from licensing.publishing.events import PublicationEvent
from licensing.publishing.models import Publication, PublicationState
from licensing.publishing.observers import problems_of

KEY = re.compile(r"[A-Za-z][\w:.-]{0,99}", re.ASCII)


def require_keeper(actor: Person, kind: str) -> None:
    """Raises `NotPermitted` unless the actor may keep publications of the kind."""
    if not may_keep(actor, kind):
        raise NotPermitted("not_an_administrator", "Only an administrator may change what is published.")


def _require_keeper_of(actor: Person, publication_id: int) -> None:
    require_keeper(actor, Publication.objects.values_list("kind", flat=True).get(pk=publication_id))


@refusals_logged(PublicationEvent.OPENED)
def open_draft(*, actor: Person, kind: str, key: str, note: str) -> Publication:
    """Start a new version from the newest one; the note says why and stays with it."""
    require_keeper(actor, kind)
    if not Publication.objects.filter(kind=kind, key=key).exists():
        raise Invalid.one("key", key, "Nothing is published under this key: choose one that the desk shows.")
    return _opened(actor, kind, key, note)


@refusals_logged(PublicationEvent.OPENED)
def start(*, actor: Person, kind: str, key: str, note: str, content: Mapping[str, Any] | None = None) -> Publication:
    """Draft the first version of something new. It is there for others when a second person has published it."""
    require_keeper(actor, kind)
    problems = [problem for problem in problems_of(kind, key, content or {}) if problem.field == "key"]
    if problems:
        raise Invalid(problems)
    if not KEY.fullmatch(key):
        mend = "Use letters, digits, and : . _ - between them, a letter first, at most 100 characters."
        raise Invalid.one("key", key, mend)
    with transaction.atomic():
        if Publication.objects.filter(kind=kind, key=key).exists():
            raise Invalid.one("key", key, "There is one with this key already: draft a change of it.")
        draft = _opened(actor, kind, key, note)
        return publishing.edit_draft(actor=actor, publication_id=draft.pk, content=content) if content else draft


def _opened(actor: Person, kind: str, key: str, note: str) -> Publication:
    if not note.strip():
        raise Invalid.one("note", note, "Say why it changes.")
    return publishing.open_draft(actor=actor, kind=kind, key=key, note=note)


@refusals_logged(PublicationEvent.EDITED)
def edit_draft(
    *, actor: Person, publication_id: int, content: Mapping[str, Any], seen: str, note: str | None = None
) -> Publication:
    """Replace a draft's content, complete or not. `seen` is the hash of the content that the actor has changed.

    Raises `NotNow` where somebody else has changed the draft since.
    """
    _require_keeper_of(actor, publication_id)
    with transaction.atomic():
        draft = publishing.locked(publication_id, PublicationState.DRAFT)
        if draft.content_hash != seen:
            raise NotNow("draft_changed", "Somebody has changed this draft since you opened it: look at it first.")
        return publishing.edit_draft(actor=actor, publication_id=draft.pk, content=content, note=note)


@refusals_logged(PublicationEvent.PROPOSED)
def propose(*, actor: Person, publication_id: int) -> Publication:
    """Put a draft forward. Raises `Invalid` with everything that is wrong with it."""
    _require_keeper_of(actor, publication_id)
    return publishing.propose(actor=actor, publication_id=publication_id)


@refusals_logged(PublicationEvent.PUBLISHED)
def publish(*, actor: Person, publication_id: int, effective_at: datetime | None = None) -> Publication:
    """Publish what another administrator has proposed, from now or from a later instant."""
    _require_keeper_of(actor, publication_id)
    return publishing.publish(actor=actor, publication_id=publication_id, effective_at=effective_at)


@refusals_logged(PublicationEvent.WITHDRAWN)
def withdraw(*, actor: Person, publication_id: int, reason: str) -> Publication:
    """Give up a draft or a proposal, with a reason."""
    _require_keeper_of(actor, publication_id)
    return publishing.withdraw(actor=actor, publication_id=publication_id, reason=reason)
