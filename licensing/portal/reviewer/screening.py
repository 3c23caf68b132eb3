"""Hits that wait for a decision, over all cases; files of parties; and the record of a run for an inspector."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_review
from licensing.audit.commands import access
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.cases.models import Case
from licensing.cases.screening_document import exported
from licensing.countries.sheets import table
from licensing.licenses.commands.watching import ask_for_screening
from licensing.licenses.models import License
from licensing.licenses.queries import unscreened
from licensing.portal.forms import add_problems
from licensing.portal.reviewer.views import case_or_404, person_of
from licensing.screening.commands import start_batch
from licensing.screening.models import Batch, Hit, HitStatus, RestrictedList, ScreeningRun
from licensing.screening.queries import UNDECIDED

PAGE = 50
MOST_BYTES = 20_000_000
TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


class BatchForm(forms.Form):
    file = forms.FileField(
        label="A file of parties",
        help_text="JSON lines, or CSV with a heading: id and name, and where known type, birth_date, country, identifiers, aliases.",
    )

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(f"The file is larger than {MOST_BYTES // 10**6} MB: split it.")
        return given


def officer(request: HttpRequest) -> Person:
    person = person_of(request)
    if not person.reviews_for_authority():
        raise NotPermitted("not_an_officer", "Only officers of the licensing authority decide screening hits.")
    return person


def reviewer(request: HttpRequest) -> Person:
    person = person_of(request)
    if not may_review(person):
        raise NotPermitted("not_a_reviewer", "Only reviewers screen parties besides those of a case.")
    return person


@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """Undecided hits of open cases and of licenses in force, the longest waiting first; `?list=` and `?status=` narrow it."""
    person = officer(request)
    live = Q(pk__in=License.objects.live_at(timezone.now()).values("case"))
    cases = Case.objects.visible_to(person).filter(Q(closed_at__isnull=True) | live, screening_run__isnull=False)
    waiting = Hit.objects.filter(run__in=cases.values("screening_run"), status__in=UNDECIDED)
    wanted = {name: request.GET.get(name, "") for name in ("list", "status")}
    if wanted["list"]:
        waiting = waiting.filter(list_key=wanted["list"])
    if wanted["status"] in UNDECIDED:
        waiting = waiting.filter(status=wanted["status"])
    page = Paginator(waiting.select_related("run").order_by("run__at", "-score", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    named = {row.screening_run_id: row for row in cases.filter(screening_run__in=[hit.run_id for hit in page])}
    context = {
        "page": page,
        "failed": unscreened(Case.objects.visible_to(person), timezone.now()),
        "rows": [(hit, named[hit.run_id]) for hit in page],
        "lists": RestrictedList.objects.order_by("key"),
        "statuses": [(status.value, status.label) for status in map(HitStatus, UNDECIDED)],
        "wanted": wanted,
    }
    return render(request, "reviewer/screening.html", context)


@login_required
@require_POST
def again(request: HttpRequest, control_number: str) -> HttpResponse:
    """Have a worker screen the parties of a case now."""
    found = case_or_404(request, control_number)
    ask_for_screening(actor=person_of(request), case_id=found.pk, at=timezone.now())
    messages.success(request, "A worker screens the parties now.")
    return redirect("reviewer:case", control_number=control_number)


@login_required
@require_http_methods(["GET", "POST"])
def batches(request: HttpRequest) -> HttpResponse:
    """The person's files of parties, and a new one."""
    person = reviewer(request)
    form = BatchForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            started = start_batch(actor=person, filename=given.name, content=given.read())
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "The file is taken; workers screen it now.")
            return redirect("reviewer:batch", batch_id=started.pk)
    page = Paginator(Batch.objects.filter(actor_id=person.actor_id), PAGE).get_page(request.GET.get("page"))
    return render(request, "reviewer/batches.html", {"form": form, "page": page})


@login_required
def batch(request: HttpRequest, batch_id: uuid.UUID) -> HttpResponse:
    """How far a file is, and what was found so far."""
    found = get_object_or_404(Batch, pk=batch_id, actor_id=reviewer(request).actor_id)
    access(person_of(request), found, "screening of a file")
    answers = [answer for part in found.parts.all() for answer in part.answers]
    near = [answer for answer in answers if answer.get("error") or answer["hits"]]
    context = {
        "batch": found,
        "total": len(found.queries),
        "done": len(answers),
        "complete": len(answers) == len(found.queries),
        "near": len(near),
        "page": Paginator(near, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "reviewer/batch.html", context)


@login_required
def batch_result(request: HttpRequest, batch_id: uuid.UUID, format_: str) -> HttpResponse:
    """The answers in the order of the file, as JSON lines or CSV; not before all are there."""
    found = get_object_or_404(Batch, pk=batch_id, actor_id=reviewer(request).actor_id)
    answers = [answer for part in found.parts.all() for answer in part.answers]
    if len(answers) != len(found.queries):
        raise Http404("The file is still being screened.")
    access(person_of(request), found, f"result of a file as {format_}")
    if format_ == "csv":
        return _download(table(_lines(answers)).encode(), "csv", f"{found.pk}.csv")
    lines = "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
    return _download(lines.encode(), "json", f"{found.pk}.jsonl")


def _lines(answers: Iterable[dict[str, Any]]) -> Iterable[list[str]]:
    yield ["id", "name", "list", "entity_id", "listed_name", "score", "explanation", "error"]
    for answer in answers:
        hits = answer.get("hits") or [{}]
        for hit in hits:
            shown = [hit.get(name, "") for name in ("list", "entity_id", "listed_name", "score")]
            said = hit.get("features", {}).get("sentence", "")
            yield [str(cell) for cell in (answer["id"], answer["name"], *shown, said, answer.get("error", ""))]


@login_required
def export(request: HttpRequest, control_number: str, run_id: int, format_: str) -> HttpResponse:
    """The whole record of a screening of a case."""
    found = case_or_404(request, control_number)
    run = get_object_or_404(ScreeningRun, pk=run_id, subject_kind="case", subject_id=str(found.pk))
    access(person_of(request), found, f"screening {run.pk} as {format_}")
    return _download(exported(run, format_, person_of(request)), format_, f"screening-{run.pk}.{format_}")


def _download(content: bytes, format_: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=TYPES[format_], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
