"""What an applicant or licensee holds against a decision, and whether the decision waits for the answer (15 CFR 756.2)."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from licensing.cases.models.case import Case
from workflows.models import Instance


class Appeal(models.Model):
    """One appeal against what one letter told: of a case, or of the license that came of it.

    Where it stands is the business of its own workflow, whose parent is the case's: nobody who had a part in that has one in the appeal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    letter = models.OneToOneField("texts.Letter", on_delete=models.PROTECT, related_name="appeal")
    workflow = models.OneToOneField(Instance, on_delete=models.PROTECT, related_name="appeal")
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
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
                name="appeal_decided_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.workflow.reference

    @property
    def against(self) -> str:
        """The kind of letter that it is against (`texts.letters.KINDS`), in words."""
        return self.letter.kind.replace("-", " ")


class StayQuerySet(models.QuerySet["Stay"]):
    def open(self) -> "StayQuerySet":
        """Asked for and not answered yet, or granted and not lifted."""
        return self.filter(refused_at__isnull=True, lifted_at__isnull=True)

    def standing_at(self, at: datetime) -> "StayQuerySet":
        """Stays in force at an instant."""
        return self.filter(Q(lifted_at__isnull=True) | Q(lifted_at__gt=at), granted_at__lte=at)


class Stay(models.Model):
    """That the decision has no effect while the appeal is open: where somebody grants it, asked or not (15 CFR 756.2(e))."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="stays")
    request = models.TextField(blank=True)
    requested_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    granted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    objects = StayQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appeal"], condition=Q(lifted_at__isnull=True, refused_at__isnull=True), name="stay_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(requested_at__isnull=False, requested_by__isnull=False) & ~Q(request="")
                | Q(granted_at__isnull=False),
                name="stay_asked_for_or_granted",
            ),
            models.CheckConstraint(
                condition=Q(granted_at__isnull=True, refused_at__isnull=True)
                | (Q(granted_at__isnull=True) | Q(refused_at__isnull=True)) & ~Q(reason=""),
                name="stay_answered_once_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(granted_at__isnull=False), name="stay_lifted_after_granted"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"stay of {self.appeal}"
