"""What has been done under a license, and how much of what it caps is left."""

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q

DIGITS, DECIMALS = 60, 6  # enough for 1e45 operations


class Measure(models.TextChoices):
    QUANTITY = "quantity", "Quantity"
    VALUE = "value", "Value"
    SEATS = "seats", "Seats"
    COMPUTE = "compute", "Operations"


class Allowance(models.Model):
    """One cap, taken from a condition; all revisions of a license share it. The row is locked to draw, and cannot be overdrawn.

    `tolerance` is in percent of the cap (15 CFR 750.11). Of seats, `drawn` is the most that were taken at one time.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="allowances")
    measure = models.CharField(max_length=10, choices=Measure.choices)
    unit = models.CharField(max_length=200, blank=True)
    cap = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS)
    tolerance = models.PositiveSmallIntegerField(default=0)
    drawn = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "measure"], name="allowance_one_per_measure"),
            models.CheckConstraint(condition=Q(cap__gt=0), name="allowance_caps_something"),
            models.CheckConstraint(condition=Q(drawn__gte=0), name="allowance_never_negative"),
            models.CheckConstraint(
                condition=Q(drawn__lte=F("cap") * (F("tolerance") + 100) / 100), name="allowance_never_overdrawn"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drawn} of {self.cap} {self.unit}"


class ExhaustionQuerySet(models.QuerySet["Exhaustion"]):
    def standing_at(self, at: datetime) -> "ExhaustionQuerySet":
        return self.filter(Q(until_at__isnull=True) | Q(until_at__gt=at), from_at__lte=at)


class Exhaustion(models.Model):
    """That everything a license allowed is used up, from the draw that used the last until a correction, if one ever comes."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="exhaustions")
    measure = models.CharField(max_length=10, choices=Measure.choices)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    objects = ExhaustionQuerySet.as_manager()

    class Meta:
        ordering = ["from_at"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(until_at__isnull=True), name="exhaustion_once")
        ]

    def __str__(self) -> str:
        return f"{self.measure} used up"


class UsageEntry(models.Model):
    """One transfer, one period of access, or a correction of an earlier entry; never changed.

    `client_reference` is the licensee's own, and makes a repetition harmless. Amounts are null where nothing was said; only a
    correction may take some back.
    """

    class Kind(models.TextChoices):
        TRANSFER = "transfer", "Transfer"
        ACCESS = "access", "Period of access"
        CORRECTION = "correction", "Correction"

    license = models.ForeignKey("licenses.License", on_delete=models.PROTECT, related_name="usage")
    client_reference = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    occurred_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True)
    value = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True)
    seats = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True)
    compute = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMALS, null=True)
    recipient = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=500, blank=True)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["license", "client_reference"], name="usage_once_per_reference"),
            models.CheckConstraint(
                condition=Q(kind="correction", corrects__isnull=False)
                | Q(~Q(kind="correction"), corrects__isnull=True)
                & Q(Q(quantity__isnull=True) | Q(quantity__gte=0), Q(value__isnull=True) | Q(value__gte=0))
                & Q(Q(seats__isnull=True) | Q(seats__gte=0), Q(compute__isnull=True) | Q(compute__gte=0)),
                name="usage_only_corrections_take_back",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("occurred_at")), name="usage_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.client_reference

    @property
    def amounts(self) -> list[tuple[str, Decimal]]:
        """What was said, by measure."""
        return [(name, amount.normalize()) for name in Measure.values if (amount := getattr(self, name)) is not None]
