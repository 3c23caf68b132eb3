"""The licensee's desk: licenses and where they stand, use, acknowledgments, changes, surrender."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.audit.commands import access
from licensing.audit.refusals import Refused
from licensing.cases.commands.copying import copy_application
from licensing.documents.queries import open_file
from licensing.licenses.changes import ACCEPTANCE, LETTERS, Route, route
from licensing.licenses.commands.conditions import ask_to_acknowledge
from licensing.licenses.commands.revising import accept_transfer, request_change
from licensing.licenses.commands.standing import surrender_license
from licensing.licenses.commands.using import record_use
from licensing.licenses.models import ChangeRequest, License
from licensing.licenses.permissions import may_surrender
from licensing.licenses.queries import bound_parties
from licensing.portal import letters
from licensing.portal import license_pages as pages
from licensing.portal.applicant import license_forms as forms
from licensing.portal.applicant.views.drafts import person_of
from licensing.portal.forms import carried_out


def license_or_404(request: HttpRequest, number: str) -> License:
    mine = License.objects.issued().held_by(person_of(request))
    return get_object_or_404(mine.select_related("document", "case", "licensee", "replaces"), number=number)


@login_required
def licenses(request: HttpRequest) -> HttpResponse:
    """Every license of the person's companies, the latest first, and transfers that they are asked to accept."""
    mine = License.objects.issued().held_by(person_of(request)).with_standing().select_related("case", "licensee")
    page = Paginator(mine.order_by("-issued_at"), 20).get_page(request.GET.get("page"))
    offered = ChangeRequest.objects.filter(
        transferee__in=person_of(request).applicant_organizations(), accepted_at__isnull=True, decided_at__isnull=True
    ).select_related("license__licensee")
    context = {"page": page, "rows": pages.listed(list(page), timezone.now()), "offered": offered}
    return render(request, "applicant/licenses.html", context)


@login_required
def license_page(request: HttpRequest, number: str) -> HttpResponse:
    found, now = license_or_404(request, number), timezone.now()
    access(person_of(request), found, "license")
    context = {
        "license": found,
        "heading": pages.heading(found, now),
        "conditions": pages.condition_rows(found, now),
        "parties": bound_parties(found),
        "balance": pages.balance_rows(found),
        "latest": found.usage.all()[:5],
        "requests": ChangeRequest.objects.filter(case=found.case_id).select_related("result", "transferee"),
        "suspensions": found.suspensions.ordered_at(now),
        "may_ask": may_surrender(person_of(request), found),
        "letters": letters.shown("license", str(found.pk), now, mine=True),
        "mine": True,
    }
    return render(request, "applicant/license.html", context)


@login_required
def license_document(request: HttpRequest, number: str) -> FileResponse:
    """The signed PDF, byte for byte as it was issued."""
    found = license_or_404(request, number)
    if found.document is None:
        raise Http404
    access(person_of(request), found, "document")
    return FileResponse(
        open_file(found.document), as_attachment=True, filename=f"{found.number}.pdf", content_type="application/pdf"
    )


@login_required
@require_http_methods(["GET", "POST"])
def usage(request: HttpRequest, number: str) -> HttpResponse:
    """Balance and history; one use by form, many as a file, each line of which stands for itself."""
    found = license_or_404(request, number)
    uploading = bool(request.FILES)
    form = forms.UseForm(request.POST if request.method == "POST" and not uploading else None)
    file_form = forms.UsesForm(request.POST, request.FILES) if uploading else forms.UsesForm()
    lines: list[tuple[int, str, str]] = []

    def one(data: dict[str, Any]) -> None:
        _record(request, found, form)

    def many(data: dict[str, Any]) -> None:
        lines.extend((line, *_answer(request, found, row)) for line, row in file_form.rows())

    done = request.method == "POST" and carried_out(*((file_form, many) if uploading else (form, one)))
    if done and not uploading:
        messages.success(request, "The use is recorded.")
        return redirect("applicant:usage", number=number)
    page = Paginator(found.usage.select_related("corrects", "recorded_by"), 50).get_page(request.GET.get("page"))
    context = {
        "license": found, "heading": pages.heading(found, timezone.now()), "balance": pages.balance_rows(found), "page": page,
        "use_form": form, "file_form": file_form, "form": file_form if uploading else form, "lines": lines,
    }  # fmt: skip
    return render(request, "applicant/usage.html", context)


def _record(request: HttpRequest, license_: License, form: forms.UseForm) -> bool:
    reference, use = form.use()
    return record_use(actor=person_of(request), license_id=license_.pk, client_reference=reference, use=use)[1]


def _answer(request: HttpRequest, license_: License, form: forms.UseForm) -> tuple[str, str]:
    """The reference of a line, and what became of it."""
    reference = str(form.data["client_reference"])
    if not form.is_valid():
        return reference, "; ".join(
            f"{name}: {errors.as_text().replace('* ', '')}" for name, errors in form.errors.items()
        )
    try:
        return reference, "Recorded" if _record(request, license_, form) else "There already"
    except Refused as refused:
        return reference, refused.sentence


@login_required
@require_http_methods(["GET", "POST"])
def acknowledgments(request: HttpRequest, number: str) -> HttpResponse:
    """Send a bound party the link by which it acknowledges its conditions."""
    found = license_or_404(request, number)
    waiting = [party.name for party in bound_parties(found) if party.acknowledged is None]
    form = forms.AskToAcknowledgeForm(request.POST or None, parties=waiting)

    def act(data: dict[str, Any]) -> object:
        return ask_to_acknowledge(actor=person_of(request), license_id=found.pk, **data)

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, "The link is on its way. It works once, for 14 days.")
        return redirect("applicant:license", number=number)
    lead = "Whom a condition binds is sent its words, and a link to acknowledge them. They need no account."
    return _act(request, found, form, "Ask a party to acknowledge", "Send the link", lead=lead)


@login_required
@require_http_methods(["GET", "POST"])
def changes(request: HttpRequest, number: str) -> HttpResponse:
    """What is to change, and what that needs: nothing, a request, or a new application."""
    found = license_or_404(request, number)
    form = forms.ChangesForm(request.GET if "changes" in request.GET or "ask" in request.GET else None)
    answer = route(form.cleaned_data["changes"]) if form.is_bound and form.is_valid() else None
    if request.method == "POST":
        return _copy(request, found)
    context = {"license": found, "form": form, "answer": answer, "new": answer and answer.route == Route.REPLACEMENT}
    context["kind"] = answer.route.value if answer and answer.route.value in LETTERS else ""
    return render(request, "applicant/changes.html", context)


def _copy(request: HttpRequest, license_: License) -> HttpResponse:
    """A draft with everything of the application before, which names the license to be replaced or renewed."""
    draft = copy_application(
        actor=person_of(request), application=license_.case.application, name=f"After {license_.number}",
        replaces_license=license_.number,
    )  # fmt: skip
    messages.success(request, "A draft is ready, with everything of the earlier application. Change what changes.")
    return redirect("applicant:tasks", application_id=draft.pk)


@login_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """The letter for an extension, a change of name, a transfer."""
    found = license_or_404(request, number)
    if kind not in forms.REQUESTS:
        raise Http404
    form = forms.REQUESTS[kind](request.POST or None, parts=LETTERS[kind])

    def act(data: dict[str, Any]) -> object:
        return request_change(
            actor=person_of(request), license_id=found.pk, kind=kind, asked=form.asked(), letter=form.letter()
        )

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, "The request is with the authority.")
        return redirect("applicant:license", number=number)
    return _act(request, found, form, str(ChangeRequest.Kind(kind).label), "Ask for it")


@login_required
@require_http_methods(["GET", "POST"])
def surrender(request: HttpRequest, number: str) -> HttpResponse:
    found = license_or_404(request, number)
    form = forms.ReasonForm(request.POST or None)

    def act(data: dict[str, Any]) -> object:
        return surrender_license(actor=person_of(request), license_id=found.pk, **data)

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, "The license is given up.")
        return redirect("applicant:license", number=number)
    warning = "It ends at once, and cannot be taken back: nothing may be done under it any more."
    return _act(request, found, form, "Give the license up", "Give it up", warning=warning)


@login_required
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, request_id: int) -> HttpResponse:
    """The transferee reads what is to be transferred, and accepts it with every responsibility."""
    mine = ChangeRequest.objects.filter(transferee__in=person_of(request).applicant_organizations())
    asked = get_object_or_404(mine.select_related("license__licensee", "transferee"), pk=request_id)
    form = forms.LetterForm(request.POST or None, parts=ACCEPTANCE)

    def act(data: dict[str, Any]) -> object:
        return accept_transfer(actor=person_of(request), request_id=asked.pk, acceptance=form.letter())

    if request.method == "POST" and carried_out(form, act):
        messages.success(request, "The transfer is accepted. It holds once the authority has approved it.")
        return redirect("applicant:licenses")
    return render(request, "applicant/transfer.html", {"asked": asked, "form": form})


def _act(request: HttpRequest, license_: License, form: Any, title: str, button: str, **more: str) -> HttpResponse:
    back = reverse("applicant:license", args=[license_.number])
    context = {"form": form, "title": title, "button": button, "caption": license_.number, "back": back, **more}
    return render(request, "components/act.html", context)
