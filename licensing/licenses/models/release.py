"""What machines ask for and are given: the scope of a license, checks at the moment of release, the keys of credentials."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from licensing.audit.models import Chained


class LicenseTerms(models.Model):
    """The scope of a license for machines, as it was issued (`licensing.licenses.scopes`); it never changes."""

    license = models.OneToOneField(
        "licenses.License", on_delete=models.PROTECT, primary_key=True, related_name="release_terms"
    )
    scope = models.JSONField()

    def __str__(self) -> str:
        return str(self.scope["number"])


class ReleaseScope(models.Model):
    """One thing that a license allows: this model, in this country, to this recipient. Its index makes a check as fast among
    many licenses as among few.
    """

    terms = models.ForeignKey(LicenseTerms, on_delete=models.PROTECT, related_name="allowed")
    licensee = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")
    model_hash = models.CharField(max_length=64)
    destination = models.CharField(max_length=10)
    recipient = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["licensee", "model_hash", "destination", "recipient"], name="release_scope_by_release")
        ]

    def __str__(self) -> str:
        return f"{self.model_hash[:8]} to {self.destination}"


class ReleaseCheck(models.Model):
    """A check at the moment of release, kept as evidence: the question, the facts, the answer, the rules and their versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    at = models.DateTimeField()
    release = models.JSONField()
    facts = models.JSONField()
    allowed = models.BooleanField()
    under_kind = models.CharField(max_length=20, blank=True)
    under = models.CharField(max_length=100, blank=True)
    answer = models.JSONField()

    class Meta:
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["organization", "-asked_at"], name="release_check_by_organization")]
        constraints = [
            models.CheckConstraint(
                condition=Q(allowed=False, under_kind="", under="") | (Q(allowed=True) & ~Q(under_kind="")),
                name="release_check_allowed_under_something",
            )
        ]

    def __str__(self) -> str:
        return f"{'Allowed' if self.allowed else 'Not allowed'} under {self.under or 'nothing'}"


class CredentialKey(Chained):
    """A key that credentials and bundles are signed with. `kid` is its thumbprint (RFC 7638), `x` the public key, base64url.

    What a retired key signed before it was retired stays good; a withdrawn one is no longer in the key set, and proves nothing.
    """

    kid = models.CharField(max_length=43, primary_key=True)
    x = models.CharField(max_length=43)
    first_used_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["first_used_at", "kid"]
        constraints = [
            models.CheckConstraint(
                condition=Q(retired_at__gte=F("first_used_at")), name="credential_key_retired_after_use"
            )
        ]

    def __str__(self) -> str:
        return self.kid

    def signs_at(self, at: datetime) -> bool:
        return self.withdrawn_at is None and (self.retired_at is None or at < self.retired_at)
