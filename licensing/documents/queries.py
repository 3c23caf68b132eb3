"""Reading documents and files back. Permission, and the record of who read what, are the caller's."""

from typing import Protocol

from django.core.files.base import ContentFile, File

from licensing.documents.files import sha256_of, storage
from licensing.documents.models import Document


class Kept(Protocol):
    """A row that stands for a file in the storage: a `Document` or a `StoredFile`."""

    path: str
    sha256: str
    filename: str


class FileDamaged(Exception):
    """What lies in the storage is not what was put there."""


def content_of(row: Kept) -> bytes:
    """The bytes of a document or upload, checked against its hash.

    Raises FileDamaged when they are not what was stored, FileNotFoundError when they are gone.
    """
    with storage().open(row.path) as file:
        content: bytes = file.read()
    if sha256_of(content) != row.sha256:
        raise FileDamaged(f"{row.filename} no longer has the SHA-256 {row.sha256}")
    return content


def open_file(row: Kept) -> "File[bytes]":
    """The same as a file to hand to `FileResponse(..., as_attachment=True, filename=row.filename)`; never serve uploads inline."""
    return ContentFile(content_of(row), name=row.filename)


def versions(*, kind: str, subject_kind: str, subject_id: str) -> list[Document]:
    """Every version of a document, the newest first."""
    rows = Document.objects.filter(kind=kind, subject_kind=subject_kind, subject_id=str(subject_id))
    return list(rows.select_related("signed_by_key").order_by("-version"))


def latest(*, kind: str, subject_kind: str, subject_id: str) -> Document | None:
    """The newest version of a document, or None when none was made."""
    rows = Document.objects.filter(kind=kind, subject_kind=subject_kind, subject_id=str(subject_id))
    return rows.order_by("-version").first()
