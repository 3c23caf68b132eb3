"""Using an authorization that needs no case: registering, certifying, notifying, filing, reporting, and ending it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from licensing.accounts.models import Organization, Person
from licensing.accounts.permissions import may_certify, may_prepare
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.countries.queries import names
from licensing.entente_check import name_hash
from licensing.licenses.authorizations.catalog import Authorization, done, find_published
from licensing.licenses.authorizations.duties import figure
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import DutyRecord, Registration
from licensing.texts.queries import text

Kind = DutyRecord.Kind


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What was done, for which recipient. `quantity` and `used_on` are of reports; a correction has its sign and a note."""

    kind: str
    recipient: str = ""
    country: str = ""
    model_hash: str = ""
    quantity: Decimal | None = None
    used_on: date | None = None
    signed_by: str = ""
    note: str = ""
    agreed: bool = False


def find(key: str, at: datetime) -> Authorization:
    """The authorization of this key that is in force. Raises NotNow."""
    found = find_published(key, at)
    if found is None:
        raise NotNow("no_authorization", f"No authorization {key[:60]} is in force.")
    return found


@refusals_logged(LicenseEvent.REGISTERED)
def register(*, actor: Person, organization_id: int, key: str, agreed: bool, at: datetime) -> Registration:
    """Begin to use an authorization; it binds the company, so a certifying official does it.

    Raises NotPermitted, NotNow when it is not in force or registered for already, Invalid when the statement is not agreed to.
    """
    with transaction.atomic():
        organization = Organization.objects.select_for_update(of=("self",)).get(pk=organization_id)
        if not may_certify(actor, organization):
            raise NotPermitted("not_official", "A certifying official of the company registers for an authorization.")
        authorization = find(key, at)
        if organization.registrations.filter(authorization=key, ended_at__isnull=True).exists():
            raise NotNow("registered", f"{organization} uses {key} already.")
        statement = text(authorization.duties.registration, at).body if authorization.duties.registration else ""
        if statement and not agreed:
            raise Invalid.one("agreed", "", "Agree to the statement, or do not register.")
        registration = Registration.objects.create(
            organization=organization, authorization=key, version=authorization.version, statement=statement, registered_at=at,
            registered_by=actor,
        )  # fmt: skip
        record(registration, LicenseEvent.REGISTERED, actor=actor, authorization=key, version=authorization.version)
    return registration


@refusals_logged(LicenseEvent.DUTY_DONE)
def record_duty(*, actor: Person, registration_id: int, duty: Duty, at: datetime) -> DutyRecord:
    """Keep what was done about a duty of an authorization.

    Certifications and filings are made by certifying officials, notices and reports by anybody who files for the company. Raises
    NotPermitted, NotNow (`over_use` when a report would exceed the limit of the year), Invalid.
    """
    with transaction.atomic():
        registration = Registration.objects.select_for_update(of=("self",)).get(pk=registration_id)
        _require_may(actor, registration, duty.kind)
        if registration.ended_at is not None:
            raise NotNow("ended", f"The use of {registration.authorization} has ended: register again.")
        authorization = find(registration.authorization, at)
        found = list(_problems(authorization, duty, at))
        if found:
            raise Invalid(found)
        if duty.kind == Kind.REPORT:
            _require_within(authorization, registration, duty, at)
        certified = duty.kind == Kind.CERTIFICATION
        kept = DutyRecord.objects.create(
            registration=registration, kind=duty.kind, recipient=duty.recipient.strip(), country=duty.country,
            recipient_hash=name_hash(duty.recipient, duty.country) if duty.recipient.strip() else "", model_hash=duty.model_hash,
            quantity=duty.quantity, used_on=duty.used_on,
            statement=text(authorization.duties.certification, at).body if certified else duty.note.strip(),
            signed_by=duty.signed_by.strip(), recorded_at=at, recorded_by=actor,
        )  # fmt: skip
        record(
            registration, LicenseEvent.DUTY_DONE, actor=actor, what=str(Kind(duty.kind).label), recipient=kept.recipient or "nobody",
            country=kept.country or "-", detail=f"{figure(duty.quantity)} {authorization.duties.unit}" if duty.quantity is not None else "",
        )  # fmt: skip
    return kept


@refusals_logged(LicenseEvent.REGISTRATION_ENDED)
def end_registration(*, actor: Person, registration_id: int, at: datetime) -> Registration:
    """Use the authorization no more; what was done stays."""
    with transaction.atomic():
        registration = Registration.objects.select_for_update(of=("self",)).get(pk=registration_id)
        if not may_certify(actor, registration.organization):
            raise NotPermitted("not_official", "A certifying official of the company ends a registration.")
        if registration.ended_at is not None:
            raise NotNow("ended", f"The use of {registration.authorization} has ended already.")
        registration.ended_at = at
        registration.save(update_fields=["ended_at"])
        record(registration, LicenseEvent.REGISTRATION_ENDED, actor=actor, authorization=registration.authorization)
    return registration


def _require_may(actor: Person, registration: Registration, kind: str) -> None:
    official = may_certify(actor, registration.organization)
    if kind in (Kind.CERTIFICATION, Kind.FILING) and not official:
        raise NotPermitted("not_official", "A certifying official of the company does this.")
    if not official and not may_prepare(actor, registration.organization):
        raise NotPermitted("not_yours", "You do not file for this company.")


def acts(authorization: Authorization) -> list[str]:
    """The kinds of duty that an authorization asks for, in the order in which they are done."""
    duties = authorization.duties
    asked = {
        Kind.CERTIFICATION: bool(duties.certification),
        Kind.NOTICE: duties.notice_days is not None,
        Kind.REPORT: duties.counted or duties.report_months > 0,
        Kind.FILING: duties.filing_from is not None,
    }
    return [kind.value for kind, wanted in asked.items() if wanted]


def _problems(authorization: Authorization, duty: Duty, at: datetime) -> list[Problem]:
    if duty.kind not in acts(authorization):
        return [
            Problem(
                "kind", duty.kind[:40], f"{authorization.key} asks for {', '.join(acts(authorization)) or 'nothing'}."
            )
        ]
    found = []
    nothing = duty.kind == Kind.REPORT and duty.quantity == 0
    if not duty.recipient.strip() and not nothing:
        found.append(Problem("recipient", "", "Name the recipient, as in your register of parties."))
    if duty.country not in names() and not (nothing and not duty.country):
        found.append(Problem("country", duty.country[:20], "Choose the recipient's country."))
    if duty.kind == Kind.CERTIFICATION and not duty.signed_by.strip():
        found.append(Problem("signed_by", "", "Name who signed for the recipient."))
    if duty.kind == Kind.CERTIFICATION and not duty.agreed:
        found.append(Problem("agreed", "", "Confirm that you hold the signed statement."))
    if duty.kind == Kind.REPORT:
        if duty.quantity is None or not duty.quantity.is_finite():
            found.append(Problem("quantity", "", "Say how much; 0 when nothing was used."))
        elif duty.quantity < 0 and not duty.note.strip():
            found.append(Problem("note", "", "A correction says what it corrects."))
        if duty.used_on is None or duty.used_on > at.date():
            found.append(Problem("used_on", str(duty.used_on or ""), "Give the day of the use, which is past."))
    return found


def _require_within(authorization: Authorization, registration: Registration, duty: Duty, at: datetime) -> None:
    """The row of the registration is locked, so two reports at once cannot both take what is left."""
    quantity, day = duty.quantity or Decimal(0), duty.used_on or at.date()
    used = done(registration, name_hash(duty.recipient, duty.country), at).used_in(day.year)
    cap = authorization.duties.cap_per_year
    if used + quantity < 0:
        raise Invalid.one("quantity", quantity, f"Only {figure(used)} were reported in {day.year}: take back no more.")
    if cap is not None and quantity > 0 and used + quantity > cap:
        left = figure(max(cap - used, Decimal(0)))
        raise NotNow("over_use", f"Of the {figure(cap)} {authorization.duties.unit} of {day.year}, {left} are left.")
