"""Letters that were written: what each says, from which template and paragraphs, and with which values."""

import uuid

from django.db import models


class Letter(models.Model):
    """One letter, as it went out. `kind` is one of `letters.KINDS`; `blocks` is what it says, `texts` the versions used.

    `source` is the template as the officer left it. The subject is a case or a license; its room asks for the permission and keeps
    the event.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    reference = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    addressee = models.JSONField()
    source = models.TextField()
    texts = models.JSONField()
    values = models.JSONField()
    blocks = models.JSONField()
    written_at = models.DateTimeField()
    written_by_id = models.CharField(max_length=64)
    written_by_label = models.CharField(max_length=200)

    class Meta:
        ordering = ["written_at"]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="texts_letter_by_subject")]

    def __str__(self) -> str:
        return f"{self.title} ({self.reference})"
