"""Country lists and files, and who was on which list on a day."""

from datetime import date
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licensing.audit.refusals import Invalid
from licensing.countries import commands, queries, sheets
from licensing.countries.models import CountryList
from licensing.portal.administrator.forms import ConfirmForm, DaysForm, FileForm
from licensing.portal.administrator.views import KIND, administrator
from licensing.publishing.queries import in_force

CONFIRMED = "preview.csv"


@login_required
@require_http_methods(["GET", "POST"])
def import_file(request: HttpRequest, key: str) -> HttpResponse:
    """Hand in a file and see what it would change. Nothing is drafted before that is confirmed."""
    administrator(request)
    found = get_object_or_404(CountryList, key=key)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        uploaded = form.cleaned_data["file"]
        standing = in_force(KIND, key, timezone.now())
        before = standing.content["members"] if standing else ()
        try:
            preview = sheets.preview(uploaded.name, uploaded.read(sheets.MOST_BYTES + 1), before, queries.code_of)
        except Invalid as invalid:
            for problem in invalid.problems[:50]:
                form.add_error("file", problem.mend)
        else:
            rows = sheets.to_csv(preview.members, queries.names())
            confirm = ConfirmForm(initial={"rows": rows, "note": form.cleaned_data["note"]})
            context = {
                "list": found,
                "preview": preview,
                "names": queries.names(),
                "form": confirm,
                "lines": _lines(preview),
            }
            return render(request, "administrator/preview.html", context)
    return render(request, "administrator/import.html", {"form": form, "list": found})


def _lines(preview: sheets.Preview) -> list[tuple[str, list[str]]]:
    called = queries.names()
    parts = (
        ("Additions", preview.additions),
        ("Removals", preview.removals),
        ("Changed dates or notes", preview.changes),
    )
    return [(title, [f"{called.get(code, code)} ({code})" for code in codes]) for title, codes in parts]


@login_required
@require_POST
def confirm_import(request: HttpRequest, key: str) -> HttpResponse:
    """Draft what was previewed."""
    person = administrator(request)
    found = get_object_or_404(CountryList, key=key)
    form = ConfirmForm(request.POST)
    again = FileForm({"note": request.POST.get("note", "")})  # bound, so that what is wrong stands on it
    if form.is_valid():
        content = form.cleaned_data["rows"].encode()
        try:
            draft = commands.draft_from_file(
                actor=person, list_key=key, note=form.cleaned_data["note"], name=CONFIRMED, content=content
            )
        except Invalid as invalid:
            for problem in invalid.problems:
                again.add_error(None, problem.mend)
        else:
            return redirect("administrator:draft", publication_id=draft.pk)
    return render(request, "administrator/import.html", {"form": again, "list": found})


@login_required
@require_GET
def export(request: HttpRequest, key: str) -> HttpResponse:
    """The members in force, as CSV or XLSX."""
    administrator(request)
    get_object_or_404(CountryList, key=key)
    version = in_force(KIND, key, timezone.now())
    members = version.content["members"] if version else []
    if request.GET.get("format") == "xlsx":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return _file(sheets.to_xlsx(members, queries.names(), key), kind, f"{key}.xlsx")
    return _file(sheets.to_csv(members, queries.names()), "text/csv; charset=utf-8", f"{key}.csv")


def _file(content: str | bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@login_required
@require_GET
def on_a_day(request: HttpRequest) -> HttpResponse:
    """Who was on which list on a day, and what had changed since another."""
    administrator(request)
    form = DaysForm(request.GET or None)
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    day = cast(date, given.get("day") or timezone.localdate())
    called = queries.names()
    rows = [(key, sorted(called.get(code, code) for code in codes)) for key, codes in queries.standing(day).items()]
    since = given.get("since")
    moved = [
        (row.key, [called.get(code, code) for code in row.came], [called.get(code, code) for code in row.went])
        for row in (queries.moved(since, day) if since else ())
    ]
    context = {
        "form": DaysForm(initial={"day": day, "since": since}),
        "day": day,
        "since": since,
        "rows": rows,
        "moved": moved,
    }
    return render(request, "administrator/on_a_day.html", context | ({"form": form} if form.errors else {}))
