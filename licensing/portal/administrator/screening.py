"""Restricted-party lists: where each stands, what a load changed, and loads that are held for a person."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.audit.refusals import Invalid
from licensing.portal.administrator.views import administrator
from licensing.portal.forms import add_problems
from licensing.screening import formats
from licensing.screening.commands import configure_list, import_list, request_fetch, settle_list
from licensing.screening.fetching import MOST_BYTES
from licensing.screening.models import ListSnapshot, ListState, RestrictedList
from licensing.screening.queries import difference, standings

PAGE = 100


class SettleForm(forms.Form):
    outcome = forms.ChoiceField(
        label="What becomes of this load?",
        choices=[("release", "Release it: it is the list from now on"), ("refuse", "Refuse it: the list before stays")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Why?",
        help_text="It stays with the load for good.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files: a list of them."""

    widget = Files(attrs={"accept": ".csv,.xml,.zip,.txt,.jsonl"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = [super(FilesField, self).clean(each, initial) for each in (data or [None])]
        if sum(each.size for each in given) > MOST_BYTES:
            raise forms.ValidationError(f"The files are larger than {MOST_BYTES // 10**6} MB: no list is.")
        return given


class UploadForm(forms.Form):
    file = FilesField(
        label="The list's file",
        help_text="CSV, XML or a ZIP. Of OFAC all four at once, or in one ZIP: sdn.csv, alt.csv, add.csv, sdn_comments.csv.",
    )
    published_on = forms.DateField(
        label="Published on", help_text="Such as 2026-11-26. Needed where the list does not say it.", required=False
    )


class SourceForm(forms.Form):
    key = forms.SlugField(
        label="Key",
        help_text="Letters, digits and hyphens, such as ofac-sdn. The policy names lists by it.",
        max_length=40,
    )
    name = forms.CharField(label="Name", max_length=200)
    format_ = forms.ChoiceField(label="Format", choices=[(name, name) for name in formats.FORMATS])
    urls = forms.CharField(
        label="Addresses of its files",
        help_text="One a line, fetched together. Leave it empty for a list that is loaded by hand.",
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=4000,
    )
    every_hours = forms.IntegerField(label="Fetch it every so many hours", min_value=1, max_value=744, initial=24)
    most_shrinkage = forms.IntegerField(
        label="Hold a load that would remove more than this share, in percent", min_value=0, max_value=100, initial=10
    )


@login_required
@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, key: str = "") -> HttpResponse:
    """What a list is and where it comes from; without a key, a new one."""
    person = administrator(request)
    found = get_object_or_404(RestrictedList, key=key) if key else None
    form = SourceForm(request.POST or None, initial=_initial(found) if found else None)
    if found:
        form.fields["key"].disabled = True
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = {**data, "urls": data["urls"].splitlines(), "most_shrinkage": data["most_shrinkage"] / 100}
        try:
            configure_list(actor=person, **given)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "The source is kept.")
            return redirect("administrator:screening")
    return render(request, "administrator/source.html", {"form": form, "list": found})


def _initial(found: RestrictedList) -> dict[str, object]:
    return {
        "key": found.key,
        "name": found.name,
        "format_": found.format,
        "urls": "\n".join(found.urls),
        "every_hours": found.every_hours,
        "most_shrinkage": round(found.most_shrinkage * 100),
    }


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """Bring a list by hand, and see what it would change before it is in force."""
    person = administrator(request)
    found = get_object_or_404(RestrictedList, key=key)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        files = {each.name: each.read() for each in form.cleaned_data["file"]}
        try:
            taken = import_list(
                actor=person, key=key, name=found.name, source=", ".join(files)[:500], content=formats.pack(files),
                published_on=form.cleaned_data["published_on"], look_first=True,
            )  # fmt: skip
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            if taken.state == ListState.CURRENT:
                messages.success(request, "Nothing changes: this file is in force already.")
            return redirect("administrator:snapshot", snapshot_id=taken.pk)
    return render(request, "administrator/upload.html", {"form": form, "list": found})


@login_required
@require_POST
def fetch(request: HttpRequest, key: str) -> HttpResponse:
    """Have a worker fetch the list now."""
    person = administrator(request)
    get_object_or_404(RestrictedList, key=key)
    request_fetch(actor=person, key=key, at=timezone.now())
    messages.success(request, "A worker fetches it now; the last check will tell.")
    return redirect("administrator:screening")


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Every list with what is in force, what is held, and when it was last looked at."""
    administrator(request)
    snapshots = ListSnapshot.objects.select_related("restricted_list").defer("data").order_by("-fetched_at", "-pk")
    page = Paginator(snapshots, PAGE).get_page(request.GET.get("page"))
    return render(request, "administrator/screening.html", {"standings": standings(timezone.now()), "page": page})


@login_required
@require_http_methods(["GET", "POST"])
def snapshot(request: HttpRequest, snapshot_id: int) -> HttpResponse:
    """One load: what it changed or would change, and the decision where it is held."""
    person = administrator(request)
    found = get_object_or_404(ListSnapshot.objects.select_related("restricted_list"), pk=snapshot_id)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        release = form.cleaned_data["outcome"] == "release"
        try:
            settle_list(actor=person, snapshot_id=found.pk, release=release, reason=form.cleaned_data["reason"])
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "The load is in force." if release else "The load is refused.")
            return redirect("administrator:screening")
    page = Paginator(difference(found), PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "snapshot": found, "held": found.state == ListState.HELD, "page": page}
    return render(request, "administrator/snapshot.html", context)
