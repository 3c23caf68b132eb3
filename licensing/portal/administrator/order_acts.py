"""What a cleared administrator does with a version of a control order or list, and the disclosure of an order: one command each."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from licensing.accounts.models import Person
from licensing.audit.refusals import Invalid
from licensing.policy import commands
from licensing.policy.models import ControlOrder
from licensing.policy.queries import ORDER
from licensing.portal.administrator import order_forms
from licensing.portal.administrator.forms import PublishForm
from licensing.portal.administrator.orders import cleared, form_page, version_context, version_or_404, zone
from licensing.portal.forms import add_problems
from licensing.publishing.models import Publication


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, publication_id: int) -> HttpResponse:
    """The scope of an order, or the parties of a list."""
    person, found = cleared(request), version_or_404(request, publication_id)
    form: order_forms.ScopeForm | order_forms.PartiesForm
    if found.kind == ORDER:
        form = order_forms.ScopeForm(
            request.POST or None, initial=order_forms.ScopeForm.initial_of(found.content), zone=zone()
        )
    else:
        form = order_forms.PartiesForm(request.POST or None, initial=order_forms.PartiesForm.initial_of(found.content))
    return _edited(request, person, found, form, lambda: form.changes(), "What it says")


@login_required
@require_http_methods(["GET", "POST"])
def relieve(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Add a relief to a draft."""
    person, found = cleared(request), version_or_404(request, publication_id)
    form = order_forms.ReliefForm(request.POST or None)
    kept = found.content.get("reliefs", [])
    return _edited(request, person, found, form, lambda: {"reliefs": [*kept, form.relief()]}, "Add a relief")


@login_required
@require_POST
def remove_relief(request: HttpRequest, publication_id: int, relief: str) -> HttpResponse:
    person, found = cleared(request), version_or_404(request, publication_id)
    kept = [row for row in found.content.get("reliefs", ()) if row["id"] != relief]
    commands.edit_version(actor=person, publication_id=found.pk, changes={"reliefs": kept})
    return redirect("administrator:order_version", publication_id=found.pk)


@login_required
@require_http_methods(["GET", "POST"])
def rescind(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Make a draft the one that rescinds the order."""
    person, found = cleared(request), version_or_404(request, publication_id)
    form = order_forms.RescindForm(request.POST or None)
    return _edited(request, person, found, form, form.changes, "Rescind the order")


def _edited(
    request: HttpRequest,
    person: Person,
    found: Publication,
    form: forms.Form,
    changed: Callable[[], dict[str, Any]],
    title: str,
) -> HttpResponse:
    def act(_: dict[str, Any]) -> Publication:
        return commands.edit_version(actor=person, publication_id=found.pk, changes=changed())

    words = {"title": title, "caption": f"{found.key}, version {found.version}", "button": "Keep it in the draft"}
    return form_page(request, form, act, version=found, **words)


@login_required
@require_POST
def propose(request: HttpRequest, publication_id: int) -> HttpResponse:
    person, found = cleared(request), version_or_404(request, publication_id)
    wrong = forms.Form(data={})
    try:
        commands.propose_version(actor=person, publication_id=found.pk)
    except Invalid as invalid:
        wrong.is_valid()
        add_problems(wrong, invalid)
        return render(request, "administrator/order_version.html", version_context(request, found, wrong_form=wrong))
    messages.success(request, "Proposed. Another cleared administrator has to publish it.")
    return redirect("administrator:order_version", publication_id=found.pk)


@login_required
@require_POST
def publish(request: HttpRequest, publication_id: int) -> HttpResponse:
    person, found = cleared(request), version_or_404(request, publication_id)
    form = PublishForm(request.POST, zone=zone())
    if form.is_valid():
        try:
            commands.publish_version(
                actor=person, publication_id=found.pk, effective_at=form.cleaned_data["effective_at"]
            )
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"Version {found.version} is published.")
            return redirect("administrator:order_version", publication_id=found.pk)
    return render(request, "administrator/order_version.html", version_context(request, found, publish_form=form))


@login_required
@require_POST
def withdraw(request: HttpRequest, publication_id: int) -> HttpResponse:
    person, found = cleared(request), version_or_404(request, publication_id)
    commands.withdraw_version(actor=person, publication_id=found.pk, reason=request.POST.get("reason", ""))
    messages.success(request, "The draft is withdrawn.")
    return redirect("administrator:order_version", publication_id=found.pk)


@login_required
@require_POST
def serve(request: HttpRequest, publication_id: int) -> HttpResponse:
    person, found = cleared(request), version_or_404(request, publication_id)
    form = order_forms.ServeForm(request.POST, zone=zone())
    if form.is_valid():
        try:
            commands.serve_order(actor=person, publication_id=found.pk, **form.cleaned_data)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "The service is recorded, and the company's people are told.")
            return redirect("administrator:order", key=found.key)
    return render(request, "administrator/order_version.html", version_context(request, found, serve_form=form))


@login_required
@require_POST
def disclose(request: HttpRequest, key: str) -> HttpResponse:
    """Propose the disclosure, or disclose what somebody else has proposed."""
    person = cleared(request)
    found = get_object_or_404(ControlOrder.objects.select_related("disclosure"), key=key)
    if getattr(found, "disclosure", None) is None:
        commands.propose_disclosure(actor=person, key=key)
        messages.success(request, "Proposed. Another cleared administrator has to disclose it.")
    else:
        commands.disclose_order(actor=person, key=key)
        messages.success(request, "The order is disclosed: everybody may know of it from now on.")
    return redirect("administrator:order", key=key)
