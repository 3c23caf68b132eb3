"""Stays: a suspension or an ending of a license has no effect while an appeal against it is decided (15 CFR 756.2(e)).

Who may grant one is asked by the command of the appeal, in whose transaction these run.
"""

from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import record
from licensing.audit.refusals import NotNow
from licensing.cases.commands.reviewing import sentence
from licensing.licenses import notices, queries
from licensing.licenses.commands.standing import locked
from licensing.licenses.events import LicenseEvent
from licensing.licenses.models import Ending, License, MeasureStay, Suspension
from licensing.licenses.rules import Status


def stay_measure(*, actor: Person, measure: Suspension | Ending, appeal: str, reason: str) -> MeasureStay:
    """Take the effect of a measure away from now on, until `end_stay`; `appeal` is the reference of the appeal.

    Raises `NotNow` for a measure that has no effect to be stayed: proposed only, lifted, over, set aside, or stayed already.
    """
    license_, now = locked(measure.license_id), timezone.now()
    if not type(measure).objects.standing_at(now).filter(pk=measure.pk).exists():
        raise NotNow("nothing_to_stay", f"The {_named(measure)} has no effect now that could be stayed.")
    reason, before = sentence("reason", reason), queries.status(license_, now)
    stay = MeasureStay.objects.create(
        **{_field(measure): measure}, appeal=appeal, reason=reason, from_at=now, granted_by=actor
    )
    record(license_, LicenseEvent.STAYED, actor=actor, what=_named(measure), appeal=appeal, reason=reason)
    _tell(license_, before, reason)
    return stay


def end_stay(*, actor: Person, measure: Suspension | Ending, reason: str) -> MeasureStay:
    """Give a measure its effect again, because the appeal is decided or for another reason. Raises `NotNow` when it is not stayed."""
    license_, now = locked(measure.license_id), timezone.now()
    stay = measure.stays.filter(until_at__isnull=True).first()
    if stay is None:
        raise NotNow("not_stayed", f"The {_named(measure)} is not stayed.")
    before = queries.status(license_, now)
    stay.until_at, stay.ended_by, stay.end_reason = now, actor, sentence("reason", reason)
    stay.save(update_fields=["until_at", "ended_by", "end_reason"])
    record(
        license_, LicenseEvent.STAY_ENDED, actor=actor, what=_named(measure), appeal=stay.appeal, reason=stay.end_reason
    )
    _tell(license_, before, stay.end_reason)
    return stay


def _tell(license_: License, before: Status, reason: str) -> None:
    """The licensee, unless another measure leaves everything as it was."""
    now = queries.status(license_, timezone.now())
    if now != before:
        notices.standing(license_, f"is {now.value.replace('_', ' ')}", reason)


def _field(measure: Suspension | Ending) -> str:
    return "ending" if isinstance(measure, Ending) else "suspension"


def _named(measure: Suspension | Ending) -> str:
    return str(measure).lower() if isinstance(measure, Ending) else f"suspension by {measure.ordered_by}"
