"""What administrators publish: a version of a list, policy, control list or text, proposed by one person and published by another."""

from django.db import models
from django.db.models import F, Q

from licensing.audit.models import Chained


class PublicationState(models.TextChoices):
    DRAFT = "draft", "Draft"
    PROPOSED = "proposed", "Proposed"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


OPEN = (PublicationState.DRAFT.value, PublicationState.PROPOSED.value)


class Publication(Chained):
    """One version. `effective_at` says from when it holds, `published_at` since when it is known; a published row never changes."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=PublicationState.choices, default=PublicationState.DRAFT)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    source = models.TextField(blank=True)
    opened_by_id = models.CharField(max_length=64)
    opened_by_label = models.CharField(max_length=200)
    opened_at = models.DateTimeField(auto_now_add=True)
    proposed_by_id = models.CharField(max_length=64, blank=True)
    proposed_by_label = models.CharField(max_length=200, blank=True)
    proposed_at = models.DateTimeField(null=True)
    published_by_id = models.CharField(max_length=64, blank=True)
    published_by_label = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True)
    effective_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["kind", "key", "-version"]
        indexes = [
            models.Index(
                fields=["kind", "key", "-effective_at"], condition=Q(state="published"), name="publication_in_force"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "version"], name="publication_one_per_version"),
            models.UniqueConstraint(fields=["kind", "key"], condition=Q(state__in=OPEN), name="publication_one_open"),
            models.CheckConstraint(
                condition=Q(published_by_id="") | ~Q(published_by_id=F("proposed_by_id")), name="publication_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | (
                    ~Q(published_by_id="")
                    & ~Q(proposed_by_id="")
                    & Q(published_at__isnull=False, effective_at__isnull=False)
                ),
                name="publication_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.version}"
