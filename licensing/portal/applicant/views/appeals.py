"""An appeal against what a letter tells: filed on the letter's page, then followed there, with the stay that is asked for."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.cases.models import Appeal, Case
from licensing.licenses.commands.appealing import file_appeal, may_appeal, request_stay, window
from licensing.portal.applicant import forms
from licensing.portal.applicant.views.drafts import person_of
from licensing.portal.forms import carried_out
from licensing.portal.letters import letter_or_404


@login_required
@require_http_methods(["GET", "POST"])
def appeal(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """The form of an appeal; once it is filed, where it stands, and the form that asks for a stay."""
    letter, case = letter_or_404(request, letter_id)
    if not isinstance(case, Case) or not may_appeal(person_of(request), letter):
        raise Http404
    filed = Appeal.objects.filter(letter=letter).select_related("workflow").first()
    form = (forms.StayForm if filed else forms.AppealForm)(request.POST or None)

    def act(data: dict[str, Any]) -> object:
        if filed:
            return request_stay(actor=person_of(request), appeal_id=filed.pk, reason=data["stay"])
        return file_appeal(actor=person_of(request), letter_id=letter.pk, **data)

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, "The stay is asked for." if filed else "Your appeal is filed.")
        return redirect("applicant:appeal", letter_id=letter.pk)
    context = {
        "letter": letter,
        "case": case,
        "appeal": filed,
        "stays": filed.stays.all() if filed else (),
        "may_ask": filed and filed.decided_at is None and not filed.stays.open().exists(),
        "form": form,
        "window": window(letter, timezone.now()),
    }
    return render(request, "applicant/appeal.html", context)
