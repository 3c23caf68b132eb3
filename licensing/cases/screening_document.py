"""A screening run as a signed PDF, for an inspector; the whole record travels inside it as JSON."""

from licensing.accounts.queries import authority_block
from licensing.audit.actors import Actor
from licensing.audit.canonical import plain
from licensing.documents.commands import render_signed
from licensing.documents.models import Document
from licensing.documents.queries import content_of
from licensing.screening.exports import as_csv, as_json, record_of
from licensing.screening.models import ScreeningRun


def render_run(run: ScreeningRun, actor: Actor) -> Document:
    """The document of a run; the same record gives the one that is there already."""
    record = record_of(run)
    return render_signed(
        kind="screening",
        subject_kind="screening_run",
        subject_id=str(run.pk),
        template="documents/screening.html",
        context={"authority": plain(authority_block()), **record},
        attachment=record,
        title=f"Screening {run.pk}",
        actor=actor,
    )


def exported(run: ScreeningRun, format_: str, actor: Actor) -> bytes:
    """The record as json, csv or pdf."""
    if format_ == "pdf":
        return content_of(render_run(run, actor))
    record = record_of(run)
    return as_csv(record) if format_ == "csv" else as_json(record)
