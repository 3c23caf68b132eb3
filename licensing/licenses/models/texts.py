"""The texts of a license, as they stood when it was issued, what has become of them, and who has acknowledged them."""

from django.db import models
from django.db.models import F, Q

from licensing.cases.rules import sha256
from licensing.licenses.models.license import License


class LicenseText(models.Model):
    """A condition, which binds, or a rider, which explains; the text as it stood when the license was issued.

    `duty` and `parameters` say the same to a machine (`texts.duties`), `binds` whom. A `precedent` condition blocks use until it
    is met. `items` are the numbers of those that it is limited to, none for all. A condition lapses when what it is about needs no
    license any more (15 CFR 750.7(i)); no person means the system.
    """

    class Kind(models.TextChoices):
        CONDITION = "condition", "Condition"
        RIDER = "rider", "Rider"

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="texts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField()
    parameters = models.JSONField(default=dict)
    duty = models.CharField(max_length=30, default="plain")
    binds = models.JSONField(default=list)
    items = models.JSONField(default=list)
    precedent = models.BooleanField(default=False)
    citation = models.TextField(blank=True)
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    met_evidence = models.TextField(blank=True)
    lapsed_at = models.DateTimeField(null=True)
    lapsed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, null=True, related_name="+")
    lapse_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["kind", "number"]
        constraints = [
            models.UniqueConstraint(fields=["license", "kind", "number"], name="license_text_once"),
            models.CheckConstraint(
                condition=Q(met_at__isnull=True) | ~Q(met_evidence=""), name="license_text_met_on_evidence"
            ),
            models.CheckConstraint(
                condition=Q(lapsed_at__isnull=True) | ~Q(lapse_reason=""), name="license_text_lapsed_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def digest(self) -> str:
        """The SHA-256 of what it says, the same in every revision."""
        return sha256({"key": self.key, "version": self.version, "body": self.body})


class Acknowledgment(models.Model):
    """That a bound party, who is no user, acknowledges the conditions that bind it: by a link that works once (15 CFR 750.7(d)).

    Only the SHA-256 of the link's token is kept. `texts` are the conditions as they were shown and accepted: number, key, version, title
    and SHA-256 of each; `texts_digest` is that of them all. The database refuses to change one that is given.
    """

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="acknowledgments")
    party_name = models.CharField(max_length=300)
    sent_to = models.EmailField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    token_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    texts = models.JSONField(default=list)
    texts_digest = models.CharField(max_length=64)
    acknowledged_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    identity_shown_by = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["sent_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True)
                | (~Q(name="") & ~Q(title="") & ~Q(email="") & ~Q(identity_shown_by="")),
                name="acknowledgment_shows_identity",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True) | Q(acknowledged_at__lt=F("expires_at")),
                name="acknowledgment_in_time",
            ),
        ]

    def __str__(self) -> str:
        return self.party_name
