"""Restricted-party lists as loaded, who was screened against them, what was found, and what people decided.

A listed entity has one row for each of its versions; a snapshot is the versions that were on the list at its number. So any
screening can be repeated against exactly the list that it used.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from licensing.audit.models import Chained

FALSE_MATCH_REASONS = [
    ("different_name", "The names are of different parties"),
    ("different_country", "Another country"),
    ("different_birth_date", "Another date of birth"),
    ("different_identifier", "Another registration number or identifier"),
    ("different_kind", "A person on one side, an organization on the other"),
    ("different_activity", "Another business or profession"),
]
TRUE_MATCH_REASONS = [
    ("same_identifier", "The same registration number or identifier"),
    ("same_details", "Name, country and further details agree"),
    ("known_affiliate", "Known to belong to the listed party"),
]
INCONCLUSIVE_REASONS = [
    ("details_missing", "Details are missing that would tell"),
    ("details_conflict", "The details contradict each other"),
]


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


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class HitStatus(models.TextChoices):
    POTENTIAL = "potential", "Undecided"
    AWAITING_SECOND = "awaiting_second", "Waits for a second person"
    FALSE_MATCH = "false_match", "False match"
    TRUE_MATCH = "true_match", "True match"
    INCONCLUSIVE = "inconclusive", "Cannot be told yet"


class RestrictedList(Chained):
    """One list that parties are screened against, and which snapshot of it is in force."""

    key = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=20, default="neutral")
    most_shrinkage = models.FloatField(default=0.1)  # a larger share of entities gone is held for a person
    current = models.ForeignKey(
        "ListSnapshot", on_delete=models.PROTECT, null=True, blank=True, related_name="current_of"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(most_shrinkage__gte=0, most_shrinkage__lte=1), name="screening_list_shrinkage_is_a_share"
            )
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


class ScreeningRun(Chained):
    """Everybody of one subject screened once. `snapshots` and `queries` are what is needed to repeat it."""

    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.RUNNING)
    error = models.TextField(blank=True)
    snapshots = models.JSONField(default=list)
    engine_version = models.CharField(max_length=80)
    thresholds = models.JSONField(default=dict)
    queries = models.JSONField(default=list)
    result_sha256 = models.CharField(max_length=64, blank=True)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id", "-id"], name="screening_run_by_subject")]
        constraints = [
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="screening_run_failed_says_why"),
            models.CheckConstraint(
                condition=Q(state="running") | Q(finished_at__isnull=False), name="screening_run_ended_at"
            ),
        ]

    def __str__(self) -> str:
        return f"screening {self.pk} of {self.subject_kind}:{self.subject_id}: {self.state}"


class Disposition(models.Model):
    """A decision about one party and one listed entity. Rows are only ever added; the latest counts.

    It holds while neither side's data change and until it expires. A true match needs two people.
    """

    party_ref = models.CharField(max_length=120)
    list_key = models.CharField(max_length=40)
    entity_id = models.CharField(max_length=80)
    party_fingerprint = models.CharField(max_length=64)
    listed_fingerprint = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=HitStatus.choices)
    reason = models.CharField(max_length=40, blank=True)
    sentence = models.TextField()
    decided_at = models.DateTimeField()
    expires_on = models.DateField(null=True, blank=True)
    reviewer_id = models.CharField(max_length=64)
    reviewer_label = models.CharField(max_length=200)
    second_reviewer_id = models.CharField(max_length=64, blank=True)
    second_reviewer_label = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["party_ref", "list_key", "entity_id", "-id"], name="screening_disposition_pair")
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(sentence=""), name="screening_disposition_says_why"),
            models.CheckConstraint(
                condition=~Q(status="false_match") | ~Q(reason=""), name="screening_disposition_false_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="true_match") | ~Q(second_reviewer_id__in=["", F("reviewer_id")]),
                name="screening_disposition_true_has_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party_ref} / {self.list_key}:{self.entity_id}: {self.status}"


class Hit(Chained):
    """A listed name that a party's name came near in one run, and how it stands."""

    run = models.ForeignKey(ScreeningRun, on_delete=models.PROTECT, related_name="hits")
    party_ref = models.CharField(max_length=120)
    party_role = models.CharField(max_length=40)
    party = models.JSONField(default=dict)
    party_fingerprint = models.CharField(max_length=64)
    query_name = models.CharField(max_length=1000)
    listed_party = models.ForeignKey(ListedParty, on_delete=models.PROTECT, related_name="hits")
    list_key = models.CharField(max_length=40)
    entity_id = models.CharField(max_length=80)
    listed_name = models.CharField(max_length=1000)
    score = models.FloatField()
    features = models.JSONField(default=dict)
    status = models.CharField(max_length=16, choices=HitStatus.choices, default=HitStatus.POTENTIAL)
    disposition = models.ForeignKey(Disposition, on_delete=models.PROTECT, null=True, blank=True, related_name="hits")
    reopened_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-score", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "party_ref", "listed_party"], name="screening_hit_one_per_pair"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="screening_hit_score_is_a_share"),
            models.CheckConstraint(
                condition=Q(status="potential") | Q(disposition__isnull=False), name="screening_hit_decided_by_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["status"], condition=Q(status__in=["potential", "awaiting_second", "inconclusive"]),
                         name="screening_hit_open"),
            models.Index(fields=["party_ref", "list_key", "entity_id"], name="screening_hit_pair"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.query_name} / {self.listed_name} ({self.score:.2f})"

    @property
    def explanation(self) -> list[str]:
        """How the names go together, a line for each word."""
        return str(self.features.get("sentence", "")).rstrip(".").split("; ")
