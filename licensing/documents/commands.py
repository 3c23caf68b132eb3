"""Making documents and taking files in. Whether the actor may, and the event that tells of it, are the caller's."""

import hashlib
import uuid
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.template.loader import get_template
from django.utils import timezone

from licensing.audit.actors import Actor
from licensing.audit.canonical import digest, plain
from licensing.audit.commands import refusals_logged
from licensing.audit.refusals import Invalid
from licensing.documents import filetypes, pdfcheck, render, scanning, sign
from licensing.documents.files import keep, sha256_of
from licensing.documents.models import Document, SigningKey, StoredFile
from licensing.documents.queries import latest
from licensing.documents.verify import verify

REASONS = {
    "license": "Issue of an export license",
    "application": "Record of an application as filed",
    "letter": "Letter of the authority",
}


class Uploaded(Protocol):
    """A file as Django's forms and Django REST framework hand it over."""

    @property
    def name(self) -> str | None: ...

    @property
    def size(self) -> int | None: ...

    def read(self, size: int = -1, /) -> bytes: ...


def render_signed(
    *,
    kind: str,
    subject_kind: str,
    subject_id: str,
    template: str,
    context: object,
    attachment: Mapping[str, Any],
    title: str,
    actor: Actor,
    filename: str = "",
) -> Document:
    """Render a template to a tagged PDF/A-3a, sign it, store it, and return its row as the next version for this subject.

    `context` is a `LicenseDocument`, an `ApplicationDocument` (see `documents.context`) or a mapping with plain values; the template
    sees it as `document`. `attachment` travels inside the PDF as `<kind>.json`. `template` is a name such as
    "documents/license.html". The same input signed by the same key gives the document that is there already, so a task that runs
    twice makes one document. Call it outside a long transaction: rendering takes some tenths of a second.
    Raises `sign.KeyUnusable` when the configured key cannot be used.
    """
    snapshot = plain(
        {
            "template": template,
            "template_sha256": _template_digest(template),
            "title": title,
            "context": context,
            "attachment": attachment,
        }
    )
    content_hash = digest(snapshot)
    key = sign.key()
    newest = latest(kind=kind, subject_kind=subject_kind, subject_id=str(subject_id))
    if newest and newest.content_hash == content_hash and newest.signed_by_key_id == key.fingerprint:
        return newest
    document_id, created_at = uuid.uuid4(), timezone.now().replace(microsecond=0)
    page = render.html(template, document=context, development=key.development, title=title, created_at=created_at)
    unsigned = render.pdf(
        page,
        embedded=render.Embedded(
            name=f"{kind}.json",
            description=f"{title}, for machines",
            data={
                "document": {"id": str(document_id), "kind": kind, "title": title, "content_sha256": content_hash},
                kind: plain(attachment),
            },
        ),
        identifier=str(document_id),
        created_at=created_at,
        verify_at=render.verification_url(context),
    )
    signed = sign.sign(unsigned, reason=REASONS.get(kind, title))
    document = Document(
        id=document_id,
        kind=kind,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        title=title,
        sha256=sha256_of(signed),
        content_hash=content_hash,
        snapshot=snapshot,
        size=len(signed),
        filename=filetypes.safe_filename(filename or title, filetypes.PDF),
        path=keep(signed),
        signed_by_key_id=key.fingerprint,
        signed_at=created_at,
        created_by_id=actor.actor_id,
        created_by_label=actor.actor_label,
    )
    return _next_version(document, key)


@transaction.atomic
def _next_version(document: Document, key: sign.Key) -> Document:
    """Give the document its number; two workers on one subject take turns, and the second finds what the first has made."""
    _lock(f"{document.kind}:{document.subject_kind}:{document.subject_id}")
    newest = latest(kind=document.kind, subject_kind=document.subject_kind, subject_id=document.subject_id)
    if newest and newest.content_hash == document.content_hash and newest.signed_by_key_id == key.fingerprint:
        return newest
    SigningKey.objects.get_or_create(
        fingerprint=key.fingerprint,
        defaults={"subject": key.subject, "certificate": key.certificate, "development": key.development},
    )
    document.version = newest.version + 1 if newest else 1
    document.save(force_insert=True)
    return document


def _lock(name: str) -> None:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _template_digest(template: str) -> str:
    """Of the template's own source: with it and the context a document can be made again."""
    source: str = get_template(template).template.source  # type: ignore[attr-defined]
    return hashlib.sha256(source.encode()).hexdigest()


@refusals_logged("documents:file:refused")
def store_upload(
    *,
    actor: Actor,
    uploaded: Uploaded,
    kept: int,
    allowed: Collection[str] = filetypes.EVERY_TYPE,
    field: str = "file",
) -> StoredFile:
    """Take a file in, as it is, when its content is of an allowed type.

    `allowed` holds media types (`documents.filetypes`); `kept` says how many files the subject has already. The name is made safe;
    the bytes are not touched. Raises Invalid, naming `field`, for a file that is too large, one too many, empty, damaged, of another type,
    encrypted or active (scripts, macros, actions).
    """
    name = uploaded.name or "file"
    if kept >= settings.UPLOAD_MOST_FILES:
        raise Invalid.one(
            field, name, f"There are {kept} files already, which is the most. Remove one first, or join files."
        )
    content = uploaded.read(settings.UPLOAD_LARGEST_BYTES + 1)
    if len(content) > settings.UPLOAD_LARGEST_BYTES:
        largest = settings.UPLOAD_LARGEST_BYTES // 2**20
        raise Invalid.one(field, name, f"The file is larger than {largest} MB. Choose a smaller one, or split it.")
    media_type = _accepted_type(content, name, allowed, field)
    with transaction.atomic():
        stored = StoredFile.objects.create(
            sha256=sha256_of(content),
            size=len(content),
            media_type=media_type,
            filename=filetypes.safe_filename(name, media_type),
            path=keep(content),
            stored_by_id=actor.actor_id,
            stored_by_label=actor.actor_label,
        )
        scanning.owe(stored)
    return stored


def _accepted_type(content: bytes, name: str, allowed: Collection[str], field: str) -> str:
    try:
        media_type = filetypes.find_type(content, name)
        if media_type in allowed and media_type == filetypes.PDF and not _issued_by_us(content):
            pdfcheck.refuse_active_or_locked(content)
    except filetypes.Unwanted as unwanted:
        raise Invalid.one(field, name, str(unwanted)) from None
    if media_type not in allowed:
        wanted = ", ".join(filetypes.NAMES[each] for each in sorted(allowed))
        raise Invalid.one(field, name, f"This is a {filetypes.NAMES[media_type]}. Choose one of: {wanted}.")
    return media_type


def _issued_by_us(content: bytes) -> bool:
    """Whether it is, byte for byte and by its signature, a document of ours: such a one may hold its data as a file."""
    return Document.objects.filter(sha256=sha256_of(content)).exists() and verify(content).genuine
