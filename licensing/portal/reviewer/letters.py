"""Writing to the applicant: what is to be said, and beside it how the letter reads."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from licensing.audit.refusals import Invalid
from licensing.cases.commands.writing import INFORM, inform_applicant
from licensing.cases.letters import drafted
from licensing.portal.forms import add_problems
from licensing.portal.reviewer.forms import LetterForm
from licensing.portal.reviewer.views import case_or_404, person_of


@login_required
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, control_number: str) -> HttpResponse:
    """Nothing is sent before `send` is pressed; until then the letter is only shown."""
    found = case_or_404(request, control_number)
    form = LetterForm(request.POST or None)
    data = form.cleaned_data if form.is_valid() else {"reason": "", "letter": request.POST.get("letter", "")}
    if form.is_valid() and "send" in request.POST:
        try:
            inform_applicant(actor=person_of(request), case_id=found.pk, reason=data["reason"], source=data["letter"])
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "The letter is on its way.")
            return redirect("reviewer:case", control_number=control_number)
    letter = drafted(found, INFORM, data["reason"], data["letter"])
    return render(request, "reviewer/write.html", {"form": form, "case": found, "letter": letter})
