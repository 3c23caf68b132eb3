"""Messages to people: a row first, a mail afterwards."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Notice(models.Model):
    """One message to one address. Its words never change; `sent_at` is written once, when a mail server has taken it.

    Attempts, lease and due time belong to its outbox row. `about` names what it tells of, as `cases.case:42`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    to_person_id = models.CharField(max_length=64, blank=True)
    to_email = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    about = models.CharField(max_length=130, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__regex=r"^[^\r\n]+$"), name="notices_notice_subject_is_one_line"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="notices_notice_says_something"),
        ]
        indexes = [
            models.Index(fields=["about"], name="notices_by_subject"),
            models.Index(fields=["to_person_id", "created_at"], name="notices_by_person"),
            models.Index(fields=["created_at"], condition=Q(sent_at=None), name="notices_unsent"),
        ]

    def __str__(self) -> str:
        return f"{self.name} to {self.to_email}"
