"""Definitions, cases, their histories, and the work that is due. Events are the truth; the rest of a case is rebuilt from them."""

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q

from workflows.kernel import State
from workflows.kernel.state import SeatStatus

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

HASH = r"^[0-9a-f]{64}$"


class Definition(models.Model):
    """A published workflow. Never changed: a new version is a new row, and running cases keep theirs."""

    key = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=64)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="definition_one_per_version")]

    def __str__(self) -> str:
        return f"{self.key} {self.version}"


class Instance(models.Model):
    """A case under way. The row is the lock of the case: whoever moves it takes it first.

    `parent` is the case that this one reviews (an appeal): whoever acted there may not act here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="instances")
    reference = models.CharField(max_length=60, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    version = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)
    stage = models.CharField(max_length=60, blank=True)
    round = models.PositiveSmallIntegerField(default=0)
    end = models.CharField(max_length=60, blank=True)
    incident = models.CharField(max_length=60, blank=True)
    snapshot = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    if TYPE_CHECKING:
        events: RelatedManager["Event"]
        seats: RelatedManager["Seat"]
        timers: RelatedManager["Timer"]

    class Meta:
        indexes = [
            models.Index(
                fields=["stage", "opened_at"], condition=Q(closed_at__isnull=True), name="instance_open_by_stage"
            )
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def state(self) -> State:
        return State.from_json(self.snapshot)


class Event(models.Model):
    """One thing that happened to a case, chained to the one before by SHA-256. `command` is the id of what brought it about,
    which makes a repeat harmless."""

    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    command = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)
    data = models.JSONField()
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(fields=["instance", "sequence"], name="workflow_event_one_per_place"),
            models.CheckConstraint(condition=Q(hash__regex=HASH), name="workflow_event_is_hashed"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind}"


class SeatQuerySet(models.QuerySet["Seat"]):
    def open_for(self, pools: Iterable[str], person: str) -> "SeatQuerySet":
        """Seats of these pools that the person may take or has taken, the case that waits longest first."""
        free = Q(status=SeatStatus.OPEN, pool__in=list(pools)) | Q(status=SeatStatus.CLAIMED, holder=person)
        return self.filter(free).order_by("opened_at", "pk")


class Seat(models.Model):
    """A projection: one seat of one round of one stage of a case."""

    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="seats")
    stage = models.CharField(max_length=60)
    round = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=60)
    pool = models.CharField(max_length=121)
    status = models.CharField(max_length=20)
    opened_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=64, blank=True)
    choice = models.CharField(max_length=60, blank=True)
    voted_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Seat"]] = SeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instance", "stage", "round", "key"], name="seat_one_per_round"),
        ]
        indexes = [
            models.Index(
                fields=["pool", "opened_at"], condition=Q(status=SeatStatus.OPEN.value), name="seat_queue_of_pool"
            ),
            models.Index(
                fields=["holder", "opened_at"], condition=Q(status=SeatStatus.CLAIMED.value), name="seat_of_holder"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage}.{self.key} ({self.status})"


class Timer(models.Model):
    """A projection: an instant at which a case moves or is marked by itself."""

    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, related_name="timers")
    key = models.CharField(max_length=160)
    due_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "key"], name="timer_one_per_key")]

    def __str__(self) -> str:
        return self.key


class OutboxState(models.TextChoices):
    DUE = "due", "Due"
    DONE = "done", "Done"
    DEAD = "dead", "Dead"


class OutboxRow(models.Model):
    """Work that is owed. A Celery message only says that it is here; the lease says who is at it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    effect = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    queue = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=OutboxState.choices, default=OutboxState.DUE)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["effect", "key"], name="outbox_effect_once_per_key"),
            models.CheckConstraint(
                condition=Q(state=OutboxState.DUE, finished_at__isnull=True)
                | Q(~Q(state=OutboxState.DUE.value), finished_at__isnull=False),
                name="outbox_finished_says_when",
            ),
        ]
        indexes = [models.Index(F("due_at"), condition=Q(state=OutboxState.DUE.value), name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.effect} {self.key}"


class Incident(models.Model):
    """Something that somebody has to look at: a case that cannot go on, or work that failed for good."""

    instance = models.ForeignKey(Instance, on_delete=models.PROTECT, null=True, related_name="incidents")
    row = models.ForeignKey(OutboxRow, on_delete=models.PROTECT, null=True, related_name="incidents")
    what = models.CharField(max_length=60)
    why = models.TextField()
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["opened_at"], condition=Q(resolved_at__isnull=True), name="incident_open")]

    def __str__(self) -> str:
        return self.what
