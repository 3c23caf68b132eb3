"""Commands of cleared administrators on control orders and lists of authorized parties: one drafts and proposes, another publishes."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Organization, OrganizationKind, Person
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.policy.events import OrderEvent
from licensing.policy.models import ControlOrder, Disclosure
from licensing.policy.orders import lists_asked
from licensing.policy.permissions import may_order
from licensing.policy.queries import AUTHORIZED_PARTIES, CONFIDENTIAL_KINDS, ORDER
from licensing.publishing import commands as publishing
from licensing.publishing.events import PublicationEvent
from licensing.publishing.models import Publication, PublicationState
from licensing.publishing.observers import takes_hold
from licensing.publishing.queries import in_force

KEYS = {ORDER: re.compile(r"[a-z0-9][a-z0-9-]{1,29}"), AUTHORIZED_PARTIES: re.compile(r"[A-Z][A-Z0-9_]{1,39}")}


def require_cleared(actor: Person) -> None:
    """The same answer for what exists and what does not."""
    if not may_order(actor):
        raise NotPermitted("not_cleared", "These pages are for administrators who are cleared for them.")


@refusals_logged(OrderEvent.OPENED)
def open_order(*, actor: Person, organization_id: int, key: str, note: str) -> Publication:
    """A new order on a company, with its first draft. `key` is its short name (`cascade-2026`)."""
    require_cleared(actor)
    with transaction.atomic():
        company = Organization.objects.filter(pk=organization_id, kind=OrganizationKind.APPLICANT).first()
        if company is None:
            raise Invalid.one("organization", organization_id, "Choose the company that the order is on.")
        _require_new(ORDER, key, note)
        order = ControlOrder.objects.create(key=key, organization=company, opened_at=timezone.now())
        record(order, OrderEvent.OPENED, actor=actor, key=key, company=company.name)
        draft = publishing.open_draft(actor=actor, kind=ORDER, key=key, note=note)
        content = {"company": company.name, "requirement": "required", "live_licenses": "flag"}
        return publishing.edit_draft(actor=actor, publication_id=draft.pk, content=content)


@refusals_logged(PublicationEvent.OPENED)
def open_authorized_list(*, actor: Person, key: str, note: str) -> Publication:
    """A new list of authorized parties, with its first draft. `key` is its short name (`CASCADE_PARTNERS`)."""
    require_cleared(actor)
    with transaction.atomic():
        _require_new(AUTHORIZED_PARTIES, key, note)
        return publishing.open_draft(actor=actor, kind=AUTHORIZED_PARTIES, key=key, note=note)


def _require_new(kind: str, key: str, note: str) -> None:
    problems = []
    if not KEYS[kind].fullmatch(key):
        example = "cascade-2026" if kind == ORDER else "CASCADE_PARTNERS"
        problems.append(Problem("key", key, f"Give a short name such as {example}."))
    elif Publication.objects.filter(kind=kind, key=key).exists():
        problems.append(
            Problem("key", key, "There is one with this name: draft a version of it, or choose another name.")
        )
    if not note.strip():
        problems.append(Problem("note", note, "Say why it is drafted."))
    if problems:
        raise Invalid(problems)


@refusals_logged(PublicationEvent.OPENED)
def draft_version(
    *, actor: Person, kind: str, key: str, note: str, changes: Mapping[str, Any] | None = None
) -> Publication:
    """A new version on top of the newest one, with these parts of its content changed: so relief and rescission begin."""
    require_cleared(actor)
    if not note.strip():
        raise Invalid.one("note", note, "Say why it changes.")
    with transaction.atomic():
        draft = publishing.open_draft(actor=actor, kind=_confidential(kind), key=key, note=note)
        content = {**draft.content, **(changes or {})}
        return publishing.edit_draft(actor=actor, publication_id=draft.pk, content=content)


@refusals_logged(PublicationEvent.EDITED)
def edit_version(*, actor: Person, publication_id: int, changes: Mapping[str, Any]) -> Publication:
    """Change parts of a draft's content, complete or not."""
    require_cleared(actor)
    with transaction.atomic():
        draft = _draft(publication_id, PublicationState.DRAFT)
        return publishing.edit_draft(actor=actor, publication_id=draft.pk, content={**draft.content, **changes})


@refusals_logged(PublicationEvent.PROPOSED)
def propose_version(*, actor: Person, publication_id: int) -> Publication:
    require_cleared(actor)
    with transaction.atomic():
        return publishing.propose(actor=actor, publication_id=_draft(publication_id).pk)


@refusals_logged(PublicationEvent.PUBLISHED)
def publish_version(*, actor: Person, publication_id: int, effective_at: datetime | None = None) -> Publication:
    """Publish what another cleared administrator has proposed. Every list that an order names has to hold by then."""
    require_cleared(actor)
    with transaction.atomic():
        draft = _draft(publication_id)
        since = effective_at or timezone.now()
        for key in lists_asked(draft.content) if draft.kind == ORDER else ():
            if in_force(AUTHORIZED_PARTIES, key, since) is None:
                raise Invalid.one(
                    "effective_at", since.isoformat(), f"The list {key} does not hold by then: publish it first."
                )
        return publishing.publish(actor=actor, publication_id=draft.pk, effective_at=effective_at)


@refusals_logged(PublicationEvent.WITHDRAWN)
def withdraw_version(*, actor: Person, publication_id: int, reason: str) -> Publication:
    require_cleared(actor)
    with transaction.atomic():
        return publishing.withdraw(actor=actor, publication_id=_draft(publication_id).pk, reason=reason)


def _draft(publication_id: int, *states: str) -> Publication:
    """One of the confidential kinds, locked. Raises Publication.DoesNotExist for any other."""
    states = states or tuple(PublicationState.values)
    return publishing.locked(Publication.objects.get(pk=publication_id, kind__in=CONFIDENTIAL_KINDS).pk, *states)


def _confidential(kind: str) -> str:
    if kind not in CONFIDENTIAL_KINDS:
        raise Invalid.one("kind", kind, f"Choose one of {', '.join(CONFIDENTIAL_KINDS)}.")
    return kind


@refusals_logged(OrderEvent.DISCLOSURE_PROPOSED)
def propose_disclosure(*, actor: Person, key: str) -> Disclosure:
    """Propose that everybody may know of a published order; another cleared administrator discloses it."""
    require_cleared(actor)
    with transaction.atomic():
        order = _locked(key)
        if Disclosure.objects.filter(order=order).exists():
            raise NotNow("disclosure_stands", "The disclosure of this order has been proposed already.")
        if not Publication.objects.filter(kind=ORDER, key=key, state=PublicationState.PUBLISHED).exists():
            raise NotNow("not_published", "Nothing of this order has been published: there is nothing to disclose.")
        disclosure = Disclosure.objects.create(
            order=order, proposed_by_id=actor.actor_id, proposed_by_label=actor.actor_label, proposed_at=timezone.now()
        )
        record(order, OrderEvent.DISCLOSURE_PROPOSED, actor=actor)
    return disclosure


@refusals_logged(OrderEvent.DISCLOSED)
def disclose_order(*, actor: Person, key: str) -> Disclosure:
    """Disclose what another cleared administrator has proposed to: from now on everybody may know, for good."""
    require_cleared(actor)
    with transaction.atomic():
        order = _locked(key)
        disclosure = Disclosure.objects.filter(order=order).first()
        if disclosure is None:
            raise NotNow("not_proposed", "Somebody has to propose the disclosure first.")
        if disclosure.disclosed_at is not None:
            raise NotNow("disclosed", "This order has been disclosed already.")
        if disclosure.proposed_by_id == actor.actor_id:
            raise NotPermitted("four_eyes", "You proposed the disclosure; somebody else has to disclose the order.")
        disclosure.disclosed_at = timezone.now()
        disclosure.disclosed_by_id, disclosure.disclosed_by_label = actor.actor_id, actor.actor_label
        disclosure.save(update_fields=["disclosed_at", "disclosed_by_id", "disclosed_by_label"])
        record(order, OrderEvent.DISCLOSED, actor=actor)
        if standing := in_force(ORDER, key, disclosure.disclosed_at):
            takes_hold(standing, disclosure.disclosed_at)  # it reaches everybody from now on
    return disclosure


def _locked(key: str) -> ControlOrder:
    return ControlOrder.objects.select_for_update(of=("self",)).select_related("organization").get(key=key)
