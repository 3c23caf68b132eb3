"""The license: what was authorized, for whom and until when."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from licensing.accounts.permissions import is_cleared
from licensing.audit.models import Chained
from licensing.cases.models import Case
from licensing.licenses.models.standing import Ending, Suspension
from licensing.licenses.models.usage import Exhaustion

if TYPE_CHECKING:
    from licensing.accounts.models import Person


# What the status of a license follows from, besides its own row.
STANDING = ("suspensions__stays", "endings__stays", "replacements__endings", "case__exhaustions")


class NumberSeries(models.Model):
    """The last serial given out for a jurisdiction, kind and year; the row is locked to count, so there are no gaps."""

    jurisdiction = models.CharField(max_length=2)
    kind = models.CharField(max_length=3)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "kind", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.jurisdiction}-{self.kind}-{self.year}: {self.last}"


class LicenseQuerySet(models.QuerySet["License"]):
    def visible_to(self, person: "Person") -> "LicenseQuerySet":
        return self.filter(case__in=Case.objects.visible_to(person))

    def told_to(self, person: "Person") -> "LicenseQuerySet":
        """For officers: what tells of a control order that has not been disclosed is for those who are cleared."""
        return self if is_cleared(person) else self.exclude(case__in=Case.objects.confidential())

    def held_by(self, person: "Person") -> "LicenseQuerySet":
        """Licenses of the organizations for which the person files."""
        return self.filter(licensee__in=person.applicant_organizations())

    def issued(self) -> "LicenseQuerySet":
        """Licenses whose signed document exists."""
        return self.filter(document__isnull=False)

    def live_at(self, at: datetime) -> "LicenseQuerySet":
        """Licenses that have not ended, begun or not; one that is suspended is among them, for it may be reinstated."""
        ended = Ending.objects.standing_at(at).filter(license=OuterRef("pk"))
        used_up = Exhaustion.objects.standing_at(at).filter(case=OuterRef("case"))
        replaced = self.model.objects.replacing_at(at)
        return self.issued().filter(~Exists(ended), ~Exists(replaced), ~Exists(used_up), valid_until__gt=at)

    def valid_at(self, at: datetime) -> "LicenseQuerySet":
        """Licenses under which something may be done at an instant; agrees with `rules.status`."""
        suspended = Suspension.objects.standing_at(at).filter(license=OuterRef("pk"))
        return self.live_at(at).filter(~Exists(suspended), valid_from__lte=at)

    def replacing_at(self, at: datetime) -> "LicenseQuerySet":
        """For a subquery: what has taken the place of the outer license; never what was canceled before it began."""
        canceled = Ending.objects.standing_at(at).filter(license=OuterRef("pk"), kind=Ending.Kind.CANCELLED)
        return self.filter(~Exists(canceled), replaces=OuterRef("pk"), valid_from__lte=at, signed_at__lte=at)

    def with_standing(self) -> "LicenseQuerySet":
        """With everything that `queries.status` asks, in as many queries for one license as for many."""
        return self.prefetch_related(*STANDING)


class License(Chained):
    """One revision of a license. A re-issue is a new row with the next revision letter; nothing is overwritten.

    `data` is what is embedded in the document as JSON; `snapshot` is what the decision relied on. `signed_at` is when its document was
    hung on it: from then on it is issued.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=40, unique=True)
    revision = models.CharField(max_length=1, default="A")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replacements")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="licenses")
    decision = models.ForeignKey("cases.Decision", on_delete=models.PROTECT, related_name="+")
    licensee = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="licenses")
    issued_at = models.DateTimeField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    destination = models.CharField(max_length=10, blank=True)
    transaction_kind = models.CharField(max_length=30)
    delivery_modes = models.JSONField(default=list)
    end_use = models.TextField()
    sector = models.CharField(max_length=30)
    data = models.JSONField()
    snapshot = models.JSONField()
    document = models.OneToOneField("documents.Document", on_delete=models.PROTECT, null=True, related_name="license")
    signed_at = models.DateTimeField(null=True)

    objects = LicenseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["licensee", "-issued_at"]), models.Index(fields=["-issued_at"])]
        constraints = [
            models.UniqueConstraint(fields=["case", "revision"], name="license_one_per_case_and_revision"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="license_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(document__isnull=True, signed_at__isnull=True)
                | Q(document__isnull=False, signed_at__isnull=False),
                name="license_signed_with_its_document",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def takes_over_at(self) -> datetime | None:
        """From when on what it replaces is replaced: once it has begun and is signed; None before."""
        return max(self.valid_from, self.signed_at) if self.signed_at else None


class LicenseItem(models.Model):
    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="items")
    number = models.PositiveSmallIntegerField()
    model_version = models.ForeignKey("catalog.ModelVersion", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=300)
    control_entry = models.CharField(max_length=20, blank=True)
    model_hash = models.CharField(max_length=64, blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    unit = models.CharField(max_length=30, blank=True)
    seats = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["model_hash"])]
        constraints = [models.UniqueConstraint(fields=["license", "number"], name="license_item_once")]

    def __str__(self) -> str:
        return self.name


class LicenseParty(models.Model):
    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=40)
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=300)
    country = models.CharField(max_length=10)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.role}: {self.name}"


class LicenseSite(models.Model):
    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="sites")
    site = models.ForeignKey("parties.Site", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=300)
    country = models.CharField(max_length=10)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name
