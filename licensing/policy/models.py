"""What was answered, when, on which facts and under which versions. Rows are only ever added."""

from django.db import models
from django.db.models import Q

from licensing.audit.models import Chained
from licensing.policy.rulesets import Requirement


class DeterminationRecord(Chained):
    """A determination that was relied on. `answer` is `Determination.to_json()`; the database refuses to change it."""

    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    requirement = models.CharField(max_length=20, choices=[(value.value, value.value) for value in Requirement])
    exception = models.CharField(max_length=40, blank=True)
    review_policy = models.CharField(max_length=40, blank=True)
    workflow = models.CharField(max_length=80, blank=True)
    facts = models.JSONField()
    answer = models.JSONField()
    policy_key = models.CharField(max_length=80)
    policy_version = models.PositiveIntegerField()
    control_list_version = models.PositiveIntegerField(null=True)
    list_versions = models.JSONField()
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id", "-id"], name="policy_determination_subject")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(requirement="exception") | ~Q(exception=""), name="policy_determination_names_exception"
            )
        ]

    def __str__(self) -> str:
        return (
            f"{self.subject_kind}:{self.subject_id}: {self.requirement} under {self.policy_key} {self.policy_version}"
        )
