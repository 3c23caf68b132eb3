"""What an applicant sees of a filed application: status, questions, the license."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.audit.commands import access
from licensing.audit.refusals import Invalid
from licensing.cases.commands.reviewing import answer_question, withdraw_application
from licensing.cases.models import Application, Case, Question
from licensing.cases.progress import progress
from licensing.countries.queries import names
from licensing.licenses.models import License
from licensing.policy.models import Service
from licensing.portal import letters
from licensing.portal.applicant import forms, pages
from licensing.portal.applicant.views.drafts import person_of
from licensing.portal.forms import add_problems


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Drafts, what is filed and where it stands, and licenses."""
    applications = Application.objects.visible_to(person_of(request))
    filed = (
        Case.objects.filed_for(person_of(request))
        .select_related("application", "workflow")
        .prefetch_related("questions")
    )
    page = Paginator(filed.order_by("-registered_at"), 20).get_page(request.GET.get("page"))
    return render(
        request,
        "applicant/home.html",
        {
            "orders": Service.objects.served_on(person_of(request).applicant_organizations())[:20],
            "drafts": applications.drafts().order_by("-edited_at")[:50],
            "cases": [(case, progress(case)) for case in page],
            "page": page,
            "licenses": License.objects.issued().held_by(person_of(request)).exists(),
        },
    )


def case_or_404(request: HttpRequest, control_number: str) -> Case:
    mine = Case.objects.filed_for(person_of(request)).select_related(
        "application__organization", "workflow__definition"
    )
    return get_object_or_404(mine.prefetch_related("questions__attachments__file"), control_number=control_number)


@login_required
def case(request: HttpRequest, control_number: str) -> HttpResponse:
    found = case_or_404(request, control_number)
    access(person_of(request), found, "case")
    return render(
        request,
        "applicant/case.html",
        {
            "case": found,
            "progress": progress(found),
            "sections": pages.sections(found.as_filed, names()),
            "licenses": found.licenses.issued(),
            "letters": letters.shown("case", str(found.pk), timezone.now(), mine=True),
            "mine": True,
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, question_id: uuid.UUID) -> HttpResponse:
    mine = Question.objects.filter(case__in=Case.objects.filed_for(person_of(request))).select_related("case")
    asked = get_object_or_404(mine, pk=question_id)
    form = forms.AnswerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        uploads = [form.cleaned_data["file"]] if form.cleaned_data["file"] else []
        try:
            answer_question(
                actor=person_of(request), question_id=asked.pk, answer=form.cleaned_data["answer"], uploads=uploads
            )
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "Your answer has been sent, and the clock runs again.")
            return redirect("applicant:case", control_number=asked.case.control_number)
    return render(request, "applicant/question.html", {"form": form, "question": asked, "case": asked.case})


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, control_number: str) -> HttpResponse:
    found = case_or_404(request, control_number)
    form = forms.WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_application(actor=person_of(request), case_id=found.pk, reason=form.cleaned_data["reason"])
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "The application is withdrawn.")
            return redirect("applicant:case", control_number=control_number)
    return render(request, "applicant/withdraw.html", {"form": form, "case": found})
