"""Reads of licenses that pages, the API and the public share."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils import timezone

from licensing.cases.models import Case
from licensing.cases.rules import sha256
from licensing.licenses import rules
from licensing.licenses.models import License, LicenseText, Suspension
from licensing.licenses.rules import End, Facts, Status, Stop, normalized_number
from licensing.screening.models import ScreeningRun
from licensing.screening.queries import basis

SCREENED_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class PublicStatus:
    """What anybody may know of a license: its status now, no party names (15 CFR 748.1(c))."""

    number: str
    status: Status
    as_of: datetime
    valid_from: datetime
    valid_until: datetime
    conditions: int
    conditions_digest: str
    document_sha256: str


def standing_facts(license_: License) -> Facts:
    """What the status of a license follows from; four queries, or none after `with_standing`."""
    return Facts(
        valid_from=license_.valid_from,
        valid_until=license_.valid_until,
        suspensions=tuple(_stop(row) for row in license_.suspensions.all()),
        endings=tuple(
            End(row.kind, row.effective_at, row.set_aside_at)
            for row in license_.endings.all()
            if row.confirmed_at is not None and row.effective_at is not None
        ),
        replaced_at=min((row.valid_from for row in license_.replacements.all() if row.document_id), default=None),
    )


def _stop(suspension: Suspension) -> Stop:
    ends = [at for at in (suspension.lifted_at, suspension.until) if at is not None]
    return Stop(suspension.suspended_at, min(ends, default=None), lifted=suspension.lifted_at is not None)


def status(license_: License, at: datetime) -> Status:
    """The status of a license at an instant."""
    return rules.status(standing_facts(license_), at)


def public_status(number: str, at: datetime | None = None) -> PublicStatus | None:
    """The status of a license by its number as somebody types it; None when no license has this number."""
    wanted = normalized_number(number)
    found = License.objects.issued().select_related("document").filter(number=wanted).first() if wanted else None
    if found is None or found.document is None:
        return None
    at = at or timezone.now()
    conditions = list(
        found.texts.filter(kind=LicenseText.Kind.CONDITION).values("key", "version", "parameters").order_by("number")
    )
    return PublicStatus(
        number=found.number,
        status=status(found, at),
        as_of=at,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        conditions=len(conditions),
        conditions_digest=sha256(conditions),
        document_sha256=found.document.sha256,
    )


def due_for_screening(at: datetime) -> QuerySet[Case]:
    """Cases whose parties have to be screened again: open, or with a license in force, and screened with lists, thresholds or an engine
    that have moved on since; those with a license in force daily too. The one that was tried longest ago comes first, so that
    a case that fails holds up no other. A case that has not been checked yet is left to its checks.
    """
    live = Q(pk__in=License.objects.live_at(at).values("case"))
    now = basis(at)
    moved = ~Q(
        screening_run__snapshots=now.named,
        screening_run__engine_version=now.engine,
        screening_run__thresholds=now.thresholds,
    )
    runs = ScreeningRun.objects.filter(subject_kind="case", subject_id=Cast(OuterRef("pk"), CharField()))
    return (
        Case.objects.filter(Q(closed_at__isnull=True) | live, screening_run__isnull=False)
        .filter(moved | (live & Q(screening_run__at__lte=at - SCREENED_EVERY)))
        .annotate(tried_at=Subquery(runs.order_by("-id").values("at")[:1]))
        .order_by(F("tried_at").asc(nulls_first=True), "pk")
    )
