"""Reads of licenses that pages, the API and the public share."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils import timezone

from licensing.cases.models import Case
from licensing.cases.rules import sha256
from licensing.licenses.models import License, LicenseText
from licensing.licenses.rules import normalized_number
from licensing.screening import match
from licensing.screening.models import ScreeningRun
from licensing.screening.queries import current_snapshots, named

SCREENED_EVERY = timedelta(days=1)


class Status(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REPLACED = "replaced"


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


def status(license_: License, at: datetime) -> Status:
    """The status at an instant, from facts; nothing is counted down."""
    if License.objects.issued().filter(case=license_.case_id, revision__gt=license_.revision).exists():
        return Status.REPLACED
    return Status.VALID if license_.valid_from <= at < license_.valid_until else Status.EXPIRED


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


def by_document(sha256: str) -> str:
    """The number of the license that a document with this SHA-256 is; "" when it is none."""
    number = License.objects.filter(document__sha256=sha256).values_list("number", flat=True).first()
    return number or ""


def due_for_screening(at: datetime) -> QuerySet[Case]:
    """Cases whose parties have to be screened again: open, or with a license in force, and screened with lists or an engine that
    have moved on since; those with a license in force daily too. The one that was tried longest ago comes first, so that
    a case that fails holds up no other. A case that has not been checked yet is left to its checks.
    """
    live = Q(pk__in=License.objects.valid_at(at).values("case"))
    moved = ~Q(screening_run__snapshots=named(current_snapshots())) | ~Q(screening_run__engine_version=match.ENGINE)
    runs = ScreeningRun.objects.filter(subject_kind="case", subject_id=Cast(OuterRef("pk"), CharField()))
    return (
        Case.objects.filter(Q(closed_at__isnull=True) | live, screening_run__isnull=False)
        .filter(moved | (live & Q(screening_run__at__lte=at - SCREENED_EVERY)))
        .annotate(tried_at=Subquery(runs.order_by("-id").values("at")[:1]))
        .order_by(F("tried_at").asc(nulls_first=True), "pk")
    )
