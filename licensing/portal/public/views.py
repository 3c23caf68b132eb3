"""What everybody may see: the start page, and whether a license is genuine and in force."""

from pathlib import Path

from django import forms
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from licensing import entente_check
from licensing.accounts.models import Person
from licensing.documents.verify import MOST_BYTES
from licensing.licenses import register as public_register
from licensing.licenses.proof import Proof, prove
from licensing.licenses.queries import public_status
from licensing.portal.navigation import entries

PER_PAGE = 50


class NumberForm(forms.Form):
    number = forms.CharField(
        label="License number",
        help_text="As it stands on the license, such as AIX-US-IND-2026-0000001-A-7.",
        max_length=60,
    )


class FileForm(forms.Form):
    file = forms.FileField(label="The license as a PDF", help_text="It is checked and not kept.")


def start(request: HttpRequest) -> HttpResponse:
    """The start page; somebody who is signed in goes to their own."""
    if isinstance(request.user, Person):
        own = entries(request.user)
        if own:
            return redirect(own[0][1])
    return render(request, "public/start.html")


@require_http_methods(["GET", "POST"])
def verification(request: HttpRequest) -> HttpResponse:
    """Ask by number, or hand in a file: its signature, and the status of the license that it is."""
    number_form = NumberForm(request.GET if "number" in request.GET else None)
    if number_form.is_bound and number_form.is_valid():
        return redirect("verify_number", number=number_form.cleaned_data["number"].strip().replace("/", "-"))
    file_form, proof = _proof(request)
    context: dict[str, object] = {
        "number_form": number_form,
        "file_form": file_form,
        "form": file_form if request.method == "POST" else number_form,
        "proof": proof,
    }
    return render(request, "public/verify.html", context)


def _proof(request: HttpRequest, number: str = "") -> tuple[FileForm, Proof | None]:
    """The form for a file, and what the file proves when one was handed in; with a number, as that license's."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return form, None
    uploaded = form.cleaned_data["file"]
    if uploaded.size > MOST_BYTES:
        form.add_error("file", f"The file is larger than {MOST_BYTES // 2**20} MB: a license is smaller.")
        return form, None
    return form, prove(uploaded.read(), timezone.now(), number=number)


@require_http_methods(["GET", "POST"])
def verify_number(request: HttpRequest, number: str) -> HttpResponse:
    """The public status of one license, and whether a file is its document. Names no party (15 CFR 748.1(c))."""
    found = public_status(number)
    file_form, proof = _proof(request, number)
    context = {
        "number": number,
        "status": found,
        "number_form": NumberForm(),
        "file_form": file_form,
        "form": file_form,
        "proof": proof,
    }
    return render(request, "public/status.html", context, status=200 if found else 404)


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Every license, as far as it is public, and how many there are of what."""
    now = timezone.now()
    shown = public_register.rules(now)
    page = Paginator(public_register.licenses(now, shown), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "names": shown.shown(public_register.Publicity.PUBLIC),
        "rows": [public_register.row(license_, shown, now) for license_ in page],
        "page": page,
        "days": shown.delay.days,
        "statistics": public_register.statistics(now),
    }
    return render(request, "public/register.html", context)


@require_safe
def client_for_pipelines(request: HttpRequest) -> FileResponse:
    """`entente-check`, to fetch into a pipeline: one file of plain Python."""
    return FileResponse(
        Path(entente_check.__file__).open("rb"),
        as_attachment=True,
        filename="entente-check",
        content_type="text/x-python",
    )


def developers(request: HttpRequest) -> HttpResponse:
    """How a machine talks to this system: the schema, a token, one example."""
    return render(request, "public/developers.html")
