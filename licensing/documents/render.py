"""From a template and its context to an unsigned, tagged PDF/A-3a that follows PDF/UA-1 and carries its own data.

Nothing is fetched (see `assets`), and user text is only ever a value in an autoescaped template, never a template.
The same input gives the same bytes.
"""

import gc
import hashlib
import io
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.template.loader import get_template
from weasyprint import HTML, Attachment

from licensing.documents import assets, pdfua

VARIANT = "pdf/a-3a"
QR = "qr.svg"

# Pango's font map is shared by all documents of a process and is not made for two threads.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Data that travel inside the PDF as an associated file."""

    name: str
    description: str
    data: Mapping[str, Any]

    def content(self) -> bytes:
        return json.dumps(self.data, ensure_ascii=False, indent=1, sort_keys=True).encode()


def html(template: str, *, document: object, development: bool, title: str, created_at: datetime) -> str:
    """The page as HTML. The template sees `document`, `title`, `created_at`, `development` and `qr`, and nothing else."""
    values = {
        "document": document,
        "title": title,
        "created_at": created_at,
        "development": development,
        "qr": f"{assets.SCHEME}{QR}" if verification_url(document) else "",
    }
    return get_template(template).render(values)


def pdf(page: str, *, embedded: Embedded | None, identifier: str, created_at: datetime, verify_at: str = "") -> bytes:
    """An unsigned PDF/A-3a of this HTML. `identifier` becomes the PDF's own; `verify_at` is the address in the QR code."""
    made = {QR: ("image/svg+xml", qr_code(verify_at))} if verify_at else {}
    attachments = [_attachment(embedded, created_at)] if embedded else []
    with _one_at_a_time, _uncollected():
        written: bytes = HTML(string=page, base_url=assets.SCHEME, url_fetcher=assets.Bundled(made)).write_pdf(
            stylesheets=assets.styles(),
            font_config=assets.fonts(),
            pdf_variant=VARIANT,
            pdf_identifier=hashlib.sha256(identifier.encode()).digest()[:16],
            attachments=attachments,
            finisher=pdfua.claim,
        )
    return written


@contextmanager
def _uncollected() -> Iterator[None]:
    """The boxes of a document refer to each other: they are looked for once, when it is drawn, and not again and again while it is made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        if enabled:
            gc.enable()


def _attachment(embedded: Embedded, created_at: datetime) -> Attachment:
    return Attachment(
        string=embedded.content(),
        name=embedded.name,
        description=embedded.description,
        created=created_at,
        modified=created_at,
        relationship="Data",
    )


def qr_code(address: str) -> bytes:
    """The address as an SVG of one path; error correction M, so that a stamp across a corner does not spoil it."""
    drawn = io.BytesIO()
    segno.make_qr(address, error="m").save(drawn, kind="svg", border=0, xmldecl=False, svgns=True, dark="#14233b")
    return drawn.getvalue()


def verification_url(document: object) -> str:
    """The verification address that a context names, or an empty string."""
    if isinstance(document, Mapping):
        return str(document.get("verification_url") or "")
    return str(getattr(document, "verification_url", "") or "")
