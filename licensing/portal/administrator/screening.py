"""Restricted-party lists: where each stands, what a load changed, and loads that are held for a person."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from licensing.audit.refusals import Invalid
from licensing.portal.administrator.views import administrator
from licensing.portal.forms import add_problems
from licensing.screening.commands import settle_list
from licensing.screening.models import ListSnapshot, ListState
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


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Every list with what is in force, what is held, and when it was last looked at."""
    administrator(request)
    snapshots = ListSnapshot.objects.select_related("restricted_list").defer("data").order_by("-fetched_at", "-pk")
    page = Paginator(snapshots, PAGE).get_page(request.GET.get("page"))
    return render(request, "administrator/screening.html", {"standings": standings(), "page": page})


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
