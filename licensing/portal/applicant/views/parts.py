"""What a draft is put together from: items, parties, sites, documents. Each page lists what is there and adds one more."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from licensing.audit.refusals import Invalid
from licensing.cases.commands import drafting
from licensing.cases.models import Application
from licensing.portal.applicant import forms
from licensing.portal.applicant.views.drafts import draft_or_404, person_of
from licensing.portal.forms import add_problems


def _part(
    request: HttpRequest,
    application: Application,
    form: django_forms.Form,
    add: Callable[[dict[str, Any]], object],
    template: str,
    page: str,
) -> HttpResponse:
    """List and add: a page of the same kind for items, parties, sites and documents."""
    if request.method == "POST" and form.is_valid():
        try:
            add(form.cleaned_data)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect(page, application_id=application.pk)
    return render(request, template, {"application": application, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def items(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    application = draft_or_404(request, application_id)
    form = forms.ItemForm(request.POST or None, organization=application.organization)

    def add(data: dict[str, Any]) -> object:
        details = {name: value for name, value in data.items() if name != "model_version" and value is not None}
        return drafting.add_item(
            actor=person_of(request),
            application_id=application.pk,
            model_version_id=data["model_version"].pk,
            **details,
        )

    return _part(request, application, form, add, "applicant/items.html", "applicant:items")


@login_required
@require_http_methods(["GET", "POST"])
def parties(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    application = draft_or_404(request, application_id)
    prefetch_related_objects([application], "parties__party__owners__owner")
    form = forms.NamePartyForm(request.POST or None, organization=application.organization)

    def add(data: dict[str, Any]) -> object:
        return drafting.add_party(
            actor=person_of(request), application_id=application.pk, role=data["role"], party_id=data["party"].pk
        )

    return _part(request, application, form, add, "applicant/parties.html", "applicant:parties")


@login_required
@require_http_methods(["GET", "POST"])
def sites(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    application = draft_or_404(request, application_id)
    form = forms.NameSiteForm(request.POST or None, organization=application.organization)

    def add(data: dict[str, Any]) -> object:
        return drafting.add_site(actor=person_of(request), application_id=application.pk, site_id=data["site"].pk)

    return _part(request, application, form, add, "applicant/sites.html", "applicant:sites")


@login_required
@require_http_methods(["GET", "POST"])
def documents(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    application = draft_or_404(request, application_id)
    form = forms.AttachForm(request.POST or None, request.FILES or None)

    def add(data: dict[str, Any]) -> object:
        return drafting.attach(
            actor=person_of(request),
            application_id=application.pk,
            kind=data["kind"],
            title=data["title"],
            uploaded=data["file"],
        )

    return _part(request, application, form, add, "applicant/documents.html", "applicant:documents")


@login_required
@require_POST
def remove(request: HttpRequest, application_id: uuid.UUID, part: str, row_id: int) -> HttpResponse:
    """Take an item, party, site or document out of a draft."""
    application = draft_or_404(request, application_id)
    actor = person_of(request)
    match part:
        case "items":
            drafting.remove_item(actor=actor, application_id=application.pk, item_id=row_id)
        case "parties":
            drafting.remove_party(actor=actor, application_id=application.pk, row_id=row_id)
        case "sites":
            drafting.remove_site(actor=actor, application_id=application.pk, row_id=row_id)
        case _:
            drafting.detach(actor=actor, application_id=application.pk, attachment_id=row_id)
    return redirect(f"applicant:{part}", application_id=application.pk)
