"""What officers say to notices, certifications and reports under authorizations without a case, and how a company answers a question."""

from datetime import datetime, timedelta

from django.db import transaction

from licensing.accounts.models import Organization, Person
from licensing.accounts.permissions import may_certify, may_prepare
from licensing.accounts.queries import authority
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.cases.commands.reviewing import sentence
from licensing.cases.letters import day
from licensing.licenses import notices
from licensing.licenses.authorizations.answers import Said, may_say
from licensing.licenses.authorizations.catalog import find_published
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import DutyAnswer, DutyRecord, Registration
from licensing.licenses.permissions import may_rule
from licensing.texts.commands import write_letter

Kind = DutyRecord.Kind
REGISTRATION = "registration"
OUTCOMES = {
    Said.ACKNOWLEDGED: "it is acknowledged",
    Said.OBJECTED: "the authority objects; nothing may be released on this notice",
    Said.INFORMED: "you are informed that a license is required for this recipient; nothing may be released to it without one",
    Said.WITHDRAWN: "what the authority held against it is taken back",
    Said.ASKED: "the authority has a question; nothing may be released on this before it is answered",
    Said.VOIDED: "it is void, and counts as not done",
}


def free_at(kept: DutyRecord, at: datetime) -> datetime | None:
    """When the days that a notice has to wait are over; None for what has none. The rules in force at an instant say how many."""
    found = find_published(kept.registration.authorization, at)
    if found is None or kept.kind != Kind.NOTICE or not found.duties.notice_days:
        return None
    return kept.recorded_at + timedelta(days=found.duties.notice_days)


def sayable(kept: DutyRecord, at: datetime) -> list[Said]:
    """What an officer may say about a record at an instant."""
    free, notice = free_at(kept, at), kept.kind == Kind.NOTICE
    in_time = free is not None and at < free
    return list(may_say(kept.standing(), notice=notice, in_time=in_time, report=kept.kind == Kind.REPORT))


@refusals_logged(LicenseEvent.DUTY_ANSWERED)
def answer_duty(*, actor: Person, record_id: int, kind: str, text: str, at: datetime) -> DutyAnswer:
    """Acknowledge, object, inform, take back, ask or void, by letter. Checks at the moment of release honor it from now on.

    Raises `NotPermitted`, `Invalid` for an unknown kind or no reason, `NotNow` for what cannot be said now: an objection after the days
    of the notice, for one.
    """
    with transaction.atomic():
        kept = _locked(record_id)
        if not may_rule(actor):
            raise NotPermitted("not_an_officer", "Only an officer of the licensing authority may do this.")
        if kind not in OUTCOMES:
            raise Invalid.one("kind", kind[:40], f"Choose one of {', '.join(OUTCOMES)}.")
        said, words = Said(kind), sentence("text", text)
        if said not in sayable(kept, at):
            raise NotNow("not_now", _why_not(kept, said, at))
        answer = _say(kept, actor, said, words, at)
        _write(kept, actor, said, words, at)
        notices.duty_answered(kept, OUTCOMES[said], words)
    return answer


def _why_not(kept: DutyRecord, said: Said, at: datetime) -> str:
    free = free_at(kept, at)
    if said is Said.OBJECTED and free is not None and at >= free:
        return f"The days of this notice ended on {day(free)}: inform the company that a license is required instead."
    return f"This cannot be said now: it is {kept.standing().status.replace('_', ' ')}."


@refusals_logged(LicenseEvent.DUTY_ANSWERED)
def answer_authority(*, actor: Person, record_id: int, text: str, at: datetime) -> DutyAnswer:
    """The company answers what the authority has asked about a record."""
    with transaction.atomic():
        kept = _locked(record_id)
        if not may_file_for(actor, kept.registration.organization):
            raise NotPermitted("not_the_company", "Only somebody who files for the company may answer.")
        words = sentence("text", text)
        if not kept.standing().asked:
            raise NotNow("nothing_asked", "No question about this is open.")
        return _say(kept, actor, Said.ANSWERED, words, at)


def may_file_for(person: Person, company: Organization) -> bool:
    return may_prepare(person, company) or may_certify(person, company)


def _locked(record_id: int) -> DutyRecord:
    """The record; the row of its registration is locked until the transaction ends."""
    kept = DutyRecord.objects.get(pk=record_id)
    registrations = Registration.objects.select_for_update(of=("self",)).select_related("organization")
    kept.registration = registrations.get(pk=kept.registration_id)
    return kept


def _say(kept: DutyRecord, actor: Person, said: Said, text: str, at: datetime) -> DutyAnswer:
    answer = DutyAnswer.objects.create(record=kept, kind=said, text=text, said_at=at, said_by=actor)
    record(
        kept.registration, LicenseEvent.DUTY_ANSWERED, actor=actor, what=str(kept.get_kind_display()), recipient=kept.recipient or "nobody",
        said=said.value, text=text,
    )  # fmt: skip
    return answer


def _write(kept: DutyRecord, actor: Person, said: Said, text: str, at: datetime) -> None:
    company, key = kept.registration.organization, kept.registration.authorization
    found = find_published(key, at)
    values = {
        "authority": authority().name,
        "applicant": company.name,
        "authorization": f"{found.title} ({key})" if found else key,
        "record": str(kept.get_kind_display()).lower(),
        "recipient": f"{kept.recipient} ({kept.country})" if kept.recipient else "",
        "received": day(kept.recorded_at),
        "date": day(at),
        "outcome": OUTCOMES[said],
        "reason": text,
    }
    lines = company.address.split("\n") if company.address else []
    write_letter(
        actor=actor, kind="authorization", subject_kind=REGISTRATION, subject_id=str(kept.registration_id),
        reference=f"{key}-{kept.pk}", addressee={"name": company.name, "lines": lines}, values=values, at=at,
    )  # fmt: skip
