"""Reads of licenses that pages, the API and the public share."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast
from django.utils import timezone

from licensing.accounts.queries import token_digest
from licensing.cases.models import Case
from licensing.cases.rules import sha256
from licensing.licenses import rules
from licensing.licenses.document import end_sentence
from licensing.licenses.dues import report_dues
from licensing.licenses.models import Acknowledgment, ChangeRequest, Ending, License, LicenseText, Suspension
from licensing.licenses.rules import End, Facts, Span, Status, Stop, normalized_number
from licensing.screening.models import ScreeningRun
from licensing.screening.queries import basis, failures
from licensing.texts.duties import Duty

SCREENED_EVERY = timedelta(days=1)
OPERATOR = "operator"


@dataclass(frozen=True)
class PublicStatus:
    """What anybody may know of a license: its status now, no party names (15 CFR 748.1(c)).

    `document_sha256` is not told: who shows it holds the document, and may read more (`register.for_holder`).
    """

    number: str
    status: Status
    as_of: datetime
    valid_from: datetime
    valid_until: datetime
    conditions: int
    conditions_digest: str
    document_sha256: str
    replaced_by: str = ""
    end: str = ""


def standing_facts(license_: License) -> Facts:
    """What the status of a license follows from; a few queries, or none after `with_standing`."""
    return Facts(
        valid_from=license_.valid_from,
        valid_until=license_.valid_until,
        suspensions=tuple(_stop(row) for row in license_.suspensions.all()),
        endings=tuple(
            End(row.effective_at, row.set_aside_at, row.set_aside_at is not None, _stays(row), kind=row.kind)
            for row in license_.endings.all()
            if row.confirmed_at is not None and row.effective_at is not None
        ),
        replaced_at=min((at for at, _ in _replacing(license_)), default=None),
        exhausted=tuple(Stop(row.from_at, row.until_at) for row in license_.case.exhaustions.all()),
    )


def _stop(suspension: Suspension) -> Stop:
    ends = [at for at in (suspension.lifted_at, suspension.until) if at is not None]
    return Stop(suspension.suspended_at, min(ends, default=None), suspension.lifted_at is not None, _stays(suspension))


def _stays(measure: Suspension | Ending) -> tuple[Span, ...]:
    return tuple((stay.from_at, stay.until_at) for stay in measure.stays.all())


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
    return PublicStatus(
        number=found.number,
        status=status(found, at),
        as_of=at,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        conditions=found.texts.filter(kind=LicenseText.Kind.CONDITION).count(),
        conditions_digest=conditions_digest(found),
        document_sha256=found.document.sha256,
        replaced_by=replaced_by(found),
        end=end_sentence(found),
    )


def conditions_digest(license_: License) -> str:
    """The SHA-256 of the binding texts with their parameters: what a holder compares with what they were told."""
    conditions = license_.texts.filter(kind=LicenseText.Kind.CONDITION).order_by("number")
    return sha256(list(conditions.values("key", "version", "parameters")))


def replaced_by(license_: License) -> str:
    """The number of the license that takes the place of this one, once it begins; "" when none does."""
    return next((number for _, number in sorted(_replacing(license_))), "")


def _replacing(license_: License) -> list[tuple[datetime, str]]:
    """What is signed, and was not canceled before it began: from when on, and its number."""
    return [
        (row.takes_over_at, row.number)
        for row in license_.replacements.all()
        if row.takes_over_at is not None
        and not any(end.kind == Ending.Kind.CANCELLED and end.confirmed_at for end in row.endings.all())
    ]


def revocation(license_: License) -> Ending | None:
    """The revocation that is confirmed and not set aside."""
    revoked = license_.endings.filter(kind=Ending.Kind.REVOKED, confirmed_at__isnull=False, set_aside_at__isnull=True)
    return revoked.select_related("proposed_by", "relief_proposed_by").first()


def watched(at: datetime) -> QuerySet[Case]:
    """Cases, open or with a license in force, whose parties are screened when a list changes; the first screening is that of the checks."""
    live = Q(pk__in=License.objects.live_at(at).values("case"))
    return Case.objects.filter(Q(closed_at__isnull=True) | live, screening_run__isnull=False)


def transferred(at: datetime) -> QuerySet[ChangeRequest, uuid.UUID]:
    """The cases, among those that are watched, whose license has gone to another company."""
    granted = ChangeRequest.objects.filter(granted=True, kind=ChangeRequest.Kind.TRANSFER, case__in=watched(at))
    return granted.values_list("case", flat=True)


def unscreened(cases: QuerySet[Case], at: datetime) -> list[tuple[Case, ScreeningRun]]:
    """Those cases, open or with a license in force, whose newest screening has failed: it clears nobody. Two queries."""
    failed = {uuid.UUID(run.subject_id): run for run in failures("case", at)}
    live = Q(pk__in=License.objects.live_at(at).values("case"))
    rows = cases.filter(Q(closed_at__isnull=True) | live, pk__in=failed)
    return sorted(((case, failed[case.pk]) for case in rows), key=lambda pair: pair[1].at)


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
        watched(at)
        .filter(moved | (live & Q(screening_run__at__lte=at - SCREENED_EVERY)))
        .annotate(tried_at=Subquery(runs.order_by("-id").values("at")[:1]))
        .order_by(F("tried_at").asc(nulls_first=True), "pk")
    )


@dataclass(frozen=True)
class Bound:
    """A party or operator that conditions bind, who is not the licensee, and its acknowledgment of at least those that stand."""

    name: str
    texts: tuple[LicenseText, ...]
    acknowledged: Acknowledgment | None

    @property
    def digest(self) -> str:
        """That of the conditions as they stand."""
        return sha256([text.digest for text in self.texts])


def bound_parties(license_: License) -> list[Bound]:
    """Whom the conditions bind besides the licensee, by name, and whether they have acknowledged what now stands."""
    roles: dict[str, set[str]] = defaultdict(set)
    for party in license_.parties.all():
        roles[party.name].add(party.role)
    for site in license_.data["sites"]:
        roles[site["operator"]].add(OPERATOR)
    standing = [text for text in license_.texts.all() if text.kind == LicenseText.Kind.CONDITION and not text.lapsed_at]
    given = Acknowledgment.objects.filter(license__case=license_.case_id, acknowledged_at__isnull=False)
    found = []
    for name in sorted(roles):
        texts = tuple(text for text in standing if roles[name] & set(text.binds))
        if name and texts:
            found.append(Bound(name, texts, _acknowledged(name, texts, given)))
    return found


def _acknowledged(name: str, texts: Iterable[LicenseText], given: Iterable[Acknowledgment]) -> Acknowledgment | None:
    """The latest acknowledgment of every one of the texts; a revision has the same texts, and one that lapses takes nothing away."""
    wanted = {text.digest for text in texts}
    rows = [row for row in given if row.party_name == name and wanted <= {text["sha256"] for text in row.texts}]
    return rows[-1] if rows else None


def acknowledgment_by(token: str) -> Acknowledgment | None:
    return Acknowledgment.objects.filter(token_digest=token_digest(token)).first()


def waiting_at(license_: License, at: datetime) -> list[LicenseText]:
    """The conditions that had to be met before anything was done under the license, and were not at an instant."""
    return [
        text
        for text in license_.texts.all()
        if text.precedent
        and not (text.met_at is not None and text.met_at <= at)
        and not (text.lapsed_at is not None and text.lapsed_at <= at)
    ]


def dues(license_: License, text: LicenseText) -> list[date]:
    """The days on which the reports of a condition are due; none for a condition that asks for no reports, or has lapsed."""
    if text.duty != Duty.REPORTING or text.lapsed_at:
        return []
    rows = report_dues(**text.parameters, begins=license_.valid_from.date(), ends=license_.valid_until.date())
    return [due for _, _, due in rows]
