"""A letter, to be read by whoever may see what it is about: the applicant it is written to, and the reviewers."""

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from licensing.accounts.models import Person
from licensing.audit.commands import access
from licensing.cases.models import Case
from licensing.documents.models import Document
from licensing.documents.queries import latest, open_file
from licensing.licenses.models import License
from licensing.texts.models import Letter


def _letter_or_404(request: HttpRequest, letter_id: uuid.UUID) -> tuple[Letter, Case]:
    """The letter and the case that it belongs to; what the person may not see does not exist."""
    found = get_object_or_404(Letter, pk=letter_id)
    cases = Case.objects.visible_to(cast(Person, request.user))
    if found.subject_kind == "license":
        return found, get_object_or_404(cases, licenses__in=License.objects.filter(pk=found.subject_id))
    return found, get_object_or_404(cases, pk=found.subject_id)


def _sealed(letter: Letter) -> Document | None:
    return latest(kind="letter", subject_kind="letter", subject_id=str(letter.pk))


@login_required
def letter(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    found, case = _letter_or_404(request, letter_id)
    access(cast(Person, request.user), case, f"letter {found.kind}")
    mine = Case.objects.filed_for(cast(Person, request.user)).filter(pk=case.pk).exists()
    return render(request, "letter.html", {"letter": found, "case": case, "mine": mine, "document": _sealed(found)})


@login_required
def letter_document(request: HttpRequest, letter_id: uuid.UUID) -> FileResponse:
    """The sealed PDF, byte for byte as it was made."""
    found, case = _letter_or_404(request, letter_id)
    document = _sealed(found)
    if document is None:
        raise Http404
    access(cast(Person, request.user), case, "document letter")
    return FileResponse(
        open_file(document), as_attachment=True, filename=document.filename, content_type="application/pdf"
    )
