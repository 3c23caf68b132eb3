"""What stands against a license: suspensions, which may be lifted, and endings, which may be set aside (15 CFR 750.8); either may be
stayed while an appeal against it is decided (756.2(e))."""

from datetime import datetime

from django.db import models
from django.db.models import Exists, F, OuterRef, Q


class StayQuerySet(models.QuerySet["MeasureStay"]):
    def standing_at(self, at: datetime) -> "StayQuerySet":
        return self.filter(Q(until_at__isnull=True) | Q(until_at__gt=at), from_at__lte=at)


class MeasureStay(models.Model):
    """That a suspension or an ending of a license has no effect while an appeal is decided; `appeal` is the reference of the appeal."""

    suspension = models.ForeignKey("licenses.Suspension", on_delete=models.PROTECT, null=True, related_name="stays")
    ending = models.ForeignKey("licenses.Ending", on_delete=models.PROTECT, null=True, related_name="stays")
    appeal = models.CharField(max_length=100)
    reason = models.TextField()
    from_at = models.DateTimeField()
    granted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    until_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.TextField(blank=True)

    objects = StayQuerySet.as_manager()

    class Meta:
        ordering = ["from_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(suspension__isnull=False, ending__isnull=True)
                | Q(suspension__isnull=True, ending__isnull=False),
                name="measure_stay_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True, ended_by__isnull=True)
                | (Q(until_at__gte=F("from_at"), ended_by__isnull=False) & ~Q(end_reason="")),
                name="measure_stay_ended_whole",
            ),
            *(
                models.UniqueConstraint(fields=[of], condition=Q(until_at__isnull=True), name=f"measure_stay_once_{of}")
                for of in ("suspension", "ending")
            ),
        ]

    def __str__(self) -> str:
        return f"Stay under appeal {self.appeal}"

    @property
    def measure(self) -> str:
        """What is stayed, in a word."""
        return "suspension" if self.ending is None else str(self.ending).lower()


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def standing_at(self, at: datetime) -> "SuspensionQuerySet":
        """Those that bar use: ordered, and not stayed."""
        return self.ordered_at(at).filter(
            ~Exists(MeasureStay.objects.standing_at(at).filter(suspension=OuterRef("pk")))
        )

    def ordered_at(self, at: datetime) -> "SuspensionQuerySet":
        """Those that are neither lifted nor over, stayed or not."""
        return self.filter(
            Q(until__isnull=True) | Q(until__gt=at),
            Q(lifted_at__isnull=True) | Q(lifted_at__gt=at),
            suspended_at__lte=at,
        )


class Suspension(models.Model):
    """That a license may not be used, from an instant until it is lifted or runs out; several may stand at once.

    `ordered_by` names whoever or whatever ordered it: an officer, a control order. No person means the system. `letter` told the
    licensee, and is what an appeal is against.
    """

    license = models.ForeignKey("licenses.License", on_delete=models.PROTECT, related_name="suspensions")
    ordered_by = models.CharField(max_length=200)
    reason = models.TextField()
    suspended_at = models.DateTimeField()
    suspended_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    lift_reason = models.TextField(blank=True)
    letter = models.OneToOneField("texts.Letter", on_delete=models.PROTECT, null=True, related_name="suspension")

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        ordering = ["suspended_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["license", "ordered_by"], condition=Q(lifted_at__isnull=True, until__isnull=True),
                name="suspension_once_per_order",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("suspended_at")), name="suspension_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(lift_reason=""), name="suspension_lifted_with_a_reason"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"Suspended by {self.ordered_by}"


class EndingQuerySet(models.QuerySet["Ending"]):
    def proposed(self) -> "EndingQuerySet":
        """Endings that wait for a second person."""
        return self.filter(confirmed_at__isnull=True, dropped_at__isnull=True)

    def relief_proposed(self) -> "EndingQuerySet":
        """Revocations of which it waits for a second person whether they are set aside."""
        return self.filter(relief_proposed_at__isnull=False, set_aside_at__isnull=True)

    def standing_at(self, at: datetime) -> "EndingQuerySet":
        """Those that hold: confirmed, begun, neither set aside nor stayed."""
        return self.filter(
            Q(set_aside_at__isnull=True) | Q(set_aside_at__gt=at),
            ~Exists(MeasureStay.objects.standing_at(at).filter(ending=OuterRef("pk"))),
            confirmed_at__isnull=False,
            effective_at__lte=at,
        )


class Ending(models.Model):
    """That a license has ended before its time: why, on which basis, from when on.

    A revocation and a voiding take a right away for good: one officer proposes, another confirms; and so is a revocation set aside,
    where no appeal has (`set_aside_appeal`, its reference). A surrender and a cancellation hold at once. A voided license never held; the
    others end from `effective_at` on.
    """

    class Kind(models.TextChoices):
        REVOKED = "revoked", "Revocation"
        VOID = "void", "Voiding"
        SURRENDERED = "surrendered", "Surrender"
        CANCELLED = "cancelled", "Cancellation"

    FOUR_EYES = (Kind.REVOKED, Kind.VOID)

    license = models.ForeignKey("licenses.License", on_delete=models.PROTECT, related_name="endings")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    reason = models.TextField()
    basis = models.CharField(max_length=500, blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    effective_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    relief_proposed_at = models.DateTimeField(null=True)
    relief_proposed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    set_aside_at = models.DateTimeField(null=True)
    set_aside_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    set_aside_reason = models.TextField(blank=True)
    set_aside_appeal = models.CharField(max_length=100, blank=True)
    letter = models.OneToOneField("texts.Letter", on_delete=models.PROTECT, null=True, related_name="ending")

    objects = EndingQuerySet.as_manager()

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")), name="ending_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True)
                | Q(effective_at__isnull=False)
                & (~Q(kind__in=["revoked", "void"]) | Q(confirmed_by__isnull=False)),
                name="ending_confirmed_whole",
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at__isnull=True) | (Q(confirmed_at__isnull=False) & ~Q(set_aside_reason="")),
                name="ending_set_aside_whole",
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at__isnull=True)
                | ~Q(set_aside_appeal="")
                | (Q(relief_proposed_by__isnull=False) & ~Q(relief_proposed_by=F("set_aside_by"))),
                name="ending_set_aside_by_two",
            ),
            models.UniqueConstraint(
                fields=["license"], condition=Q(dropped_at__isnull=True, set_aside_at__isnull=True),
                name="ending_one_at_a_time",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_kind_display()


class NarrowingQuerySet(models.QuerySet["Narrowing"]):
    def proposed(self) -> "NarrowingQuerySet":
        """Those that wait for a second person."""
        return self.filter(confirmed_at__isnull=True, dropped_at__isnull=True)


class Narrowing(models.Model):
    """That a license is revoked for some of its items (15 CFR 750.8: "in whole or in part"): one officer proposes, another confirms.

    What is left is the next revision, `result`. `letter` told the licensee; set aside on appeal, the items stand in the revision after.
    """

    license = models.ForeignKey("licenses.License", on_delete=models.PROTECT, related_name="narrowings")
    items = models.JSONField()
    reason = models.TextField()
    basis = models.CharField(max_length=500)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    set_aside_at = models.DateTimeField(null=True)
    set_aside_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    result = models.OneToOneField("licenses.License", on_delete=models.PROTECT, null=True, related_name="narrowed_by")
    letter = models.OneToOneField("texts.Letter", on_delete=models.PROTECT, null=True, related_name="narrowing")

    objects = NarrowingQuerySet.as_manager()

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")), name="narrowing_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(confirmed_by__isnull=False, result__isnull=False),
                name="narrowing_confirmed_whole",
            ),
            models.UniqueConstraint(
                fields=["license"], condition=Q(dropped_at__isnull=True), name="narrowing_once_per_revision"
            ),
        ]

    def __str__(self) -> str:
        return f"Revocation for {'items' if len(self.items) > 1 else 'item'} {', '.join(map(str, self.items))}"
