"""An attachment of an application, for the applicant and for reviewers of its case: always as a download, never shown in place."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404

from licensing.accounts.models import Person
from licensing.audit.commands import access
from licensing.cases.models import Application, Attachment, Case
from licensing.documents.queries import open_file
from licensing.documents.scanning import require_safe


@login_required
def attachment(request: HttpRequest, attachment_id: int) -> FileResponse:
    """Bit for bit what was handed in. What is infected, or not looked at yet, is refused with the reason."""
    person = cast(Person, request.user)
    mine, reviewed = Application.objects.visible_to(person), Case.objects.visible_to(person)
    seen = Q(application__in=mine) | Q(application__case__in=reviewed)
    found = get_object_or_404(Attachment.objects.filter(seen).select_related("file", "application"), pk=attachment_id)
    require_safe(found.file)
    access(person, found.application, f"attachment {found.pk}")
    return FileResponse(
        open_file(found.file), as_attachment=True, filename=found.file.filename, content_type="application/octet-stream"
    )
