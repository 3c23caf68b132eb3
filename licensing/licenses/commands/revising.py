"""Changes of a license: asked for, accepted by a transferee, granted as the next revision; nothing is overwritten."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from licensing.accounts.models import Organization, OrganizationKind, Person
from licensing.accounts.permissions import may_certify
from licensing.audit.actors import SYSTEM
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.cases import gates
from licensing.cases.commands.reviewing import sentence
from licensing.cases.practice import practice
from licensing.cases.queries import applicant_as_filed
from licensing.licenses import notices, queries
from licensing.licenses.changes import ACCEPTANCE, LETTERS, missing
from licensing.licenses.commands.standing import TURNED, locked, locked_for_ruling
from licensing.licenses.commands.transferees import screen_transferee
from licensing.licenses.document import validity_data, verification_url
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import ChangeRequest, License, LicenseItem
from licensing.licenses.permissions import may_rule_on, may_surrender
from licensing.licenses.rules import Status, next_revision
from workflows import outbox

SIGN = "sign_license"
Kind = ChangeRequest.Kind
MOST_LETTER = 3000


def require_in_force(license_: License, at: datetime) -> None:
    status = queries.status(license_, at)
    if not status.in_force:
        raise NotNow("not_in_force", f"This license is {status.value.replace('_', ' ')}: only one in force is changed.")
    if status == Status.STAYED:
        raise NotNow(
            "stayed", "What stands against this license is stayed: nothing is changed until the appeal is decided."
        )
    if by := queries.replaced_by(license_):
        raise NotNow("replaced_soon", f"{by} takes the place of this license: ask for the change of that one.")
    if license_.endings.proposed().exists():
        raise NotNow(
            "ending_proposed", "An ending of this license is proposed: nothing is changed until it is settled."
        )


@refusals_logged(LicenseEvent.CHANGE_REQUESTED)
def request_change(
    *, actor: Person, license_id: uuid.UUID, kind: str, asked: Mapping[str, Any], letter: Mapping[str, str]
) -> ChangeRequest:
    """A certifying official asks for a change; `asked` is the new date, name, or company, by its registration number:
    `{"valid_until"}`, `{"name"}`, `{"registration_number"}`.

    An extension that asks for anything besides the date is refused (15 CFR 750.7(g)), as is a second transfer (750.10).
    """
    with transaction.atomic():
        license_ = locked(license_id)
        if not may_surrender(actor, license_):
            raise NotPermitted("not_the_licensee", "Only a certifying official of the licensee may ask for this.")
        now = timezone.now()
        require_in_force(license_, now)
        if kind not in Kind.values:
            raise Invalid.one("kind", kind, f"Choose one of {', '.join(Kind.values)}.")
        what = _asked(license_, kind, asked, now)
        _require_letter(letter, LETTERS[kind])
        try:
            with transaction.atomic():
                request = ChangeRequest.objects.create(
                    license=license_, case=license_.case, kind=kind, letter=dict(letter), requested_at=now, requested_by=actor, **what
                )  # fmt: skip
        except IntegrityError as error:
            raise NotNow(
                "request_there", "A request for this license is open already: it has to be decided first."
            ) from error
        record(license_, LicenseEvent.CHANGE_REQUESTED, actor=actor, what=str(request).lower())
        if request.transferee is not None:
            notices.transfer_offered(request)
    return request


def _asked(license_: License, kind: str, asked: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The fields of the request that the kind takes."""
    if kind == Kind.EXTENSION:
        others = sorted(set(asked) - {"valid_until"})
        if others:
            raise Invalid.one(
                "asked", ", ".join(others), "An extension changes the date and nothing else: file a new application for the rest."
            )  # fmt: skip
        until = asked.get("valid_until")
        if not isinstance(until, datetime) or until <= license_.valid_until:
            raise Invalid.one(
                "valid_until", until, f"Give a date after {license_.valid_until:%Y-%m-%d}, when the license ends."
            )
        _require_within_limit(license_, until, now)
        return {"asked": {"valid_until": until.isoformat()}}
    if kind == Kind.NAME_CHANGE:
        name = str(asked.get("name", "")).strip()
        if not 0 < len(name) <= 300 or name == license_.data["licensee"]["name"]:
            raise Invalid.one("name", name[:80], "Give the new name, of at most 300 characters.")
        return {"asked": {"name": name}}
    if ChangeRequest.objects.filter(case=license_.case_id, kind=Kind.TRANSFER, granted=True).exists():
        raise NotNow("transferred_already", "This license was transferred once, and no license is transferred twice.")
    number = str(asked.get("registration_number", "")).strip()
    companies = Organization.objects.filter(kind=OrganizationKind.APPLICANT, registration_number=number)
    transferee = companies.exclude(pk=license_.licensee_id).first() if number else None
    if transferee is None:
        raise Invalid.one(
            "registration_number", number[:80], "No other company here has this number: it has to register first."
        )
    return {"asked": {"registration_number": number}, "transferee": transferee}


def _require_within_limit(license_: License, until: datetime, now: datetime) -> None:
    """No extension gives more, counted from today, than a new license for the same items could."""
    law = practice(license_.case.workflow.definition.key, now).validity
    most = law.period([item.control_entry for item in license_.items.all()]).most
    latest = now + relativedelta(months=most)
    if until > latest:
        raise Invalid.one(
            "valid_until", until,
            f"Give a date up to {latest:%Y-%m-%d}: no license for these items is given for more than {most} months from today.",
        )  # fmt: skip


def _require_letter(letter: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    problems = [
        Problem(key, "", f"Say it in words: {what[0].lower()}{what[1:]}.") for key, what in missing(letter, wanted)
    ]
    problems += [
        Problem(key, value[:80], f"Write at most {MOST_LETTER} characters.")
        for key, value in letter.items()
        if len(value) > MOST_LETTER or key not in wanted
    ]
    if problems:
        raise Invalid(problems)


@refusals_logged(LicenseEvent.CHANGE_ACCEPTED)
def accept_transfer(*, actor: Person, request_id: int, acceptance: Mapping[str, str]) -> ChangeRequest:
    """A certifying official of the transferee takes over every responsibility, before the authority approves."""
    with transaction.atomic():
        request = _open(request_id)
        transferee = request.transferee
        if transferee is None or not may_certify(actor, transferee):
            raise NotPermitted("not_the_transferee", "Only a certifying official of the transferee may accept.")
        if request.accepted_at is not None:
            raise NotNow("accepted_already", "The transfer was accepted already.")
        _require_letter(acceptance, ACCEPTANCE)
        request.accepted_at, request.accepted_by, request.acceptance = timezone.now(), actor, dict(acceptance)
        request.save(update_fields=["accepted_at", "accepted_by", "acceptance"])
        record(request.license, LicenseEvent.CHANGE_ACCEPTED, actor=actor, organization=transferee.name)
    return request


def _open(request_id: int) -> ChangeRequest:
    """The request, its license locked; raises `NotNow` when it is decided."""
    license_ = locked(ChangeRequest.objects.values_list("license_id", flat=True).get(pk=request_id))
    request = ChangeRequest.objects.select_related("transferee").get(pk=request_id)
    request.license = license_
    if request.decided_at is not None:
        raise NotNow("decided_already", "This request is decided.")
    return request


@refusals_logged(LicenseEvent.CHANGE_PROPOSED)
def propose_grant(*, actor: Person, request_id: int, reason: str) -> ChangeRequest:
    """Propose to grant a request; nothing changes until a second officer grants it. Asks for all that granting does."""
    screened = _screened_transferee(actor, request_id)
    with transaction.atomic():
        request = _locked_for_decision(actor, request_id)
        reason, now = sentence("reason", reason), timezone.now()
        if request.proposed_at is not None:
            raise NotNow("proposed_already", "Granting this is proposed already: another officer has to grant it.")
        _require_grantable(request, now, screened)
        request.proposed_at, request.proposed_by, request.reason = now, actor, reason
        request.save(update_fields=["proposed_at", "proposed_by", "reason"])
        record(request.license, LicenseEvent.CHANGE_PROPOSED, actor=actor, what=str(request).lower(), reason=reason)
    return request


@refusals_logged(LicenseEvent.CHANGE_GRANTED)
def grant_change(*, actor: Person, request_id: int) -> ChangeRequest:
    """Grant what another officer has proposed to grant, which makes the next revision: rights are given as a license is, by two.

    Needs the license in force and every gate of its case clear; a transfer, the transferee's acceptance and a screening of the
    transferee without a hit.
    """
    screened = _screened_transferee(actor, request_id)
    with transaction.atomic():
        request = _locked_for_decision(actor, request_id)
        license_, now = request.license, timezone.now()
        if request.proposed_at is None:
            raise NotNow("nothing_proposed", "Nobody has proposed to grant this: it takes two officers.")
        if request.proposed_by_id == actor.pk:
            raise NotPermitted("four_eyes", "You proposed it: another officer has to grant it.")
        _require_grantable(request, now, screened)
        request.result = reissue(license_, now, asked=request.asked, transferee=request.transferee)
        _decide(request, actor, now, granted=True, reason=request.reason)
        record(
            license_, LicenseEvent.CHANGE_GRANTED, actor=actor, what=str(request).lower(), reason=request.reason,
            number=request.result.number,
        )  # fmt: skip
        outbox.put(effect=SIGN, key=f"license:{request.result.pk}")
    return request


@refusals_logged(LicenseEvent.CHANGE_REFUSED)
def refuse_change(*, actor: Person, request_id: int, reason: str) -> ChangeRequest:
    """An officer refuses a request, proposed to be granted or not: the license stays as it is."""
    with transaction.atomic():
        request = _locked_for_decision(actor, request_id)
        _decide(request, actor, timezone.now(), granted=False, reason=sentence("reason", reason))
        what = str(request).lower()
        record(request.license, LicenseEvent.CHANGE_REFUSED, actor=actor, what=what, reason=request.reason)
        notices.standing(request.license, f"stays as it is: the {what} is refused", request.reason)
    return request


def _locked_for_decision(actor: Person, request_id: int) -> ChangeRequest:
    request = _open(request_id)
    locked_for_ruling(actor, request.license_id)
    return request


def _decide(request: ChangeRequest, actor: Person, now: datetime, *, granted: bool, reason: str) -> None:
    request.decided_at, request.decided_by, request.granted, request.reason = now, actor, granted, reason
    request.save(update_fields=["decided_at", "decided_by", "granted", "reason", "result"])


def _screened_transferee(actor: Person, request_id: int) -> str:
    """Names on the lists that the transferee came near; outside the transaction, so that a failed screening stays behind."""
    asked = ChangeRequest.objects.select_related("license", "transferee").get(pk=request_id)
    if asked.transferee is None or not may_rule_on(actor, asked.license):
        return ""
    return ", ".join(screen_transferee(actor=actor, request_id=asked.pk, transferee=asked.transferee))


def _require_grantable(request: ChangeRequest, now: datetime, screened: str) -> None:
    require_in_force(request.license, now)
    shut = gates.closed(request.case_id, now)
    if shut:
        raise NotNow("gate_closed", " ".join(finding.reason for finding in shut.values()))
    if request.transferee is not None and request.accepted_at is None:
        raise NotNow("not_accepted", f"{request.transferee.name} has not accepted the transfer yet.")
    if screened:
        raise NotNow(
            "transferee_listed", f"The transferee came near {screened}: a new application has to be reviewed instead."
        )


def reissue(
    license_: License,
    now: datetime,
    *,
    asked: Mapping[str, Any] | None = None,
    transferee: Organization | None = None,
    items: Mapping[int, License] | None = None,
) -> License:
    """The next revision, with everything that the old one has; in effect, and the old one replaced, once it is signed.

    `asked` and `transferee` are what a granted request changes; `items` says which items it has, by number, each with the revision from
    which it is taken: all of the old one where none are given.
    """
    asked = asked or {}
    try:
        number = next_revision(license_.number)
    except ValueError as error:
        raise NotNow("no_more_revisions", "This license has been revised 25 times: file a new application.") from error
    until, validity = _end(license_, parse_datetime(asked.get("valid_until", "")), now)
    licensee = transferee or license_.licensee
    block = applicant_as_filed(licensee) if transferee else license_.data["licensee"]
    block = {**block, "name": asked.get("name", block["name"])}
    data = {
        **license_.data, "number": number, "revision": number[-3], "issued_at": now.isoformat(), "valid_from": now.isoformat(),
        "valid_until": until.isoformat(), "validity": validity, "licensee": block, "replaces": license_.number,
        "verify_at": verification_url(number), "items": _items_said(license_, items),
    }  # fmt: skip
    new = _copy(
        license_, pk=uuid.uuid4(), number=number, revision=number[-3], replaces=license_, licensee=licensee, issued_at=now,
        valid_from=now, valid_until=until, data=data, document=None, signed_at=None, audit_sequence=0, audit_head="",
    )  # fmt: skip
    for rows in (_items(license_, items), license_.parties.all(), license_.sites.all(), license_.texts.all()):
        for row in rows:
            _copy(row, pk=None, license=new)
    new = License.objects.select_for_update(of=("self",)).get(pk=new.pk)
    record(new, LicenseEvent.ISSUED, actor=SYSTEM, number=number, case=license_.case.control_number)
    outbox.put(effect=TURNED, key=f"license:{new.pk}", due_at=until)
    return new


def _items(license_: License, items: Mapping[int, License] | None) -> list[LicenseItem]:
    if items is None:
        return list(license_.items.all())
    return [source.items.get(number=number) for number, source in sorted(items.items())]


def _items_said(license_: License, items: Mapping[int, License] | None) -> list[dict[str, Any]]:
    if items is None:
        return list(license_.data["items"])
    rows = [(number, source.data["items"]) for number, source in sorted(items.items())]
    return [row for number, said in rows for row in said if row["number"] == number]


def _end(license_: License, asked: datetime | None, now: datetime) -> tuple[datetime, dict[str, str]]:
    """When a revision ends, and how that was reckoned: as before, or the date that was granted, moved where that is a day off."""
    if asked is None:
        return license_.valid_until, license_.data.get("validity", {})
    law = practice(license_.case.workflow.definition.key, now).validity
    end = law.moved(asked)
    return end.at, validity_data(law, end, "extended")


def _copy(row: models.Model, **changes: Any) -> models.Model:
    """A new row with the fields of another."""
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    for name, value in changes.items():
        field = row._meta.get_field("id" if name == "pk" else name)
        fields[field.attname] = value.pk if isinstance(value, models.Model) else value  # type: ignore[union-attr]
    copy = type(row)(**{name: value for name, value in fields.items() if not (name == "id" and value is None)})
    copy.save(force_insert=True)
    return copy
