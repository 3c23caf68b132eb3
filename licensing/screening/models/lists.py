"""Lists, their snapshots, and one row for each version of a listed entity."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from licensing.audit.models import Chained


class ListState(models.TextChoices):
    HELD = "held", "Held for a person"
    CURRENT = "current", "In force"
    SUPERSEDED = "superseded", "Superseded"
    REFUSED = "refused", "Refused"


class CheckOutcome(models.TextChoices):
    LOADED = "loaded", "Loaded"
    UNCHANGED = "unchanged", "Checked, unchanged"
    HELD = "held", "Held for a person"
    REFUSED = "refused", "Refused whole"
    UNREACHABLE = "unreachable", "Could not be fetched"


class RestrictedList(Chained):
    """One list that parties are screened against, and which snapshot of it is in force."""

    key = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=20, default="neutral")
    most_shrinkage = models.FloatField(default=0.1)  # a larger share of entities gone is held for a person
    urls = models.JSONField(default=list)  # its files, fetched together; none: loaded by hand
    every_hours = models.PositiveSmallIntegerField(default=24)
    validators = models.JSONField(default=dict)  # by URL, the ETag and Last-Modified of what was fetched last
    current = models.ForeignKey(
        "ListSnapshot", on_delete=models.PROTECT, null=True, blank=True, related_name="current_of"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(most_shrinkage__gte=0, most_shrinkage__lte=1), name="screening_list_shrinkage_is_a_share"
            ),
            models.CheckConstraint(condition=Q(every_hours__gte=1), name="screening_list_fetched_by_the_hour"),
        ]

    def __str__(self) -> str:
        return self.key


class ListSnapshot(models.Model):
    """A list as it stood in one file. `added`, `removed`, `changed` count listed entities against the one before."""

    restricted_list = models.ForeignKey(RestrictedList, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    source = models.CharField(max_length=500)
    published_on = models.DateField()
    fetched_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=ListState.choices)
    held_because = models.TextField(blank=True)
    rows = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    data = models.BinaryField()
    loaded_by_id = models.CharField(max_length=64)
    loaded_by_label = models.CharField(max_length=200)
    settled_by_id = models.CharField(max_length=64, blank=True)
    settled_by_label = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_because = models.TextField(blank=True)

    class Meta:
        ordering = ["restricted_list", "number"]
        constraints = [
            models.UniqueConstraint(fields=["restricted_list", "number"], name="screening_snapshot_one_per_number"),
            models.UniqueConstraint(
                fields=["restricted_list"], condition=Q(state="current"), name="screening_snapshot_one_current"
            ),
            models.UniqueConstraint(
                fields=["restricted_list"], condition=Q(state="held"), name="screening_snapshot_one_held"
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | ~Q(held_because=""), name="screening_snapshot_held_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.restricted_list} #{self.number}"


class ListCheck(models.Model):
    """One time that a list was looked at, also when nothing had changed. Rows are only ever added."""

    restricted_list = models.ForeignKey(RestrictedList, on_delete=models.PROTECT, related_name="checks")
    at = models.DateTimeField()
    source = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    outcome = models.CharField(max_length=12, choices=CheckOutcome.choices)
    sentence = models.TextField(blank=True)
    snapshot = models.ForeignKey(ListSnapshot, on_delete=models.PROTECT, null=True, blank=True)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["restricted_list", "-at"], name="screening_check_latest")]

    def __str__(self) -> str:
        return f"{self.restricted_list} {self.outcome} {self.at:%Y-%m-%d %H:%M}"


class ListedPartyQuerySet(models.QuerySet["ListedParty"]):
    def on(self, snapshot: ListSnapshot) -> "ListedPartyQuerySet":
        """The versions that stood on a snapshot which was once in force."""
        return self.filter(
            Q(until_number=None) | Q(until_number__gt=snapshot.number),
            restricted_list_id=snapshot.restricted_list_id,
            from_number__lte=snapshot.number,
        )


class ListedParty(models.Model):
    """One version of a listed entity: on the list from snapshot `from_number` until before `until_number`."""

    restricted_list = models.ForeignKey(RestrictedList, on_delete=models.PROTECT, related_name="parties")
    entity_id = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    from_number = models.PositiveIntegerField()
    until_number = models.PositiveIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=1000)
    aliases = models.JSONField(default=list)
    weak_aliases = models.JSONField(default=list)
    countries = models.JSONField(default=list)
    addresses = models.JSONField(default=list)
    birth_dates = models.JSONField(default=list)
    identifiers = models.JSONField(default=list)
    programs = models.JSONField(default=list)
    license_requirement = models.TextField(blank=True)
    license_policy = models.TextField(blank=True)
    remarks = models.TextField(blank=True)

    objects: ClassVar = ListedPartyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "listed parties"
        constraints = [
            models.UniqueConstraint(
                fields=["restricted_list", "entity_id", "from_number"], name="screening_listed_one_version_per_number"
            ),
            models.UniqueConstraint(
                fields=["restricted_list", "entity_id"],
                condition=Q(until_number=None),
                name="screening_listed_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(until_number=None) | Q(until_number__gt=F("from_number")),
                name="screening_listed_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.restricted_list}:{self.entity_id} {self.name}"
