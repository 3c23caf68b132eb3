"""What a publication changes: for a draft before, asked by somebody; for a version afterwards, owed by the office."""

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from licensing.accounts.permissions import is_cleared
from licensing.cases.models import Case
from licensing.policy.models import ControlOrder

if TYPE_CHECKING:
    from licensing.accounts.models import Person


class ImpactRun(models.Model):
    """One pass over every pending application and live license, as of an instant: which of them a publication touches.

    A preview leaves cases and licenses alone. A run that a publication owes determines again what it touches. Where it has got to
    is `cursor`: a pass that is cut off goes on from there.
    """

    class Purpose(models.TextChoices):
        PREVIEW = "preview", "Preview"
        PUBLISHED = "published", "After publication"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    publication = models.ForeignKey("publishing.Publication", on_delete=models.PROTECT, related_name="impact_runs")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    content_hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    asked_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    cursor = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "at"], condition=Q(purpose="published"), name="impact_once_per_instant"
            ),
            models.CheckConstraint(condition=Q(purpose="published") | Q(asked_by__isnull=False), name="impact_asked_by"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} of {self.publication_id} at {self.at:%Y-%m-%d %H:%M}"

    @property
    def is_preview(self) -> bool:
        return self.purpose == self.Purpose.PREVIEW


class AffectedQuerySet(models.QuerySet["Affected"]):
    def told_to(self, person: "Person") -> "AffectedQuerySet":
        """Without what rests on orders that have not been disclosed, and without cases that tell of one, unless the person is cleared."""
        if is_cleared(person):
            return self
        secret = ControlOrder.objects.undisclosed().values("key")
        return self.exclude(orders__overlap=ArraySubquery(secret)).exclude(case__in=Case.objects.confidential())


class Affected(models.Model):
    """One application, or one license, whose answer is another. `before` and `after` are `policy.changes.Answer.to_json()`.

    `orders` are the keys of those that were confidential, and that one of the answers rests on.
    """

    class Effect(models.TextChoices):
        NONE = "", "None"
        FROZEN = "frozen", "Frozen"
        FREED = "freed", "Freed"

    run = models.ForeignKey(ImpactRun, on_delete=models.CASCADE, related_name="affected")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="impact")
    license = models.ForeignKey("licenses.License", on_delete=models.PROTECT, null=True, related_name="impact")
    requirement_before = models.CharField(max_length=20)
    requirement_after = models.CharField(max_length=20)
    before = models.JSONField()
    after = models.JSONField()
    reasons = models.JSONField()
    orders = ArrayField(models.CharField(max_length=100), default=list)
    effect = models.CharField(max_length=10, choices=Effect.choices, blank=True)
    at = models.DateTimeField()

    objects = AffectedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "case", "license"], nulls_distinct=False, name="affected_once_per_run"
            )
        ]
        indexes = [models.Index(fields=["run", "requirement_before", "requirement_after"], name="affected_by_change")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.requirement_before} to {self.requirement_after}"
