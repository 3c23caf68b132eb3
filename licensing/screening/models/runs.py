"""Who was screened against which lists, what was found, and what people decided."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from licensing.audit.models import Chained
from licensing.screening import ownership
from licensing.screening.models.lists import ListedParty

OWNER_NOT_LISTED = "owner_not_listed"
OF_OWNERS = frozenset(
    [OWNER_NOT_LISTED, "share_below_limit", "no_longer_listed"]
)  # reasons that a hit of owners can be false for
FALSE_MATCH_REASONS = [
    ("different_name", "The names are of different parties"),
    ("different_country", "Another country"),
    ("different_birth_date", "Another date of birth"),
    ("different_identifier", "Another registration number or identifier"),
    ("different_kind", "A person on one side, an organization on the other"),
    ("different_activity", "Another business or profession"),
    (OWNER_NOT_LISTED, "The owners are not the listed parties"),
    ("share_below_limit", "The listed own less than the rule asks for"),
    ("no_longer_listed", "The entry is no longer on the list"),
]
LONGEST_RUN = timedelta(minutes=10)  # far above the time limit of a task
TRUE_MATCH_REASONS = [
    ("same_identifier", "The same registration number or identifier"),
    ("same_details", "Name, country and further details agree"),
    ("known_affiliate", "Known to belong to the listed party"),
    ("owned_by_listed", "Owned by listed parties to the limit of the rule"),
]
INCONCLUSIVE_REASONS = [
    ("details_missing", "Details are missing that would tell"),
    ("details_conflict", "The details contradict each other"),
]


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class HitStatus(models.TextChoices):
    POTENTIAL = "potential", "Undecided"
    AWAITING_SECOND = "awaiting_second", "Waits for a second person"
    FALSE_MATCH = "false_match", "False match"
    TRUE_MATCH = "true_match", "True match"
    TAKING_BACK = "taking_back", "To be taken back by a second person"
    INCONCLUSIVE = "inconclusive", "Cannot be told yet"


class Scope(models.TextChoices):
    """For how much a decision about a party and a listed entity holds."""

    SUBJECT = "subject", "This application"
    PARTY = "party", "This party in every application of its organization"


class ScreeningRunQuerySet(models.QuerySet["ScreeningRun"]):
    def unfinished(self, at: datetime) -> "ScreeningRunQuerySet":
        """Runs that failed, and those that broke off: no run takes as long as `LONGEST_RUN`."""
        return self.filter(Q(state=RunState.FAILED) | Q(state=RunState.RUNNING, at__lt=at - LONGEST_RUN))


class ScreeningRun(Chained):
    """Everybody of one subject screened once. `snapshots`, `thresholds`, `queries` and `stakes` are what is needed to repeat it.

    `stakes` are rows of owner, owned and percent (null when it is not known), by the references of the queries.
    """

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
    stakes = models.JSONField(default=list)
    result_sha256 = models.CharField(max_length=64, blank=True)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)

    objects: ClassVar = ScreeningRunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "-id"], name="screening_run_by_subject"),
            models.Index(fields=["at"], condition=~Q(state="done"), name="screening_run_unfinished"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="screening_run_failed_says_why"),
            models.CheckConstraint(
                condition=Q(state="running") | Q(finished_at__isnull=False), name="screening_run_ended_at"
            ),
        ]

    def __str__(self) -> str:
        return f"screening {self.pk} of {self.subject_kind}:{self.subject_id}: {self.state}"

    @property
    def failure(self) -> str:
        """What went wrong, in words: parties by their role in place of their reference; "" when nothing did."""
        said = self.error.partition(": ")[2] or self.error
        for query in self.queries:
            said = said.replace(f"{query['ref']}: ", f"{query['role'].replace('_', ' ').capitalize()}: ")
        return said


class Disposition(models.Model):
    """A decision about one party and one listed entity. Rows are only ever added; the latest counts.

    It holds within its scope, while neither side's data change, and until it expires. A true match needs two people. `potential` is one
    that takes back what was decided before.
    """

    party_ref = models.CharField(max_length=120)
    list_key = models.CharField(max_length=40)
    entity_id = models.CharField(max_length=80)
    party_fingerprint = models.CharField(max_length=64)
    listed_fingerprint = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=HitStatus.choices)
    reason = models.CharField(max_length=40, blank=True)
    sentence = models.TextField()
    question = models.TextField(blank=True)  # what the applicant should be asked
    scope = models.CharField(max_length=12, choices=Scope.choices, default=Scope.PARTY)
    subject_kind = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
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
                condition=~Q(scope="subject") | ~Q(subject_id=""), name="screening_disposition_names_its_subject"
            ),
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
    party_role = models.TextField()
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
            models.Index(fields=["status"], condition=Q(status__in=["potential", "awaiting_second", "inconclusive", "taking_back"]),
                         name="screening_hit_open"),
            models.Index(fields=["party_ref", "list_key", "entity_id"], name="screening_hit_pair"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.query_name} / {self.listed_name} ({self.score:.2f})"

    @property
    def of_owner_alone(self) -> bool:
        """Whether the party is named only for what it owns: then the hit of what it owns says what follows."""
        return self.party_role == ownership.OWNER

    @property
    def by_itself(self) -> bool:
        """Whether the party came near the list by what it is, and not by its owners alone."""
        return "rule" not in self.features or "field" in self.features

    @property
    def explanation(self) -> list[str]:
        """How the names go together, a line for each word."""
        return str(self.features.get("sentence", "")).rstrip(".").split("; ")
