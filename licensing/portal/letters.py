"""A letter, to be read by whoever may see what it is about: the applicant it is written to, and the reviewers."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import access
from licensing.cases.models import Appeal, Case
from licensing.documents.models import Document
from licensing.documents.queries import latest, open_file
from licensing.licenses.commands.answering import REGISTRATION, may_file_for
from licensing.licenses.commands.appealing import LICENSE, may_appeal, window
from licensing.licenses.models import License, Registration
from licensing.licenses.permissions import may_rule
from licensing.texts.models import Letter
from licensing.texts.queries import letters_about


@dataclass(frozen=True)
class Shown:
    """A letter in a list: the appeal against it, or up to when there may be one."""

    letter: Letter
    appeal: Appeal | None
    until: datetime | None


def shown(subject_kind: str, subject_id: str, at: datetime, *, mine: bool = False) -> list[Shown]:
    """The letters about a case, a license or the use of an authorization, the oldest first; whose they are sees what may be appealed."""
    letters = list(letters_about(subject_kind, subject_id))
    filed = {
        appeal.letter_id: appeal for appeal in Appeal.objects.filter(letter__in=letters).select_related("workflow")
    }
    return [
        Shown(letter, filed.get(letter.pk), window(letter, at).until if mine and letter.pk not in filed else None)
        for letter in letters
    ]


def letter_or_404(request: HttpRequest, letter_id: uuid.UUID) -> tuple[Letter, Case | Registration]:
    """The letter and what it belongs to, a case or the use of an authorization; what the person may not see does not exist.

    A letter about a license is also for the company that has taken it over since.
    """
    person = cast(Person, request.user)
    found = get_object_or_404(Letter, pk=letter_id)
    cases = Case.objects.visible_to(person)
    if found.subject_kind == REGISTRATION:
        mine = Registration.objects.filter(organization__in=person.applicant_organizations())
        seen = Registration.objects.all() if may_rule(person) else mine
        return found, get_object_or_404(seen.select_related("organization"), pk=found.subject_id)
    if found.subject_kind == LICENSE:
        license_ = get_object_or_404(License.objects.select_related("case"), pk=found.subject_id)
        if license_.licensee_id in person.applicant_organizations():
            return found, license_.case
        return found, get_object_or_404(cases, pk=license_.case_id)
    return found, get_object_or_404(cases, pk=found.subject_id)


def _back(letter: Letter, mine: bool) -> str:
    if letter.subject_kind == REGISTRATION:
        key, _, record = letter.reference.rpartition("-")
        return (
            reverse("applicant:duty_record", args=[key, record]) if mine else reverse("reviewer:notice", args=[record])
        )
    kind = LICENSE if letter.subject_kind == LICENSE else "case"
    return reverse(f"{'applicant' if mine else 'reviewer'}:{kind}", args=[letter.reference])


def _about(letter: Letter, mine: bool) -> list[Shown]:
    return shown(letter.subject_kind, letter.subject_id, timezone.now(), mine=mine)


def _sealed(letter: Letter) -> Document | None:
    return latest(kind="letter", subject_kind="letter", subject_id=str(letter.pk))


@login_required
def letter(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    person = cast(Person, request.user)
    found, subject = letter_or_404(request, letter_id)
    access(person, subject, f"letter {found.kind}")
    mine = (
        may_file_for(person, subject.organization) if isinstance(subject, Registration) else may_appeal(person, found)
    )
    context = {
        "letter": found,
        "back": _back(found, mine),
        "mine": mine,
        "document": _sealed(found),
        "row": next(each for each in _about(found, mine) if each.letter == found),
    }
    return render(request, "letter.html", context)


@login_required
def letter_document(request: HttpRequest, letter_id: uuid.UUID) -> FileResponse:
    """The sealed PDF, byte for byte as it was made."""
    found, subject = letter_or_404(request, letter_id)
    document = _sealed(found)
    if document is None:
        raise Http404
    access(cast(Person, request.user), subject, "document letter")
    return FileResponse(
        open_file(document), as_attachment=True, filename=document.filename, content_type="application/pdf"
    )
