"""Parties that a reviewer has uploaded in a file, screened in parts by workers."""

import uuid
from typing import TYPE_CHECKING

from django.db import models

from licensing.audit.models import Chained

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


PART = 200  # parties that a worker screens under one lease


class Batch(Chained):
    """One file of parties against the lists that were in force when it came. Nothing in it is a case's: it decides nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    filename = models.CharField(max_length=200)
    queries = models.JSONField()
    snapshots = models.JSONField()
    engine_version = models.CharField(max_length=80)
    thresholds = models.JSONField()
    at = models.DateTimeField()
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)

    if TYPE_CHECKING:
        parts: RelatedManager["BatchPart"]

    class Meta:
        ordering = ["-at"]
        verbose_name_plural = "batches"
        indexes = [models.Index(fields=["actor_id", "-at"], name="screening_batch_by_actor")]

    def __str__(self) -> str:
        return self.filename

    @property
    def parts_owed(self) -> int:
        return -(-len(self.queries) // PART)


class BatchPart(models.Model):
    """The answers to one part of a batch, in the order of the file; `number` counts from 0. Rows are only ever added."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    answers = models.JSONField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="screening_batch_part_once")]

    def __str__(self) -> str:
        return f"{self.batch_id} #{self.number}"
