"""The trail: who did what, to what, when; and what ties it together so that nobody can mend it afterwards.

An event holds the SHA-256 of the one before it on the same subject; the subject's own row holds the last one; a checkpoint
holds, each minute, the last one of every subject that moved, and the SHA-256 of the checkpoint before it (15 CFR 762.5(b)).
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now


class TransactionId(models.Func):
    """The writing transaction, so that a checkpoint can tell a late commit from none."""

    template = "pg_current_xact_id()::text"
    arity = 0
    output_field = models.TextField()


class Chained(models.Model):
    """A row that has a trail: how long it is, and the hash of its last event. Only `commands.record` writes these."""

    audit_sequence = models.PositiveIntegerField(default=0, editable=False)
    audit_head = models.CharField(max_length=64, default="", blank=True, editable=False)

    class Meta:
        abstract = True


class Event(models.Model):
    """One thing that was done to one subject. Rows are only ever added."""

    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    sequence = models.PositiveIntegerField()
    event = models.CharField(max_length=80)
    at = models.DateTimeField()
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    workflow_hash = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    xact = models.BigIntegerField(db_default=Cast(TransactionId(), models.BigIntegerField()), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "sequence"], name="audit_event_one_per_place"
            ),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="audit_event_counts_from_one"),
            models.CheckConstraint(
                condition=Q(sequence=1, previous_hash="") | Q(sequence__gt=1, previous_hash__regex="^[0-9a-f]{64}$"),
                name="audit_event_names_the_one_before",
            ),
        ]
        indexes = [
            models.Index(fields=["xact"], name="audit_event_by_transaction"),
            models.Index(fields=["actor_id", "at"], name="audit_event_by_actor"),
            models.Index(fields=["at"], name="audit_event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} #{self.sequence} {self.event}"


class Checkpoint(models.Model):
    """A numbered seal over the heads that moved since the one before. Rows are only ever added.

    `horizon` is the transaction below which everything was finished; `through` the highest event sealed so far.
    """

    number = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    horizon = models.BigIntegerField()
    through = models.BigIntegerField()
    count = models.PositiveIntegerField()
    heads_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"checkpoint {self.number}"


class CheckpointHead(models.Model):
    """The last event of one subject at a checkpoint. Rows are only ever added."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="heads")
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    sequence = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("checkpoint"), F("subject_kind"), F("subject_id"), name="audit_head_one_per_checkpoint"
            )
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id", "sequence"], name="audit_head_by_subject")]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} #{self.sequence}"


class Refusal(models.Model):
    """A command that was refused: who asked for what, and the answer. Rows are only ever added."""

    at = models.DateTimeField(db_default=Now(), editable=False)
    event = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)
    code = models.CharField(max_length=60)
    sentence = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="audit_refusal_by_subject"),
            models.Index(fields=["actor_id", "at"], name="audit_refusal_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.event} refused to {self.actor_label}: {self.code}"


class Access(models.Model):
    """Somebody read something: a case file, a document. Rows are only ever added."""

    at = models.DateTimeField(db_default=Now(), editable=False)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    what = models.CharField(max_length=200)
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "accesses"
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="audit_access_by_subject"),
            models.Index(fields=["actor_id", "at"], name="audit_access_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} read {self.what} of {self.subject_kind}:{self.subject_id}"
