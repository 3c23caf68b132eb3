"""What an applicant holds against a decision, and whether the decision waits for the answer (15 CFR 756.2)."""

import uuid

from django.db import models
from django.db.models import Q

from licensing.cases.models.case import Case
from workflows.models import Instance


class Appeal(models.Model):
    """One appeal against one denial. Where it stands is the business of its own workflow, whose parent is the case's: nobody who had a
    part in the case has one in the appeal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    workflow = models.OneToOneField(Instance, on_delete=models.PROTECT, related_name="appeal")
    against = models.DateTimeField()
    statement = models.TextField()
    hearing_requested = models.BooleanField(default=False)
    filed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    outcome = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["filed_at"]
        constraints = [
            models.UniqueConstraint(fields=["case", "against"], name="appeal_once_against_a_decision"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
                name="appeal_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.workflow.reference


class Stay(models.Model):
    """That the decision does not take effect while the appeal is open: only where somebody grants it (15 CFR 756.2(e))."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="stays")
    reason = models.TextField()
    granted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    lifted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["granted_at"]
        constraints = [
            models.UniqueConstraint(fields=["appeal"], condition=Q(lifted_at__isnull=True), name="stay_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"stay of {self.granted_at:%Y-%m-%d}"
