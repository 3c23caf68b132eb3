"""Reads of what publications change that the pages share."""

from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models import Count as CountRows

from licensing.accounts.models import Person
from licensing.cases.models import Case
from licensing.oversight.models import Affected, AffectedQuerySet, ImpactRun
from licensing.publishing.models import Publication


@dataclass(frozen=True)
class Count:
    """How many applications, or licenses, go from one requirement to another."""

    is_license: bool
    before: str
    after: str
    effect: str
    number: int


def counts(rows: AffectedQuerySet) -> list[Count]:
    """The most first."""
    fields = ("is_license", "requirement_before", "requirement_after", "effect")
    licenses = ExpressionWrapper(Q(license__isnull=False), output_field=BooleanField())
    grouped = rows.order_by().annotate(is_license=licenses).values_list(*fields).annotate(number=CountRows("pk"))
    return [Count(*row) for row in grouped.order_by("-number", *fields)]


def runs_of(publication: Publication, person: Person) -> QuerySet[ImpactRun]:
    """What a version owes, and the previews that the person has asked for."""
    return publication.impact_runs.filter(Q(asked_by__isnull=True) | Q(asked_by=person))


def last_change(case: Case, person: Person) -> Affected | None:
    """The last time that the rules changed under an open case, as far as the person may know."""
    rows = case.impact.filter(license__isnull=True, run__purpose=ImpactRun.Purpose.PUBLISHED).told_to(person)
    return rows.select_related("run__publication").last() if case.closed_at is None else None
