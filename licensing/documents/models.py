"""What the system has written and signed, what people have handed in, and which keys it has signed with. No row ever changes."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

SHA256 = "^[0-9a-f]{64}$"


class SigningKey(models.Model):
    """A certificate that documents were signed with, kept for as long as one of them may be shown to somebody.

    `fingerprint` is the SHA-256 of the certificate (DER); `certificate` is PEM. A key that is replaced stays here, so that what it
    signed remains genuine.
    """

    fingerprint = models.CharField(max_length=64, primary_key=True)
    subject = models.CharField(max_length=300)
    certificate = models.TextField()
    development = models.BooleanField()
    first_used_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fingerprint__regex=SHA256), name="documents_key_fingerprint_is_sha256")
        ]

    def __str__(self) -> str:
        return self.subject


class Document(models.Model):
    """One version of one document: the PDF that went out, and everything it was made from.

    `sha256` is of the PDF; `content_hash` of `snapshot`, which holds the template's name and digest, the context, the embedded data
    and the title. `path` is a name in the document storage.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, unique=True)
    content_hash = models.CharField(max_length=64)
    snapshot = models.JSONField()
    size = models.PositiveBigIntegerField()
    filename = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    signed_by_key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="documents")
    signed_at = models.DateTimeField()
    created_by_id = models.CharField(max_length=64)
    created_by_label = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_kind", "subject_id", "version"], name="documents_document_one_per_version"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="documents_document_counts_from_one"),
            models.CheckConstraint(
                condition=Q(sha256__regex=SHA256, content_hash__regex=SHA256),
                name="documents_document_hashes_are_sha256",
            ),
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="documents_by_subject")]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"


class StoredFile(models.Model):
    """A file as it was handed in, bit for bit. Equal files share one place in the storage, never a row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=120)
    filename = models.CharField(max_length=200)
    path = models.CharField(max_length=200)
    stored_by_id = models.CharField(max_length=64)
    stored_by_label = models.CharField(max_length=200)
    stored_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="documents_file_hash_is_sha256"),
            models.CheckConstraint(condition=Q(size__gt=0), name="documents_file_is_not_empty"),
        ]
        indexes = [models.Index(fields=["sha256"], name="documents_file_by_hash")]

    def __str__(self) -> str:
        return self.filename


class FileScan(models.Model):
    """That a file was looked at for malware, and what was found; empty for a clean one."""

    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="scan")
    found = models.CharField(max_length=200, blank=True)
    scanned_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.found or "clean"
