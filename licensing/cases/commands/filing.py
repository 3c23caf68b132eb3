"""Certification and filing: what turns a draft into a case."""

import uuid

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_certify
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.cases import notices
from licensing.cases.events import ApplicationEvent, CaseEvent
from licensing.cases.facts import facts_of, workflow_facts
from licensing.cases.models import Application, Case, Certification, ControlNumberSeries
from licensing.cases.permissions import may_file
from licensing.cases.queries import as_filed, still_missing
from licensing.cases.rules import Filed, control_number, sha256, transaction_digest
from licensing.policy.queries import ruleset
from licensing.policy.rules import determine
from licensing.texts.queries import text
from workflows import engine, outbox
from workflows.kernel import Actor as KernelActor

CERTIFICATION_TEXT = "certification:application"


def kernel_actor(person: Person) -> KernelActor:
    return KernelActor(person=person.actor_id, label=person.actor_label)


def require_complete(filed: Filed, actor: Person) -> None:
    """Raise `Invalid` with everything that is missing, each with its place."""
    found = still_missing(filed, actor)
    if found:
        raise Invalid([Problem(gap.field, "", gap.mend) for gap in found], code="incomplete")


@refusals_logged(ApplicationEvent.CERTIFIED)
def certify(*, actor: Person, application_id: uuid.UUID, title: str, agreed: bool) -> Certification:
    """An authorized official vouches for the application as it stands now (15 CFR 748.4(b), block 25).

    Binds the text version and the SHA-256 of the whole application; any later edit voids it.
    """
    with transaction.atomic():
        application = (
            Application.objects.select_for_update(of=("self",)).select_related("organization").get(pk=application_id)
        )
        if not may_certify(actor, application.organization):
            raise NotPermitted("not_an_official", "Only a certifying official of the applicant may certify.")
        if not application.is_draft:
            raise NotNow("already_filed", f"{application.name} has been filed already.")
        if not agreed:
            raise Invalid.one("agreed", "no", "Tick the box to certify the application.")
        if not title.strip():
            raise Invalid.one("title", title, "Enter your title, as the official who certifies.")
        filed = as_filed(application)
        require_complete(filed, actor)
        statement = text(CERTIFICATION_TEXT, timezone.now())
        application.certifications.filter(voided_at__isnull=True).update(voided_at=timezone.now())
        certification = Certification.objects.create(
            application=application,
            official=actor,
            official_title=title.strip(),
            text_key=statement.key,
            text_version=statement.version,
            statement=statement.body,
            application_sha256=sha256(filed),
            certified_at=timezone.now(),
        )
        record(
            application,
            ApplicationEvent.CERTIFIED,
            actor=actor,
            title=certification.official_title,
            sha256=certification.application_sha256,
            text_version=statement.version,
        )
    return certification


@refusals_logged(ApplicationEvent.FILED)
def file_application(*, actor: Person, application_id: uuid.UUID) -> Case:
    """File a certified application: it gets its control number and a case, and the automated checks begin.

    Raises `Invalid` with all that is missing, `NotNow` without a standing certification of exactly this text or while
    the same transaction is pending (15 CFR 748.4(f)).
    """
    with transaction.atomic():
        application = (
            Application.objects.select_for_update(of=("self",)).select_related("organization").get(pk=application_id)
        )
        if not may_file(actor, application):
            raise NotPermitted("not_a_preparer", "You may not file this application.")
        if not application.is_draft:
            raise NotNow("already_filed", f"{application.name} has been filed already.")
        filed = as_filed(application)
        require_complete(filed, actor)
        certification = _standing_certification(application, filed)
        return _register(actor, application, certification, filed)


def _standing_certification(application: Application, filed: Filed) -> Certification:
    certification = application.certifications.filter(voided_at__isnull=True).first()
    if certification is None:
        raise NotNow("not_certified", "A certifying official has to certify the application before it is filed.")
    if certification.application_sha256 != sha256(filed):
        raise NotNow(
            "certification_stale",
            "A party, site or model of the application was changed after it was certified: certify it again.",
        )
    return certification


def _register(actor: Person, application: Application, certification: Certification, filed: Filed) -> Case:
    digest = transaction_digest(filed)
    series, _ = ControlNumberSeries.objects.select_for_update().get_or_create(pk=1)
    pending = Case.objects.filter(transaction_digest=digest, closed_at__isnull=True).first()
    if pending is not None:
        raise NotNow(
            "already_pending",
            f"The same transaction is pending as {pending.control_number}; withdraw it or wait for it.",
        )
    series.last += 1
    series.save(update_fields=["last"])
    number = control_number(series.last)
    facts = facts_of(filed)
    determination = determine(ruleset(), facts, timezone.now())
    outcome = engine.start(
        key=determination.workflow,
        reference=number,
        facts=workflow_facts(
            engine.definition_by_id(engine.newest(determination.workflow).pk).facts,
            {
                "any_nuclear_relevant": facts["any_nuclear_relevant"],
                "destination_embargoed": determination.embargoed,
                "asked_seats": determination.seats,
            },
        ),
        actor=kernel_actor(actor),
    )
    case = Case.objects.create(
        application=application,
        control_number=number,
        workflow=outcome.instance,
        registered_at=outcome.instance.opened_at,
        filed_by=actor,
        as_filed={**filed, "certification": _certified(certification)},
        as_filed_sha256=certification.application_sha256,
        transaction_digest=digest,
    )
    record(application, ApplicationEvent.FILED, actor=actor, control_number=number)
    record(
        case,
        CaseEvent.REGISTERED,
        actor=actor,
        workflow_hash=outcome.instance.head,
        control_number=number,
        sha256=case.as_filed_sha256,
    )
    notices.filed(case)
    outbox.put(effect="render_application", key=f"application:{case.pk}", payload={"case_id": str(case.pk)})
    return case


def _certified(certification: Certification) -> dict[str, str | int]:
    return {
        "official": certification.official.actor_label,
        "title": certification.official_title,
        "text": certification.text_key,
        "text_version": certification.text_version,
        "statement": certification.statement,
        "sha256": certification.application_sha256,
        "at": certification.certified_at.isoformat(),
    }
