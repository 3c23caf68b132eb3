"""Commands of an applicant who prepares an application. Every edit voids a certification that stands."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from licensing.accounts.models import Organization, Person
from licensing.accounts.permissions import may_prepare
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.cases.events import ApplicationEvent
from licensing.cases.models import (
    Application,
    ApplicationParty,
    ApplicationSite,
    Attachment,
    AttachmentKind,
    Item,
    PartyRole,
)
from licensing.cases.permissions import may_edit
from licensing.catalog.models import ModelVersion
from licensing.countries.queries import find
from licensing.documents.commands import Uploaded, store_upload
from licensing.parties.models import Party, Site

ANSWERS = frozenset(
    {
        "name", "transaction_kind", "delivery_modes", "destination", "end_use_statement", "sector",
        "decides_about_people", "human_oversight", "military_end_use", "wmd_end_use", "human_rights_concern",
        "nuclear_relevant", "contact_name", "contact_phone", "contact_email", "special_purpose",
        "additional_information", "requested_months", "all_or_nothing", "emergency", "resubmission_of",
        "replaces_license", "prior_authorization",
    }
)  # fmt: skip


@refusals_logged(ApplicationEvent.STARTED)
def start_application(*, actor: Person, organization_id: int, name: str) -> Application:
    """A new draft for an organization. Raises `NotPermitted` unless the actor prepares for it."""
    with transaction.atomic():
        organization = Organization.objects.get(pk=organization_id)
        if not may_prepare(actor, organization):
            raise NotPermitted("not_a_preparer", f"You may not prepare applications for {organization.name}.")
        if not name.strip():
            raise Invalid.one("name", name, "Enter a reference of your own for this application.")
        application = Application.objects.create(organization=organization, name=name.strip(), prepared_by=actor)
        record(application, ApplicationEvent.STARTED, actor=actor, name=application.name)
    return application


def _draft(actor: Person, application_id: uuid.UUID) -> Application:
    """The draft, locked, for somebody who may edit it."""
    application = (
        Application.objects.select_for_update(of=("self",)).select_related("organization").get(pk=application_id)
    )
    if not may_edit(actor, application):
        raise NotPermitted("not_a_preparer", "You may not change this application.")
    if not application.is_draft:
        raise NotNow("already_filed", f"{application.name} has been filed and can no longer be edited.")
    return application


def _touch(actor: Person, application: Application, *fields: str) -> None:
    """Count the edit; what was certified before is certified no longer."""
    application.edition += 1
    application.save(update_fields=["edition", "edited_at", *fields])
    if application.certifications.filter(voided_at__isnull=True).update(voided_at=timezone.now()):
        record(application, ApplicationEvent.VOIDED, actor=actor)


@refusals_logged(ApplicationEvent.EDITED)
def edit_application(*, actor: Person, application_id: uuid.UUID, **answers: Any) -> Application:
    """Save answers of a draft, complete or not. Raises `Invalid` for an answer that cannot be right."""
    unknown = sorted(set(answers) - ANSWERS)
    if unknown:
        raise Invalid(
            [Problem(field, str(answers[field]), f"An application has no answer named {field}.") for field in unknown]
        )
    with transaction.atomic():
        application = _draft(actor, application_id)
        for field, value in answers.items():
            setattr(application, field, value)
        _check_answers(application, answers)
        _touch(actor, application, *answers)
        record(application, ApplicationEvent.EDITED, actor=actor, fields=", ".join(sorted(answers)))
    return application


def _check_answers(application: Application, answers: dict[str, Any]) -> None:
    problems = []
    try:
        application.clean_fields(exclude={f.name for f in application._meta.get_fields()} - set(answers))
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            problems += [Problem(field, str(answers[field]), message) for message in messages]
    destination = answers.get("destination")
    if destination:
        found = find(destination)
        if found.country is None or found.country.code != destination:
            nearest = ", ".join(f"{c.name} ({c.code})" for c in found.suggestions)
            problems.append(
                Problem(
                    "destination",
                    destination,
                    f"No country has the code {destination!r}. Nearest: {nearest or 'none'}.",
                )
            )
    if problems:
        raise Invalid(problems)


@refusals_logged(ApplicationEvent.PARTY_ADDED)
def add_party(*, actor: Person, application_id: uuid.UUID, role: str, party_id: int) -> ApplicationParty:
    """Name a party of the organization's own list in a role."""
    with transaction.atomic():
        application = _draft(actor, application_id)
        if role not in PartyRole.values:
            raise Invalid.one("role", role, f"Choose one of these roles: {', '.join(PartyRole.values)}.")
        party = Party.objects.filter(organization=application.organization, pk=party_id).first()
        if party is None:
            raise Invalid.one("party", party_id, "Choose a party of your own organization.")
        row, created = ApplicationParty.objects.get_or_create(application=application, role=role, party=party)
        if not created:
            raise Invalid.one("party", party.name, f"{party.name} is already named in this role.")
        _touch(actor, application)
        record(application, ApplicationEvent.PARTY_ADDED, actor=actor, party=party.name, role=role)
    return row


@refusals_logged(ApplicationEvent.PARTY_REMOVED)
def remove_party(*, actor: Person, application_id: uuid.UUID, row_id: int) -> None:
    with transaction.atomic():
        application = _draft(actor, application_id)
        row = application.parties.select_related("party").filter(pk=row_id).first()
        if row is None:
            raise NotNow("already_removed", "This party is no longer named in the application.")
        record(application, ApplicationEvent.PARTY_REMOVED, actor=actor, party=row.party.name, role=row.role)
        row.delete()
        _touch(actor, application)


@refusals_logged(ApplicationEvent.ITEM_ADDED)
def add_item(*, actor: Person, application_id: uuid.UUID, model_version_id: int, **details: Any) -> Item:
    """Add a version of one of the organization's models as the next item.

    `details`: technical_description, quantity, unit, value, seats, fine_tuning, sublicensing.
    """
    with transaction.atomic():
        application = _draft(actor, application_id)
        version = (
            ModelVersion.objects.filter(model__organization=application.organization, pk=model_version_id)
            .select_related("model")
            .first()
        )
        if version is None:
            raise Invalid.one("model_version", model_version_id, "Choose a version of one of your own models.")
        number = (application.items.aggregate(last=Max("number"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                item = Item.objects.create(application=application, number=number, model_version=version, **details)
        except IntegrityError:
            raise Invalid.one("model_version", version, f"{version} is already an item of this application.") from None
        _touch(actor, application)
        record(application, ApplicationEvent.ITEM_ADDED, actor=actor, number=number, item=str(version))
    return item


@refusals_logged(ApplicationEvent.ITEM_REMOVED)
def remove_item(*, actor: Person, application_id: uuid.UUID, item_id: int) -> None:
    with transaction.atomic():
        application = _draft(actor, application_id)
        item = application.items.select_related("model_version").filter(pk=item_id).first()
        if item is None:
            raise NotNow("already_removed", "This item is no longer part of the application.")
        record(
            application, ApplicationEvent.ITEM_REMOVED, actor=actor, number=item.number, item=str(item.model_version)
        )
        item.delete()
        _touch(actor, application)


@refusals_logged(ApplicationEvent.SITE_ADDED)
def add_site(*, actor: Person, application_id: uuid.UUID, site_id: int) -> ApplicationSite:
    """Name a site of the organization's own list where the model is stored or run."""
    with transaction.atomic():
        application = _draft(actor, application_id)
        site = Site.objects.filter(organization=application.organization, pk=site_id).first()
        if site is None:
            raise Invalid.one("site", site_id, "Choose a site of your own organization's list.")
        row, created = ApplicationSite.objects.get_or_create(application=application, site=site)
        if not created:
            raise Invalid.one("site", site.name, f"{site.name} is already named.")
        _touch(actor, application)
        record(application, ApplicationEvent.SITE_ADDED, actor=actor, site=site.name)
    return row


@refusals_logged(ApplicationEvent.SITE_REMOVED)
def remove_site(*, actor: Person, application_id: uuid.UUID, row_id: int) -> None:
    with transaction.atomic():
        application = _draft(actor, application_id)
        row = application.sites.select_related("site").filter(pk=row_id).first()
        if row is None:
            raise NotNow("already_removed", "This site is no longer named in the application.")
        record(application, ApplicationEvent.SITE_REMOVED, actor=actor, site=row.site.name)
        row.delete()
        _touch(actor, application)


@refusals_logged(ApplicationEvent.ATTACHED)
def attach(*, actor: Person, application_id: uuid.UUID, kind: str, title: str, uploaded: Uploaded) -> Attachment:
    """Attach a document. Raises `Invalid` for a type, size or number that is not accepted."""
    if kind not in AttachmentKind.values:
        raise Invalid.one("kind", kind, f"Choose one of these kinds: {', '.join(AttachmentKind.values)}.")
    with transaction.atomic():
        application = _draft(actor, application_id)
        stored = store_upload(actor=actor, uploaded=uploaded, kept=application.attachments.count())
        row = Attachment.objects.create(
            application=application, kind=kind, title=title.strip() or stored.filename, file=stored, attached_by=actor
        )
        _touch(actor, application)
        record(application, ApplicationEvent.ATTACHED, actor=actor, title=row.title, sha256=stored.sha256)
    return row


@refusals_logged(ApplicationEvent.DETACHED)
def detach(*, actor: Person, application_id: uuid.UUID, attachment_id: int) -> None:
    with transaction.atomic():
        application = _draft(actor, application_id)
        row = application.attachments.filter(pk=attachment_id).first()
        if row is None:
            raise NotNow("already_removed", "This document is no longer attached.")
        record(application, ApplicationEvent.DETACHED, actor=actor, title=row.title)
        row.delete()
        _touch(actor, application)
