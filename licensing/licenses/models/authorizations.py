"""Authorizations that need no case: who has registered for one, and what they have certified, notified, filed and reported.

What an authorization allows and asks for is published data (`licensing.licenses.authorizations.catalog`); here stands what was
done about it.
"""

from django.db import models
from django.db.models import Q

from licensing.audit.models import Chained
from licensing.licenses.authorizations.answers import Said, Standing, standing


class Registration(Chained):
    """That an organization uses an authorization, from a day on, until it ends it; one at a time."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="registrations")
    authorization = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    statement = models.TextField()
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["authorization", "registered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "authorization"], condition=Q(ended_at__isnull=True), name="registration_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.authorization} by {self.organization}"


class DutyRecord(models.Model):
    """One thing that a registered organization did because an authorization asks for it. Rows are only ever added.

    `recipient_hash` is `entente_check.name_hash` of name and country. A correction of a report is a row of its own, with its sign.
    """

    class Kind(models.TextChoices):
        CERTIFICATION = "certification", "Certification"
        NOTICE = "notice", "Notice"
        REPORT = "report", "Report of use"
        FILING = "filing", "Filing of the certification"

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    recipient = models.CharField(max_length=300)
    country = models.CharField(max_length=10)
    recipient_hash = models.CharField(max_length=64)
    model_hash = models.CharField(max_length=64, blank=True)
    quantity = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    used_on = models.DateField(null=True)
    statement = models.TextField(blank=True)
    signed_by = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["recorded_at", "pk"]
        indexes = [models.Index(fields=["registration", "recipient_hash", "kind"], name="duty_record_by_recipient")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="report") | Q(quantity__isnull=False, used_on__isnull=False),
                name="duty_report_says_what_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(kind="certification") | (~Q(statement="") & ~Q(signed_by="")),
                name="duty_certification_says_what_and_who",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.recipient}"

    def standing(self) -> Standing:
        """Where it stands; without a query after `prefetch_related("answers")`."""
        return standing((answer.kind, answer.text) for answer in self.answers.all())


class DutyAnswer(models.Model):
    """One thing that was said about a record, by an officer, or by the company in answer to a question. Rows are only ever added."""

    record = models.ForeignKey(DutyRecord, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=20, choices=[(said.value, said.value) for said in Said])
    text = models.TextField()
    said_at = models.DateTimeField()
    said_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:60]}"
