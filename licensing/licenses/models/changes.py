"""What a licensee asks to have changed: more time, a new name, a transfer to somebody else."""

from django.db import models
from django.db.models import F, Q


class ChangeRequest(models.Model):
    """One request; granting it makes the next revision of the license, `result`: one officer proposes to, another does. A license is
    transferred once (15 CFR 750.10).

    `asked` holds what is asked, `letter` the statements that the law wants with it, by their keys (`changes.LETTERS`).
    """

    class Kind(models.TextChoices):
        EXTENSION = "extension", "Extension of validity"
        NAME_CHANGE = "name_change", "Change of name"
        TRANSFER = "transfer", "Transfer to another company"

    license = models.ForeignKey("licenses.License", on_delete=models.PROTECT, related_name="change_requests")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    asked = models.JSONField()
    letter = models.JSONField(default=dict)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    transferee = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    acceptance = models.JSONField(default=dict)
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    granted = models.BooleanField(null=True)
    reason = models.TextField(blank=True)
    result = models.OneToOneField("licenses.License", on_delete=models.PROTECT, null=True, related_name="granted_by")

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(decided_at__isnull=True), name="change_request_one_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(kind="transfer", granted=True), name="license_transferred_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(decided_by__isnull=False, granted__isnull=False),
                name="change_request_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(kind="transfer", granted=True) | Q(transferee__isnull=False, accepted_by__isnull=False),
                name="change_request_transfer_accepted",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")), name="change_request_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(granted=True) | (Q(proposed_by__isnull=False) & ~Q(proposed_by=F("decided_by"))),
                name="change_request_granted_by_two",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
