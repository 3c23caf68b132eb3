"""Drafting and publishing a version. Whether the actor may is asked by the room whose kind it is; four-eyes is kept here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from licensing.audit.actors import Actor
from licensing.audit.canonical import digest
from licensing.audit.commands import record
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.publishing.events import PublicationEvent
from licensing.publishing.models import OPEN, Publication, PublicationState
from licensing.publishing.observers import observer_of, problems_of, takes_hold
from licensing.publishing.queries import in_force

FAR = datetime(9999, 1, 1, tzinfo=UTC)


def open_draft(*, actor: Actor, kind: str, key: str, note: str = "", source: str = "") -> Publication:
    """Start a version; its content is that of the newest published one. Raises `NotNow` while another draft is open."""
    with transaction.atomic():
        waiting = Publication.objects.filter(kind=kind, key=key, state__in=OPEN).first()
        if waiting is not None:
            raise NotNow(
                "draft_open", f"Version {waiting.version} of {key} is being drafted already: finish or withdraw it."
            )
        newest = in_force(kind, key, FAR)
        last = Publication.objects.filter(kind=kind, key=key).aggregate(last=Max("version"))["last"] or 0
        content = dict(newest.content) if newest else {}
        draft = Publication(
            kind=kind, key=key, version=last + 1, content=content, content_hash=digest(content), based_on=newest, note=note.strip(),
            source=source or (newest.source if newest else ""), opened_by_id=actor.actor_id, opened_by_label=actor.actor_label,
        )  # fmt: skip
        try:
            with transaction.atomic():
                draft.save(force_insert=True)
        except IntegrityError:  # two at once: there is no row yet that the first could have locked
            raise NotNow("draft_open", f"Somebody else has just begun version {last + 1} of {key}.") from None
        record(draft, PublicationEvent.OPENED, actor=actor, key=key, version=draft.version, note=draft.note)
    return draft


def locked(publication_id: int, *states: str) -> Publication:
    """The publication, locked, in one of these states. Raises `NotNow` in another."""
    publication = Publication.objects.select_for_update(of=("self",)).get(pk=publication_id)
    if publication.state not in states:
        raise NotNow("wrong_state", f"Version {publication.version} of {publication.key} is {publication.state}.")
    return publication


def edit_draft(
    *, actor: Actor, publication_id: int, content: Mapping[str, Any], note: str | None = None
) -> Publication:
    """Change a draft's content, complete or not."""
    with transaction.atomic():
        draft = locked(publication_id, PublicationState.DRAFT)
        draft.content, draft.content_hash = dict(content), digest(dict(content))
        draft.note = draft.note if note is None else note.strip()
        draft.save(update_fields=["content", "content_hash", "note"])
        record(draft, PublicationEvent.EDITED, actor=actor, content_hash=draft.content_hash)
    return draft


def propose(*, actor: Actor, publication_id: int) -> Publication:
    """Put a draft forward for a second person. Raises `Invalid` with everything that is wrong with it."""
    with transaction.atomic():
        draft = locked(publication_id, PublicationState.DRAFT)
        _require_valid(draft)
        draft.state = PublicationState.PROPOSED
        draft.proposed_by_id, draft.proposed_by_label, draft.proposed_at = (
            actor.actor_id,
            actor.actor_label,
            timezone.now(),
        )
        draft.save(update_fields=["state", "proposed_by_id", "proposed_by_label", "proposed_at"])
        record(draft, PublicationEvent.PROPOSED, actor=actor)
    return draft


def _require_valid(publication: Publication) -> None:
    problems = problems_of(publication.kind, publication.key, publication.content)
    if problems:
        raise Invalid(problems)


def publish(*, actor: Actor, publication_id: int, effective_at: datetime | None = None) -> Publication:
    """Publish what somebody else has proposed; it holds from now or from a later instant, never from an earlier one."""
    with transaction.atomic():
        draft = locked(publication_id, PublicationState.PROPOSED)
        if actor.actor_id == draft.proposed_by_id:
            raise NotPermitted("four_eyes", "You proposed this version; somebody else has to publish it.")
        now = timezone.now()
        if effective_at is not None and effective_at < now:
            raise Invalid.one(
                "effective_at", effective_at.isoformat(), "A version cannot hold from an instant that has passed."
            )
        newest = in_force(draft.kind, draft.key, FAR)
        if newest is not None and newest.pk != draft.based_on_id:
            raise NotNow(
                "stale_draft", f"Version {newest.version} was published since: draft the change anew on top of it."
            )
        return _publish(draft, actor, now, effective_at or now)


def _publish(draft: Publication, actor: Actor, now: datetime, effective_at: datetime) -> Publication:
    _require_valid(draft)
    draft.state, draft.published_at, draft.effective_at = PublicationState.PUBLISHED, now, effective_at
    draft.published_by_id, draft.published_by_label = actor.actor_id, actor.actor_label
    draft.save(update_fields=["state", "published_at", "effective_at", "published_by_id", "published_by_label"])
    record(draft, PublicationEvent.PUBLISHED, actor=actor, effective_at=effective_at.isoformat())
    observer_of(draft.kind).published(draft)
    takes_hold(draft, effective_at)
    return draft


def withdraw(*, actor: Actor, publication_id: int, reason: str) -> Publication:
    """Give up a draft or a proposal."""
    if not reason.strip():
        raise Invalid.one("reason", reason, "Say why it is withdrawn.")
    with transaction.atomic():
        draft = locked(publication_id, *OPEN)
        draft.state = PublicationState.WITHDRAWN
        draft.save(update_fields=["state"])
        record(draft, PublicationEvent.WITHDRAWN, actor=actor, reason=reason.strip())
    return draft


def seed_published(
    *, proposer: Actor, publisher: Actor, kind: str, key: str, content: Mapping[str, Any], note: str, source: str,
    effective_at: datetime | None = None, published_at: datetime | None = None,
) -> Publication:  # fmt: skip
    """Publish a version from a file, with two actors as always; the same content again is the version that stands.

    Only here may a version hold, and have been known, from an instant that has passed: what a seed says was so before the system was there.
    """
    with transaction.atomic():
        standing = in_force(kind, key, FAR)
        if standing is not None and standing.content_hash == digest(dict(content)):
            return standing
        draft = open_draft(actor=proposer, kind=kind, key=key, note=note, source=source)
        draft = edit_draft(actor=proposer, publication_id=draft.pk, content=content)
        draft = propose(actor=proposer, publication_id=draft.pk)
        if proposer.actor_id == publisher.actor_id:
            raise NotPermitted("four_eyes", "A seed needs two actors.")
        now = timezone.now()
        known_at = published_at or min(
            effective_at or now, now
        )  # a file without the date says what was known when it began to hold
        return _publish(draft, publisher, known_at, effective_at or now)
