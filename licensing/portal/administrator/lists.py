"""Country lists: the members of a draft, and lists from and to files."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licensing.audit.refusals import Invalid
from licensing.countries import commands, queries, sheets
from licensing.countries.models import CountryList
from licensing.countries.queries import KIND
from licensing.portal.administrator.forms import ConfirmForm, DescribeForm, FileForm, MemberForm, MembershipForm
from licensing.portal.administrator.views import administrator, draft_or_404, draft_page
from licensing.portal.forms import add_problems
from licensing.publishing.models import Publication
from licensing.publishing.queries import in_force

CONFIRMED = "preview.csv"


def _list_or_404(request: HttpRequest, publication_id: int) -> Publication:
    found = draft_or_404(request, publication_id)
    if found.kind != KIND:
        raise Http404
    return found


@login_required
@require_POST
def add(request: HttpRequest, publication_id: int) -> HttpResponse:
    found = _list_or_404(request, publication_id)
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            commands.add_member(actor=administrator(request), publication_id=found.pk, **form.said())
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("administrator:draft", publication_id=found.pk)
    return draft_page(request, found, form)


@login_required
@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, publication_id: int, code: str) -> HttpResponse:
    """How one country is on a list, to be changed."""
    found = _list_or_404(request, publication_id)
    row = next((row for row in found.content.get("members", ()) if row["code"] == code), None)
    if row is None:
        raise Http404
    form = MembershipForm(request.POST or None, initial=row)
    if request.method == "POST" and form.is_valid():
        try:
            commands.change_member(actor=administrator(request), publication_id=found.pk, code=code, **form.said())
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("administrator:draft", publication_id=found.pk)
    context = {"form": form, "publication": found, "heading": queries.called().get(code, code), "code": code}
    return render(request, "administrator/member.html", context)


@login_required
@require_POST
def remove(request: HttpRequest, publication_id: int, code: str) -> HttpResponse:
    found = _list_or_404(request, publication_id)
    commands.remove_member(actor=administrator(request), publication_id=found.pk, code=code)
    return redirect("administrator:draft", publication_id=found.pk)


@login_required
@require_http_methods(["GET", "POST"])
def describe(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Name, description, source and verification of a list in a draft."""
    found = _list_or_404(request, publication_id)
    form = DescribeForm(request.POST or None, initial=found.content)
    if request.method == "POST" and form.is_valid():
        try:
            commands.describe_list(actor=administrator(request), publication_id=found.pk, **form.said())
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("administrator:draft", publication_id=found.pk)
    context = {"form": form, "publication": found, "heading": "Name, source and verification"}
    return render(request, "administrator/member.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def import_file(request: HttpRequest, key: str) -> HttpResponse:
    """Hand in a file and see what it would change. Nothing is drafted before that is confirmed."""
    administrator(request)
    found = get_object_or_404(CountryList, key=key)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        uploaded = form.cleaned_data["file"]
        content, today = uploaded.read(sheets.MOST_BYTES + 1), timezone.localdate()
        try:
            preview = sheets.preview(uploaded.name, content, _members(key), queries.code_of, today)
        except Invalid as invalid:
            for problem in invalid.problems[:50]:
                form.add_error("file", problem.mend)
        else:
            rows = sheets.to_csv(preview.members, queries.called())
            confirm = ConfirmForm(initial={"rows": rows, "note": form.cleaned_data["note"]})
            context = {"list": found, "preview": preview, "form": confirm, "lines": _lines(preview)}
            return render(request, "administrator/preview.html", context)
    return render(request, "administrator/import.html", {"form": form, "list": found})


def _members(key: str) -> list[dict[str, str]]:
    standing = in_force(KIND, key, timezone.now())
    return list(standing.content["members"]) if standing else []


def _lines(preview: sheets.Preview) -> list[tuple[str, list[str]]]:
    called = queries.called()
    parts = (
        ("Additions", preview.additions),
        ("Removals", preview.removals),
        ("Changed dates, notes or sources", preview.changes),
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
    if request.GET.get("format") == "xlsx":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return as_file(sheets.to_xlsx(_members(key), queries.called(), key), kind, f"{key}.xlsx")
    return as_csv(sheets.to_csv(_members(key), queries.called()), key)


def as_csv(content: str, name: str) -> HttpResponse:
    return as_file(content, "text/csv; charset=utf-8", f"{name}.csv")


def as_file(content: str | bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
