"""Control orders and lists of authorized parties, for cleared administrators: drafts, publication, service, disclosure."""

from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.accounts.models import Person
from licensing.accounts.queries import authority
from licensing.audit.commands import access
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid
from licensing.policy import commands
from licensing.policy.commands.ordering import require_cleared
from licensing.policy.models import ControlOrder, Service, Undertaking
from licensing.policy.order_versions import lines_of
from licensing.policy.queries import AUTHORIZED_PARTIES, CONFIDENTIAL_KINDS, ORDER
from licensing.portal.administrator import order_forms
from licensing.portal.administrator.forms import PublishForm
from licensing.portal.administrator.views import administrator
from licensing.portal.forms import add_problems
from licensing.publishing.models import OPEN, Publication, PublicationState
from licensing.publishing.queries import all_in_force, changes
from licensing.texts.queries import library


def cleared(request: HttpRequest) -> Person:
    """Who asks. The others get one answer, whatever there is."""
    person = administrator(request)
    require_cleared(person)
    return person


def zone() -> ZoneInfo:
    """That of the authority's clocks."""
    return ZoneInfo(authority().time_zone)


def version_or_404(request: HttpRequest, publication_id: int) -> Publication:
    cleared(request)
    return get_object_or_404(
        Publication.objects.select_related("based_on"), pk=publication_id, kind__in=CONFIDENTIAL_KINDS
    )


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Every order and list, and the drafts that wait."""
    cleared(request)
    now = timezone.now()
    standing = all_in_force(ORDER, now)
    orders = ControlOrder.objects.select_related("organization", "disclosure")
    context = {
        "orders": [(order, standing.get(order.key)) for order in orders],
        "lists": all_in_force(AUTHORIZED_PARTIES, now).values(),
        "waiting": Publication.objects.filter(kind__in=CONFIDENTIAL_KINDS, state__in=OPEN).order_by("key"),
    }
    return render(request, "administrator/orders.html", context)


def form_page(
    request: HttpRequest, form: forms.Form, act: Callable[[dict[str, Any]], Publication], **words: object
) -> HttpResponse:
    """A form of its own page: valid, the command is called, and the version is shown."""
    if request.method == "POST" and form.is_valid():
        try:
            version = act(form.cleaned_data)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return redirect("administrator:order_version", publication_id=version.pk)
    return render(request, "administrator/order_form.html", {"form": form, **words})


@login_required
@require_http_methods(["GET", "POST"])
def open_order(request: HttpRequest) -> HttpResponse:
    person = cleared(request)

    def act(given: dict[str, Any]) -> Publication:
        company = given["organization"].pk
        return commands.open_order(actor=person, organization_id=company, key=given["key"], note=given["note"])

    return form_page(
        request,
        order_forms.OpenOrderForm(request.POST or None),
        act,
        title="Draft a control order",
        button="Open the draft",
    )


@login_required
@require_http_methods(["GET", "POST"])
def open_list(request: HttpRequest) -> HttpResponse:
    person = cleared(request)
    form = order_forms.OpenListForm(request.POST or None)
    words = {"title": "Draft a list of authorized parties", "button": "Open the draft"}
    return form_page(request, form, lambda given: commands.open_authorized_list(actor=person, **given), **words)


def undertakings(history: Iterable[Publication]) -> list[tuple[Undertaking, str]]:
    """The duties of all versions, those that are texts of the library by their title."""
    titles = {each.key: each.title for each in library("condition")}
    rows = Undertaking.objects.filter(publication__in=history).select_related("publication").order_by("pk")
    return [(row, titles.get(row.text, row.text)) for row in rows]


@login_required
def order(request: HttpRequest, key: str) -> HttpResponse:
    """One order: what stands, its versions, on whom it was served, who may know of it."""
    person = cleared(request)
    found = get_object_or_404(ControlOrder.objects.select_related("organization", "disclosure"), key=key)
    access(person, found, "control order")
    history = Publication.objects.filter(kind=ORDER, key=key).order_by("-version")
    standing = all_in_force(ORDER, timezone.now()).get(key)
    context = {
        "order": found,
        "lines": lines_of(standing) if standing else [],
        "history": history,
        "open": next((row for row in history if row.state in OPEN), None),
        "services": Service.objects.filter(order=found).select_related("publication", "acknowledgement__person"),
        "undertakings": undertakings(history),
        "disclosure": getattr(found, "disclosure", None),
        "mine": getattr(getattr(found, "disclosure", None), "proposed_by_id", "") == person.actor_id,
        "trail": trail(found),
    }
    return render(request, "administrator/order.html", context)


@login_required
def authorized_list(request: HttpRequest, key: str) -> HttpResponse:
    """One list of authorized parties with its versions."""
    cleared(request)
    history = list(Publication.objects.filter(kind=AUTHORIZED_PARTIES, key=key).order_by("-version"))
    get_object_or_404(Publication, pk=history[0].pk if history else 0)
    standing = all_in_force(AUTHORIZED_PARTIES, timezone.now()).get(key)
    context = {
        "key": key,
        "lines": lines_of(standing) if standing else [],
        "history": history,
        "open": next((row for row in history if row.state in OPEN), None),
    }
    return render(request, "administrator/authorized_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Open the next version of an order or of a list."""
    person = cleared(request)
    get_object_or_404(Publication.objects.filter(kind=kind, key=key).order_by("-version")[:1])

    def act(given: dict[str, Any]) -> Publication:
        return commands.draft_version(actor=person, kind=kind, key=key, note=given["note"])

    return form_page(
        request,
        order_forms.VersionForm(request.POST or None),
        act,
        title=f"Draft a change: {key}",
        button="Open the draft",
    )


def servable(version: Publication) -> bool:
    published = version.kind == ORDER and version.state == PublicationState.PUBLISHED
    return published and not Service.objects.filter(publication=version).exists()


def version_context(request: HttpRequest, found: Publication, **more: object) -> dict[str, object]:
    person = cleared(request)
    context: dict[str, object] = {
        "version": found,
        "is_order": found.kind == ORDER,
        "lines": lines_of(found),
        "changes": changes(found),
        "reliefs": [row["id"] for row in found.content.get("reliefs", ())],
        "publish_form": PublishForm(zone=zone()),
        "serve_form": order_forms.ServeForm(zone=zone()),
        "servable": servable(found),
        "mine": found.proposed_by_id == person.actor_id,
        "trail": trail(found),
        **more,
    }
    return context | {"form": next((each for name, each in more.items() if name.endswith("_form")), None)}


@login_required
def version(request: HttpRequest, publication_id: int) -> HttpResponse:
    """One version: what it says, what it changes, and what can be done with it."""
    found = version_or_404(request, publication_id)
    return render(request, "administrator/order_version.html", version_context(request, found))
