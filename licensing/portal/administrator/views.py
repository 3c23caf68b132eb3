"""Country lists: what is in force, its history, a draft with its difference, publication by a second person."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_administer
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.countries import commands, queries
from licensing.countries.models import CountryList
from licensing.portal.administrator.forms import MemberForm, NoteForm, PublishForm
from licensing.portal.forms import add_problems
from licensing.publishing.models import Publication
from licensing.publishing.queries import changes

KIND = "country_list"


def administrator(request: HttpRequest) -> Person:
    person = cast(Person, request.user)
    if not may_administer(person):
        raise NotPermitted("not_an_administrator", "These pages are for administrators.")
    return person


def publication_or_404(request: HttpRequest, publication_id: int) -> Publication:
    administrator(request)
    return get_object_or_404(Publication, pk=publication_id, kind=KIND)


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Every list with its version in force, and the drafts that wait."""
    administrator(request)
    now = timezone.now()
    context = {
        "lists": CountryList.objects.order_by("key"),
        "in_force": queries.in_force_versions(now),
        "waiting": Publication.objects.filter(kind=KIND, state__in=["draft", "proposed"]).order_by("key"),
    }
    return render(request, "administrator/home.html", context)


@login_required
def country_list(request: HttpRequest, key: str) -> HttpResponse:
    administrator(request)
    found = get_object_or_404(CountryList, key=key)
    context = {
        "list": found,
        "version": queries.in_force_versions(timezone.now()).get(key),
        "members": queries.members_with_notes(key, timezone.now()),
        "history": Publication.objects.filter(kind=KIND, key=key).order_by("-version"),
        "form": NoteForm(),
    }
    return render(request, "administrator/list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def open_draft(request: HttpRequest, key: str) -> HttpResponse:
    person = administrator(request)
    found = get_object_or_404(CountryList, key=key)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft_ = commands.draft_list(actor=person, list_key=key, note=form.cleaned_data["note"])
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("administrator:draft", publication_id=draft_.pk)
    return render(request, "administrator/open_draft.html", {"form": form, "list": found})


def draft_context(request: HttpRequest, publication: Publication, **more: object) -> dict[str, object]:
    """What the page of a draft shows. `form` is the one whose errors stand above the page."""
    context = {
        "publication": publication,
        "list": get_object_or_404(CountryList, key=publication.key),
        "members": queries.draft_members(publication),
        "changes": changes(publication),
        "form": MemberForm(),
        "publish_form": PublishForm(),
        "trail": trail(publication),
        "mine": publication.proposed_by_id == administrator(request).actor_id,
        **more,
    }
    return context | {"said": context["publish_form"] if "publish_form" in more else context["form"]}


@login_required
def draft(request: HttpRequest, publication_id: int) -> HttpResponse:
    """A draft: its members, what it changes, and what can be done with it."""
    publication = publication_or_404(request, publication_id)
    return render(request, "administrator/draft.html", draft_context(request, publication))


@login_required
@require_POST
def add(request: HttpRequest, publication_id: int) -> HttpResponse:
    publication = publication_or_404(request, publication_id)
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            commands.add_member(actor=administrator(request), publication_id=publication.pk, **form.cleaned_data)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("administrator:draft", publication_id=publication.pk)
    return render(request, "administrator/draft.html", draft_context(request, publication, form=form))


@login_required
@require_POST
def remove(request: HttpRequest, publication_id: int, code: str) -> HttpResponse:
    publication = publication_or_404(request, publication_id)
    commands.remove_member(actor=administrator(request), publication_id=publication.pk, code=code)
    return redirect("administrator:draft", publication_id=publication.pk)


@login_required
@require_POST
def propose(request: HttpRequest, publication_id: int) -> HttpResponse:
    publication = publication_or_404(request, publication_id)
    commands.propose_list(actor=administrator(request), publication_id=publication.pk)
    messages.success(request, "Proposed. Another administrator has to publish it.")
    return redirect("administrator:draft", publication_id=publication.pk)


@login_required
@require_POST
def publish(request: HttpRequest, publication_id: int) -> HttpResponse:
    publication = publication_or_404(request, publication_id)
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            done = commands.publish_list(
                actor=administrator(request),
                publication_id=publication.pk,
                effective_at=form.cleaned_data["effective_at"],
            )
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            since = form.cleaned_data["effective_at"]
            when = f"will be in force from {since:%Y-%m-%d %H:%M} UTC" if since else "is in force"
            messages.success(request, f"Version {done.version} {when}.")
            return redirect("administrator:list", key=publication.key)
    return render(request, "administrator/draft.html", draft_context(request, publication, publish_form=form))


@login_required
@require_POST
def withdraw(request: HttpRequest, publication_id: int) -> HttpResponse:
    publication = publication_or_404(request, publication_id)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Invalid.one("reason", reason, "Say why it is withdrawn; the reason stays on record.")
    commands.withdraw_list(actor=administrator(request), publication_id=publication.pk, reason=reason)
    messages.success(request, "The draft is withdrawn.")
    return redirect("administrator:list", key=publication.key)
