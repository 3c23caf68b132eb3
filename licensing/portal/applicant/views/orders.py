"""Orders that were served on a company: its people read them, an official acknowledges them, the signed letter is theirs to keep."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from licensing.audit.commands import access
from licensing.audit.refusals import Invalid
from licensing.documents.queries import open_file
from licensing.policy.commands import acknowledge_order
from licensing.policy.models import Service
from licensing.policy.order_document import letter
from licensing.policy.order_versions import lines_of
from licensing.policy.permissions import may_acknowledge
from licensing.portal.applicant.views.drafts import person_of
from licensing.portal.forms import add_problems


class AcknowledgeForm(forms.Form):
    content_hash = forms.CharField(widget=forms.HiddenInput)


def service_or_404(request: HttpRequest, service_id: int) -> Service:
    mine = Service.objects.served_on(person_of(request).applicant_organizations())
    return get_object_or_404(mine, pk=service_id)


@login_required
@require_http_methods(["GET", "POST"])
def order(request: HttpRequest, service_id: int) -> HttpResponse:
    """What was served, and the acknowledgement of exactly that."""
    found, person = service_or_404(request, service_id), person_of(request)
    form = AcknowledgeForm(request.POST or None, initial={"content_hash": found.publication.content_hash})
    if request.method == "POST" and form.is_valid():
        try:
            acknowledge_order(actor=person, service_id=found.pk, **form.cleaned_data)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "Your company has acknowledged it.")
            return redirect("applicant:order", service_id=found.pk)
    access(person, found.order, "control order")
    context = {
        "service": found,
        "content": found.publication.content,
        "lines": lines_of(found.publication),
        "acknowledgement": getattr(found, "acknowledgement", None),
        "may_acknowledge": may_acknowledge(person, found.order),
        "form": form,
    }
    return render(request, "applicant/order.html", context)


@login_required
def order_letter(request: HttpRequest, service_id: int) -> FileResponse:
    """The order as a signed PDF; the same version gives the same document."""
    found = service_or_404(request, service_id)
    document = letter(found)
    access(person_of(request), found.order, "letter of a control order")
    return FileResponse(
        open_file(document), as_attachment=True, filename=document.filename, content_type="application/pdf"
    )
