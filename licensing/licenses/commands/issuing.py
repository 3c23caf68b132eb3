"""Issuance: a decided case becomes a license with a number and a signed document."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Authority
from licensing.audit.actors import SYSTEM
from licensing.audit.commands import record
from licensing.cases import gates
from licensing.cases.commands.rescreening import rescreen_if_stale
from licensing.cases.models import APPROVED, Application, Case, Decision, Item
from licensing.cases.practice import practice
from licensing.cases.queries import as_issued_decision, classifications
from licensing.documents.commands import render_signed
from licensing.licenses import notices
from licensing.licenses.commands.standing import TURNED, locked, note_replaced
from licensing.licenses.document import license_context, license_data, validity_data
from licensing.licenses.drawing import caps
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import (
    Allowance,
    License,
    LicenseItem,
    LicenseParty,
    LicenseSite,
    LicenseText,
    NumberSeries,
)
from licensing.licenses.queries import status
from licensing.licenses.rules import Status, license_number, next_revision, normalized_number
from licensing.licenses.scopes import keep_scope
from workflows import outbox

INDIVIDUAL = "IND"
REVISABLE = (Status.VALID, Status.REINSTATED, Status.NOT_BEGUN, Status.EXPIRED)  # nothing stands against it
STRUCTURED = ("duty", "binds", "items", "precedent", "citation")  # what a decision of an earlier version did not keep


class GateClosed(Exception):
    """A gate that was clear at the decision is not clear any more; the message gives every reason."""


def issue(*, case_id: uuid.UUID) -> License:
    """Issue the license of a decided case: allocate, render, sign, store. Safe to repeat: each step happens once.

    The parties are screened again first when a list has changed since. Raises `GateClosed` when a gate has shut since the
    decision; the case then returns to the officer.
    """
    if _issued_on(as_issued_decision(Case.objects.get(pk=case_id))) is None:
        rescreen_if_stale(case_id=case_id)
    return sign(license_id=allocate(case_id=case_id).pk)


def sign(*, license_id: uuid.UUID) -> License:
    """Render and sign the document of a license, once; from then on it is issued, and what it replaces is replaced."""
    license_ = License.objects.select_related("case").get(pk=license_id)
    if license_.document_id is not None:
        return license_
    document = render_signed(
        kind="license",
        subject_kind="license",
        subject_id=str(license_.pk),
        template="documents/license.html",
        context=license_context(license_),
        attachment=license_.data,
        title=f"License {license_.number}",
        actor=SYSTEM,
    )
    with transaction.atomic():
        license_ = locked(license_id)
        if license_.document_id is None:
            license_.document, license_.signed_at = document, timezone.now()
            license_.save(update_fields=["document", "signed_at"])
            keep_scope(license_)
            record(license_, LicenseEvent.SIGNED, actor=SYSTEM, sha256=document.sha256)
            notices.issued(license_)
            if license_.valid_from > license_.signed_at:
                outbox.put(effect=TURNED, key=f"begin:{license_.pk}", due_at=license_.valid_from)
            elif license_.replaces_id is not None:
                note_replaced(locked(license_.replaces_id), license_)
    return license_


def allocate(*, case_id: uuid.UUID) -> License:
    """Run the gates once more, count the number and write the license; the number series has no gaps.

    A case that was opened again on appeal gets the next revision of its license. Returns the license that is there already when a
    worker died after this step.
    """
    with transaction.atomic():
        case = Case.objects.locked(case_id)
        decision = as_issued_decision(case)
        existing = _issued_on(decision)
        if existing is not None:
            return existing
        now = timezone.now()
        shut = gates.closed(case.pk, now)
        if shut:
            raise GateClosed(" ".join(finding.reason for finding in shut.values()))
        license_ = _write(case, decision, now, _revised(case, now))
        record(license_, LicenseEvent.ISSUED, actor=SYSTEM, number=license_.number, case=case.control_number)
        outbox.put(effect=TURNED, key=f"license:{license_.pk}", due_at=license_.valid_until)
    return license_


def _issued_on(decision: Decision) -> License | None:
    """The license that this decision has led to; later revisions of it rest on the same decision."""
    return License.objects.filter(decision=decision).order_by("-revision").first()


def _revised(case: Case, now: datetime) -> License | None:
    """The license that an earlier decision on the case has led to. Raises `GateClosed` where a revision would give back what was taken."""
    before = License.objects.select_for_update(of=("self",)).filter(case=case).order_by("-revision").first()
    if before is not None and (found := status(before, now)) not in REVISABLE:
        raise GateClosed(f"License {before.number} of this case is {found.value.replace('_', ' ')}: settle that first.")
    return before


def _next_number(now: datetime) -> str:
    jurisdiction = Authority.objects.get().jurisdiction
    series, _ = NumberSeries.objects.select_for_update().get_or_create(
        jurisdiction=jurisdiction, kind=INDIVIDUAL, year=now.year
    )
    series.last += 1
    series.save(update_fields=["last"])
    return license_number(jurisdiction=jurisdiction, kind=INDIVIDUAL, year=now.year, serial=series.last)


def _write(case: Case, decision: Decision, now: datetime, before: License | None) -> License:
    application = case.application
    manner = practice(case.workflow.definition.key, now)
    begins = max(decision.valid_from or now, now)
    law, months = manner.validity, decision.valid_months or 0
    end = law.after_emergency(now) if decision.emergency else law.after(begins, months)
    number = next_revision(before.number) if before else _next_number(now)
    license_ = License(
        number=number,
        revision=number[-3],
        case=case,
        decision=decision,
        replaces=before or _replaced(application),
        licensee=before.licensee if before else application.organization,
        issued_at=now,
        valid_from=begins,
        valid_until=end.at,
        destination=application.destination,
        transaction_kind=application.transaction_kind,
        delivery_modes=application.delivery_modes,
        end_use=application.end_use_statement,
        sector=application.sector,
        snapshot={
            "decision_sha256": decision.sha256,
            "practice": f"{manner.key}, version {manner.version}",
            **decision.snapshot,
        },
        data={},
    )
    items = [row.item for row in decision.items.select_related("item__model_version__model") if row.outcome in APPROVED]
    license_.data = license_data(license_, decision, {item.number for item in items})
    license_.data["validity"] = validity_data(law, end, "emergency" if decision.emergency else f"{months} months")
    if before:
        license_.data["licensee"] = before.data["licensee"]
    license_.save(force_insert=True)
    _write_scope(license_, case, items)
    _write_texts(license_, decision, before)
    for cap in caps(decision.conditions):
        terms = {"unit": cap.unit, "cap": cap.cap, "tolerance": cap.tolerance}
        Allowance.objects.update_or_create(case=case, measure=cap.measure, defaults=terms)
    return license_


def _replaced(application: Application) -> License | None:
    """The license of the same company that the application says it replaces (form BIS-748P, blocks 5 and 11).

    Its newest revision, whichever the application names: no revision stays in force beside the replacement.
    """
    number = normalized_number(application.replaces_license)
    named = License.objects.issued().filter(number=number, licensee=application.organization).first()
    return named and named.case.licenses.issued().filter(licensee=application.organization).order_by("revision").last()


def _write_scope(license_: License, case: Case, items: list[Item]) -> None:
    entries = classifications(case)
    LicenseItem.objects.bulk_create(
        LicenseItem(
            license=license_,
            number=item.number,
            model_version=item.model_version,
            name=str(item.model_version),
            control_entry=entries.get(item.number, ""),
            model_hash=item.model_version.model_hash,
            quantity=item.quantity,
            unit=item.unit,
            seats=item.seats,
        )
        for item in items
    )
    filed = case.as_filed  # the license is about what was filed, whatever has changed since
    LicenseParty.objects.bulk_create(
        LicenseParty(
            license=license_, role=row["role"], party_id=int(row["ref"]), name=row["name"], country=row["country"]
        )
        for row in filed["parties"]
    )
    LicenseSite.objects.bulk_create(
        LicenseSite(license=license_, site_id=int(row["ref"]), name=row["name"], country=row["country"])
        for row in filed["sites"]
    )


def _write_texts(license_: License, decision: Decision, before: License | None) -> None:
    """What the license before had met stays met, where the same condition stands in the same words."""
    met = {(text.key, text.body): text for text in before.texts.filter(met_at__isnull=False)} if before else {}
    chosen: list[tuple[str, list[dict[str, Any]]]] = [
        (LicenseText.Kind.CONDITION, decision.conditions),
        (LicenseText.Kind.RIDER, decision.riders),
    ]
    LicenseText.objects.bulk_create(
        LicenseText(
            license=license_,
            kind=kind,
            number=number,
            key=text["key"],
            version=text["version"],
            title=text["title"],
            body=text["body"],
            parameters=text["parameters"],
            **{name: text[name] for name in STRUCTURED if name in text},
            **_met(met.get((text["key"], text["body"]))),
        )
        for kind, texts in chosen
        for number, text in enumerate(texts, start=1)
    )


def _met(text: LicenseText | None) -> dict[str, Any]:
    return {name: getattr(text, name) for name in ("met_at", "met_by", "met_evidence")} if text else {}
