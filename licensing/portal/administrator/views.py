"""The desk of everything that is published: what is in force, its versions, drafts, and publication by a second person."""

from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_administer
from licensing.accounts.queries import authority
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.countries.queries import KIND as COUNTRY_LIST
from licensing.desk import commands, writing
from licensing.portal.administrator import pages
from licensing.portal.administrator.forms import (
    CompareForm,
    MemberForm,
    NewForm,
    NoteForm,
    PublishForm,
    TextForm,
    WithdrawForm,
)
from licensing.portal.forms import add_problems
from licensing.portal.moments import told
from licensing.publishing.models import Publication, PublicationState
from licensing.publishing.observers import differences, on_desk
from licensing.publishing.queries import changes, in_force, standing, waiting


def administrator(request: HttpRequest) -> Person:
    person = cast(Person, request.user)
    if not may_administer(person):
        raise NotPermitted("not_an_administrator", "These pages are for administrators.")
    return person


def kind_or_404(request: HttpRequest, kind: str) -> str:
    """The heading of a kind that the desk keeps; another is as if it did not exist."""
    administrator(request)
    if kind not in on_desk():
        raise Http404
    return on_desk()[kind]


def publication_or_404(request: HttpRequest, publication_id: int) -> Publication:
    administrator(request)
    return get_object_or_404(Publication.objects.select_related("based_on"), pk=publication_id, kind__in=on_desk())


def draft_or_404(request: HttpRequest, publication_id: int) -> Publication:
    """A draft that may still be written. Raises `NotNow` when it has gone further."""
    found = publication_or_404(request, publication_id)
    if found.state != PublicationState.DRAFT:
        raise NotNow("wrong_state", f"Version {found.version} of {found.key} is {found.state}: draft a change of it.")
    return found


def _newest_or_404(kind: str, key: str) -> Publication:
    """The version in force, or else the newest there is."""
    found = in_force(kind, key, timezone.now()) or Publication.objects.filter(kind=kind, key=key).first()
    if found is None:
        raise Http404
    return found


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Everything that is in force, and what waits."""
    administrator(request)
    now = timezone.now()
    context = {
        "shelves": pages.shelves(standing(on_desk(), now)),
        "waiting": waiting(on_desk(), now),
        "headings": on_desk(),
    }
    return render(request, "administrator/home.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Draft the first version of something new."""
    heading = kind_or_404(request, kind)
    form = NewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = commands.start(actor=administrator(request), kind=kind, **form.cleaned_data)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("administrator:edit", publication_id=draft.pk)
    return render(request, "administrator/open_draft.html", {"form": form, "heading": heading})


@login_required
@require_GET
def publication(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """One list, policy or text: what is in force, and every version with who and when."""
    heading = kind_or_404(request, kind)
    newest = _newest_or_404(kind, key)
    history = list(Publication.objects.filter(kind=kind, key=key).defer("content").order_by("-version"))
    versions = [(row.version, f"{row.version} ({row.state})") for row in history]
    initial = {"old": history[min(1, len(history) - 1)].version, "new": history[0].version}
    context = {
        "heading": heading,
        "is_list": kind == COUNTRY_LIST,
        "title": pages.title_of(newest),
        "publication": newest,
        "stands": newest.state == PublicationState.PUBLISHED,
        "history": history,
        "open": next((row for row in history if row.state in ("draft", "proposed")), None),
        "compare": CompareForm(versions=versions, initial=initial) if len(history) > 1 else None,
        **pages.shown(newest),
    }
    return render(request, "administrator/publication.html", context)


@login_required
@require_GET
def compare(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """What changes from one version to another."""
    heading = kind_or_404(request, kind)
    found = {row.version: row for row in Publication.objects.filter(kind=kind, key=key)}
    if not found:
        raise Http404
    form = CompareForm(
        request.GET, versions=[(version, f"{version} ({row.state})") for version, row in sorted(found.items())]
    )
    context: dict[str, Any] = {"form": form, "heading": heading, "kind": kind, "key": key}
    if form.is_valid():
        old, later = found[form.cleaned_data["old"]], found[form.cleaned_data["new"]]
        context |= {
            "old": old,
            "new": later,
            "changes": differences(kind, old.content, later.content),
            "lines": pages.lines(old, later),
        }
    return render(request, "administrator/compare.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def open_draft(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    heading = kind_or_404(request, kind)
    newest = _newest_or_404(kind, key)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            draft = commands.open_draft(
                actor=administrator(request), kind=kind, key=key, note=form.cleaned_data["note"]
            )
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("administrator:draft", publication_id=draft.pk)
    context = {"form": form, "heading": heading, "publication": newest, "title": pages.title_of(newest)}
    return render(request, "administrator/open_draft.html", context)


def draft_page(request: HttpRequest, publication: Publication, said: forms.Form | None = None) -> HttpResponse:
    """The page of one version: its content, what it changes, and what can be done with it. `said` is a form with errors."""
    given: list[forms.Form] = [PublishForm(zone=ZoneInfo(authority().time_zone)), WithdrawForm(), MemberForm()]
    publish_form, withdraw_form, member_form = [said if isinstance(said, type(form)) else form for form in given]
    context = {
        "publication": publication,
        "heading": on_desk()[publication.kind],
        "is_list": publication.kind == COUNTRY_LIST,
        "title": pages.title_of(publication),
        "changes": changes(publication),
        "findings": pages.findings(publication),
        "form": said,
        "member_form": member_form,
        "publish_form": publish_form,
        "withdraw_form": withdraw_form,
        "trail": trail(publication),
        "mine": publication.proposed_by_id == administrator(request).actor_id,
        **pages.shown(publication),
    }
    return render(request, "administrator/draft.html", context)


@login_required
@require_GET
def draft(request: HttpRequest, publication_id: int) -> HttpResponse:
    return draft_page(request, publication_or_404(request, publication_id))


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Write the content of a draft. What cannot be read is given back as it was written."""
    found = draft_or_404(request, publication_id)
    if found.kind == COUNTRY_LIST:
        return redirect("administrator:describe", publication_id=found.pk)
    form = TextForm(request.POST or None, initial={"text": writing.written(found.content), "seen": found.content_hash})
    if request.method == "POST" and form.is_valid():
        try:
            content, seen = writing.read(form.cleaned_data["text"]), form.cleaned_data["seen"]
            commands.edit_draft(actor=administrator(request), publication_id=found.pk, content=content, seen=seen)
        except Invalid as invalid:
            add_problems(form, invalid)
        except NotNow as refused:
            if refused.code != "draft_changed":
                raise
            form = _again(form, found, refused.sentence)
        else:
            messages.success(request, "The draft is saved.")
            return redirect("administrator:draft", publication_id=found.pk)
    context = {"form": form, "publication": found, "title": pages.title_of(found), "findings": pages.findings(found)}
    return render(request, "administrator/edit.html", context)


def _again(form: TextForm, found: Publication, sentence: str) -> TextForm:
    """The form with what was written, which replaces what somebody else has saved meanwhile when it is sent once more."""
    again = TextForm({"text": form.cleaned_data["text"], "seen": found.content_hash})
    again.add_error(None, f"{sentence} Your text is kept here; saving it again replaces theirs.")
    return again


@login_required
@require_POST
def propose(request: HttpRequest, publication_id: int) -> HttpResponse:
    found = publication_or_404(request, publication_id)
    try:
        commands.propose(actor=administrator(request), publication_id=found.pk)
    except Invalid:
        messages.error(request, "It cannot be proposed yet: what is wrong with it stands below.")
    else:
        messages.success(request, "Proposed. Another administrator has to publish it.")
    return redirect("administrator:draft", publication_id=found.pk)


@login_required
@require_POST
def publish(request: HttpRequest, publication_id: int) -> HttpResponse:
    found = publication_or_404(request, publication_id)
    zone = ZoneInfo(authority().time_zone)
    form = PublishForm(request.POST, zone=zone)
    if form.is_valid():
        since = form.cleaned_data["effective_at"]
        try:
            done = commands.publish(actor=administrator(request), publication_id=found.pk, effective_at=since)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            when = f"will be in force from {told(since, zone)}" if since else "is in force"
            messages.success(request, f"Version {done.version} {when}.")
            return redirect("administrator:publication", kind=found.kind, key=found.key)
    return draft_page(request, found, form)


@login_required
@require_POST
def withdraw(request: HttpRequest, publication_id: int) -> HttpResponse:
    found = publication_or_404(request, publication_id)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return draft_page(request, found, form)
    commands.withdraw(actor=administrator(request), publication_id=found.pk, **form.cleaned_data)
    messages.success(request, "The draft is withdrawn.")
    return redirect("administrator:publication", kind=found.kind, key=found.key)
