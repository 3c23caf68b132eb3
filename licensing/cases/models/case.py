"""The government's half: the case, what agencies recommend, what is asked, what is decided."""

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Q

from licensing.accounts.permissions import is_cleared
from licensing.audit.models import Chained
from licensing.policy.models import ConfidentialAnswer, ControlOrder
from workflows.models import Instance

if TYPE_CHECKING:
    from licensing.accounts.models import Person


def _confidential() -> Q:
    orders = ControlOrder.objects.undisclosed()
    decided = ConfidentialAnswer.objects.filter(orders__overlap=ArraySubquery(orders.values("key")))
    waiting = Case.objects.filter(
        determination__isnull=True, closed_at__isnull=True, application__organization__control_orders__in=orders,
        application__organization__control_orders__services__served_at__lte=F("registered_at"),
    )  # fmt: skip
    return Q(pk__in=Case.objects.filter(determination__confidential__in=decided).values("pk")) | Q(
        pk__in=waiting.values("pk")
    )


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, person: "Person") -> "CaseQuerySet":
        """Cases of the person's own organizations, and those in which a pool of theirs has had a seat.

        The licensing authority's own officers see every case; but what a confidential order decides, only those who are cleared.
        """
        pools, told = person.pools(), Q() if is_cleared(person) else ~_confidential()
        if person.reviews_for_authority():
            return self.filter(told)
        return self.filter(
            Q(application__organization__in=person.applicant_organizations())
            | (told & Q(workflow__in=Instance.objects.filter(seats__pool__in=pools)))
        )

    def confidential(self) -> "CaseQuerySet":
        """What tells of an order that has not been disclosed: cases that it decides, and those that it may yet decide."""
        return self.filter(_confidential())

    def filed_for(self, person: "Person") -> "CaseQuerySet":
        """Cases of the organizations for which the person files; never those that the person reviews."""
        return self.filter(application__organization__in=person.applicant_organizations())

    def locked(self, case_id: uuid.UUID) -> "Case":
        """The case, with its workflow instance locked until the transaction ends.

        The instance row is the lock of a case: the engine takes it first when a timer or a worker moves the case,
        so everybody else must take it first too.
        """
        workflow = Instance.objects.select_for_update(of=("self",), no_key=True).get(case=case_id)
        case = self.select_related("application__organization").get(pk=case_id)
        case.workflow = workflow
        return case


class Case(Chained):
    """An application in the hands of the government. Where it stands is its workflow instance's business."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.OneToOneField("cases.Application", on_delete=models.PROTECT, related_name="case")
    control_number = models.CharField(max_length=7, unique=True)
    workflow = models.OneToOneField(Instance, on_delete=models.PROTECT, related_name="case")
    registered_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=60, blank=True)
    filed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    as_filed = models.JSONField()
    as_filed_sha256 = models.CharField(max_length=64)
    transaction_digest = models.CharField(max_length=64)
    determination = models.ForeignKey(
        "policy.DeterminationRecord", on_delete=models.PROTECT, null=True, related_name="+"
    )
    screening_run = models.ForeignKey("screening.ScreeningRun", on_delete=models.PROTECT, null=True, related_name="+")

    objects = CaseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-registered_at"])]
        constraints = [
            # One pending application per transaction: 15 CFR 748.4(f).
            models.UniqueConstraint(
                fields=["transaction_digest"],
                condition=Q(closed_at__isnull=True),
                name="case_one_pending_per_transaction",
            ),
            models.CheckConstraint(
                condition=Q(control_number__regex=r"^[A-Z][0-9]{6}$"), name="case_control_number_form"
            ),
        ]

    def __str__(self) -> str:
        return self.control_number


class Question(models.Model):
    """A question to the applicant. Its id is the engine's question id; the clock is the engine's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="questions")
    stage = models.CharField(max_length=60)
    seat = models.CharField(max_length=60)
    text = models.TextField()
    asked_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="question_answer_whole",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Recommendation(models.Model):
    """What a seat recommends, in the round in which it did (15 CFR 750.4(d)(2)). The vote itself is the engine's event."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recommendations")
    stage = models.CharField(max_length=60)
    round = models.PositiveSmallIntegerField()
    seat = models.CharField(max_length=60)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    vote = models.CharField(max_length=60)
    note = models.TextField(blank=True)
    statutory_basis = models.TextField(blank=True)
    regulatory_basis = models.TextField(blank=True)
    conditions = models.JSONField(default=list)
    denied_items = models.JSONField(default=list)
    made_at = models.DateTimeField()
    event_hash = models.CharField(max_length=64)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "stage", "round", "seat"],
                condition=Q(superseded_at__isnull=True),
                name="recommendation_one_in_effect",
            )
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.vote}"


class Decision(models.Model):
    """What the licensing officer proposes, item by item; a countersignature binds its SHA-256.

    `grounds` is what an unfavorable act rests on (`deciding.Grounds`); `letter` the officer's version of the letter that tells of it, or
    empty for the template in force. A license holds for `valid_months` from `valid_from`, or from its issue where none is given; an
    `emergency` one until the law ends it. `snapshot` names what was relied on: policy and list versions, screening run, application.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    stage = models.CharField(max_length=60)
    round = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=60)
    officer = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    valid_months = models.PositiveSmallIntegerField(null=True)
    valid_from = models.DateTimeField(null=True)
    emergency = models.BooleanField(default=False)
    conditions = models.JSONField(default=list)
    riders = models.JSONField(default=list)
    grounds = models.JSONField(default=dict)
    letter = models.TextField(blank=True)
    snapshot = models.JSONField()
    sha256 = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    countersigned_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    countersigned_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    return_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["proposed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(countersigned_by__isnull=True) | ~Q(countersigned_by=models.F("officer")),
                name="decision_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(emergency=False) | Q(valid_months__isnull=True, valid_from__isnull=True),
                name="decision_emergency_ends_by_law",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} ({self.proposed_at:%Y-%m-%d})"


class ItemOutcome(models.TextChoices):
    APPROVE = "approve", "Approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions", "Approve with conditions"
    DENY = "deny", "Deny"
    RETURN = "return", "Return without action"
    NO_LICENSE = "no_license_required", "No license required"


APPROVED = frozenset({ItemOutcome.APPROVE, ItemOutcome.APPROVE_WITH_CONDITIONS})


class ItemDecision(models.Model):
    """What is decided for one item. `grounds` as in the decision."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="items")
    item = models.ForeignKey("cases.Item", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=30, choices=ItemOutcome.choices)
    reason = models.TextField(blank=True)
    grounds = models.JSONField(default=dict)

    class Meta:
        ordering = ["item__number"]
        constraints = [models.UniqueConstraint(fields=["decision", "item"], name="item_decided_once")]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.outcome}"
