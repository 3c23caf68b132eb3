"""The license: what was authorized, for whom, until when and under which texts."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from licensing.audit.models import Chained
from licensing.cases.models import Case

if TYPE_CHECKING:
    from licensing.accounts.models import Person


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

    def held_by(self, person: "Person") -> "LicenseQuerySet":
        """Licenses of the organizations for which the person files."""
        return self.filter(licensee__in=person.applicant_organizations())

    def issued(self) -> "LicenseQuerySet":
        """Licenses whose signed document exists."""
        return self.filter(document__isnull=False)

    def valid_at(self, at: datetime) -> "LicenseQuerySet":
        return self.issued().filter(valid_from__lte=at, valid_until__gt=at)


class License(Chained):
    """One revision of a license. A re-issue is a new row with the next revision letter; nothing is overwritten.

    `data` is what is embedded in the document as JSON; `snapshot` is what the decision relied on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=40, unique=True)
    revision = models.CharField(max_length=1, default="A")
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

    objects = LicenseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["licensee", "-issued_at"])]
        constraints = [
            models.UniqueConstraint(fields=["case", "revision"], name="license_one_per_case_and_revision"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("valid_from")), name="license_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return self.number


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


class LicenseText(models.Model):
    """A condition, which binds, or a rider, which explains; the text as it stood when the license was issued."""

    class Kind(models.TextChoices):
        CONDITION = "condition", "Condition"
        RIDER = "rider", "Rider"

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="texts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField()
    parameters = models.JSONField(default=dict)

    class Meta:
        ordering = ["kind", "number"]
        constraints = [models.UniqueConstraint(fields=["license", "kind", "number"], name="license_text_once")]

    def __str__(self) -> str:
        return self.title
