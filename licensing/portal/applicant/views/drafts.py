"""The applicant's drafts: task list, topics, check your answers, certify, file."""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_certify
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.cases.commands import drafting
from licensing.cases.commands.filing import CERTIFICATION_TEXT, certify, file_application
from licensing.cases.models import Application
from licensing.cases.queries import as_filed, determination_today, still_missing
from licensing.cases.rules import sha256
from licensing.countries.queries import names
from licensing.portal.applicant import forms, pages
from licensing.portal.forms import add_problems
from licensing.texts.queries import text


def person_of(request: HttpRequest) -> Person:
    return cast(Person, request.user)


def draft_or_404(request: HttpRequest, application_id: uuid.UUID) -> Application:
    """A draft of the person's own organizations; what they may not see does not exist."""
    drafts = Application.objects.visible_to(person_of(request)).drafts().select_related("organization")
    return get_object_or_404(drafts, pk=application_id)


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    organizations = list(person_of(request).applicant_organizations())
    if not organizations:
        raise NotPermitted("no_organization", "You do not prepare applications for any organization.")
    form = forms.StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        application = drafting.start_application(
            actor=person_of(request), organization_id=organizations[0].pk, name=form.cleaned_data["name"]
        )
        return redirect("applicant:tasks", application_id=application.pk)
    return render(
        request, "applicant/form.html", {"form": form, "title": "Start an application", "back": "applicant:home"}
    )


@login_required
def tasks(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    application = draft_or_404(request, application_id)
    filed = as_filed(application)
    missing = still_missing(filed, person_of(request))
    return render(
        request,
        "applicant/tasks.html",
        {
            "application": application,
            "tasks": pages.tasks(filed, missing),
            "complete": not missing,
            "certification": standing(application, filed),
        },
    )


def standing(application: Application, filed: dict[str, Any]) -> Any:
    """The certification that still fits what would be filed, or None."""
    return application.certifications.filter(voided_at__isnull=True, application_sha256=sha256(filed)).first()


@login_required
@require_http_methods(["GET", "POST"])
def topic(request: HttpRequest, application_id: uuid.UUID, slug: str) -> HttpResponse:
    """One topic of questions. What was typed is saved even when something else is still missing."""
    application = draft_or_404(request, application_id)
    title, form_class = forms.TOPICS[slug]
    form = form_class(request.POST or None, initial=forms.initial(form_class, application))
    if request.method == "POST" and form.is_valid():
        answers = {name: value for name, value in form.cleaned_data.items() if value is not None or name != "sector"}
        try:
            drafting.edit_application(actor=person_of(request), application_id=application.pk, **answers)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("applicant:tasks", application_id=application.pk)
    return render(request, "applicant/topic.html", {"form": form, "title": title, "application": application})


@login_required
def check(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    """Check your answers: everything on one page, and all that is missing, each with its place."""
    application = draft_or_404(request, application_id)
    filed = as_filed(application)
    return render(
        request,
        "applicant/check.html",
        {
            "application": application,
            "sections": pages.sections(filed, names()),
            "gaps": pages.gaps(still_missing(filed, person_of(request))),
            "determination": determination_today(filed, person_of(request)),
            "sha256": sha256(filed),
            "certification": standing(application, filed),
            "may_certify": may_certify(person_of(request), application.organization),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def certification(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    application = draft_or_404(request, application_id)
    form = forms.CertifyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            certify(actor=person_of(request), application_id=application.pk, **form.cleaned_data)
        except Invalid as invalid:
            if invalid.code == "incomplete":
                return redirect("applicant:check", application_id=application.pk)
            add_problems(form, invalid)
        else:
            messages.success(request, "The application is certified. It can be filed now.")
            return redirect("applicant:check", application_id=application.pk)
    context = {
        "form": form,
        "application": application,
        "statement": text(CERTIFICATION_TEXT, timezone.now()),
        "sha256": sha256(as_filed(application)),
    }
    return render(request, "applicant/certify.html", context)


@login_required
@require_POST
def file(request: HttpRequest, application_id: uuid.UUID) -> HttpResponse:
    application = draft_or_404(request, application_id)
    try:
        case = file_application(actor=person_of(request), application_id=application.pk)
    except Invalid:
        return redirect("applicant:check", application_id=application.pk)
    messages.success(request, f"Filed. Your application control number is {case.control_number}.")
    return redirect("applicant:case", control_number=case.control_number)
