"""The license PDF, rendered, signed and stored, beside bare WeasyPrint on the same HTML and variant; and what a worker weighs after 200."""

import json
import subprocess
import sys
import uuid
from dataclasses import asdict

from django.utils import timezone
from weasyprint import HTML

from bench.table import Row, in_turn
from licensing.audit.actors import SYSTEM
from licensing.documents import assets, render
from licensing.documents.commands import render_signed
from tests.examples.documents import license_document

TIMES = 30
PDFS = 200
TEMPLATE = "documents/license.html"


def _whole(number: int) -> None:
    document = license_document(reference=uuid.uuid4().hex)
    render_signed(
        kind="license", subject_kind="bench", subject_id=uuid.uuid4().hex, template=TEMPLATE, context=document,
        attachment={"context": json.loads(json.dumps(asdict(document), default=str))}, title="License", actor=SYSTEM,
    )  # fmt: skip


def _bare(number: int) -> None:
    document = license_document(reference=uuid.uuid4().hex)
    page = render.html(TEMPLATE, document=document, development=True, title="License", created_at=timezone.now())
    made = {render.QR: ("image/svg+xml", render.qr_code(document.verification_url))}
    HTML(string=page, base_url=assets.SCHEME, url_fetcher=assets.Bundled(made)).write_pdf(
        stylesheets=assets.styles(), font_config=assets.fonts(), pdf_variant=render.VARIANT
    )


def measure() -> list[Row]:
    ours, floor = in_turn(
        {"license PDF: rendered, signed, stored": _whole, "floor: bare WeasyPrint, same HTML and variant": _bare},
        TIMES,
        warm=2,
    )
    ours.note = f"{ours.p50_ms / floor.p50_ms:.2f} times bare (target 1.3)"
    return [ours, floor, _memory()]


def _memory() -> Row:
    """A process of its own draws 200 licenses, as a worker would, and says what it weighs."""
    told = subprocess.run([sys.executable, "-m", "bench.memory", str(PDFS)], check=True, capture_output=True, text=True)
    return Row(f"memory of a process after {PDFS} PDFs", rate=f"{told.stdout.strip()} MB", note="target: under 300 MB")
