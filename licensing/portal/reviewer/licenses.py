"""The officers' desk for licenses: where they stand, and what is done about them; every act is one command."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.accounts.models import Person
from licensing.audit.commands import access
from licensing.audit.queries import trail
from licensing.audit.refusals import NotPermitted
from licensing.licenses.commands import conditions, narrowing, revising, standing
from licensing.licenses.models import ChangeRequest, Ending, License, Narrowing
from licensing.licenses.permissions import may_rule
from licensing.licenses.queries import bound_parties, revocation, status
from licensing.licenses.rules import Status, normalized_number
from licensing.portal import letters
from licensing.portal import license_pages as pages
from licensing.portal.forms import carried_out
from licensing.portal.reviewer import license_forms as forms
from licensing.portal.reviewer.views import person_of


@dataclass(frozen=True)
class Now:
    """What an act's being offered depends on: where the license stands, what is proposed, the revocation that stands, and who asks."""

    status: Status
    proposed: Ending | Narrowing | None
    revoked: Ending | None
    who: Person
    items: int


@dataclass(frozen=True)
class Act:
    """Something that an officer may do about a license: its words, its form, its command, and when it is offered."""

    title: str
    button: str
    form: type[django_forms.Form]
    do: Callable[[Person, License, dict[str, Any]], object]
    offered: Callable[[Now], bool]
    warning: str = ""


def _suspend(person: Person, license_: License, data: dict[str, Any]) -> object:
    return standing.suspend_license(actor=person, license_id=license_.pk, ordered_by=person.name, **data)


def _command(command: Callable[..., object]) -> Callable[[Person, License, dict[str, Any]], object]:
    return lambda person, license_, data: command(actor=person, license_id=license_.pk, **data)


def _settle(ending: Callable[..., object], part: Callable[..., object]) -> Callable[..., object]:
    """What settles the proposal that waits, whether it is for the whole license or a part of it."""

    def settled(person: Person, license_: License, data: dict[str, Any]) -> object:
        command = part if license_.narrowings.proposed().exists() else ending
        return command(actor=person, license_id=license_.pk, **data)

    return settled


NO_NOTICE = "It holds from this minute on, without notice. The licensee is told why."
ACTS: Mapping[str, Act] = {
    "suspend": Act(
        "Suspend", "Suspend the license", forms.SuspendForm, _suspend,
        lambda now: not now.status.for_good, NO_NOTICE,
    ),
    "lift": Act(
        "Lift the suspension", "Lift it", forms.ReasonForm, _command(standing.lift_suspension),
        lambda now: now.status == Status.SUSPENDED,
    ),
    "end": Act(
        "Propose to revoke or void", "Propose it", forms.EndForm, _command(standing.propose_ending),
        lambda now: not now.status.for_good and now.proposed is None and now.revoked is None,
    ),
    "part": Act(
        "Propose to revoke it in part", "Propose it", forms.PartForm, _command(narrowing.propose_narrowing),
        lambda now: now.status.in_force and now.proposed is None and now.items > 1,
    ),
    "confirm": Act(
        "Confirm the proposal", "Confirm it", forms.ConfirmForm, _settle(standing.confirm_ending, narrowing.confirm_narrowing),
        lambda now: now.proposed is not None and now.proposed.proposed_by_id != now.who.pk,
        "It takes the right away for good, from when the proposal says.",
    ),
    "drop": Act(
        "Give the proposal up", "Give it up", forms.ReasonForm, _settle(standing.drop_ending, narrowing.drop_narrowing),
        lambda now: now.proposed is not None,
    ),
    "relieve": Act(
        "Propose to set the revocation aside", "Propose it", forms.ReasonForm, _command(standing.propose_reinstatement),
        lambda now: now.revoked is not None and now.revoked.relief_proposed_at is None,
    ),
    "reinstate": Act(
        "Set the revocation aside", "Reinstate the license", forms.ConfirmForm, _command(standing.reinstate_license),
        lambda now: now.revoked is not None and now.revoked.relief_proposed_by_id not in (None, now.who.pk),
    ),
    "keep": Act(
        "Let the revocation stand", "Give the proposal up", forms.ReasonForm, _command(standing.drop_reinstatement),
        lambda now: now.revoked is not None and now.revoked.relief_proposed_at is not None,
    ),
    "cancel": Act(
        "Cancel it before it begins", "Cancel it", forms.ReasonForm, _command(standing.cancel_license),
        lambda now: now.status == Status.NOT_BEGUN, "The license never begins.",
    ),
}  # fmt: skip
CONDITION_ACTS: Mapping[str, tuple[str, str, type[django_forms.Form], Callable[..., object]]] = {
    "meet": ("Find a condition met", "It is met", forms.EvidenceForm, conditions.meet_condition),
    "lapse": ("Let a condition lapse", "It lapses", forms.ReasonForm, conditions.lapse_condition),
}


def license_or_404(request: HttpRequest, number: str) -> License:
    if not may_rule(person_of(request)):
        raise NotPermitted("not_an_officer", "Only officers of the licensing authority see this page.")
    licenses = License.objects.issued().told_to(person_of(request))
    return get_object_or_404(licenses.select_related("case", "licensee", "replaces", "document"), number=number)


@login_required
def licenses(request: HttpRequest) -> HttpResponse:
    """All licenses, the latest first; `?find=` by number or licensee, `?waiting=1` those on which somebody has to decide."""
    if not may_rule(person_of(request)):
        raise NotPermitted("not_an_officer", "Only officers of the licensing authority see this page.")
    found = License.objects.issued().told_to(person_of(request)).with_standing().select_related("case", "licensee")
    wanted = request.GET.get("find", "").strip()[:100]
    if wanted:
        found = found.filter(Q(number=normalized_number(wanted) or wanted) | Q(licensee__name__icontains=wanted))
    if request.GET.get("waiting"):
        requests = ChangeRequest.objects.filter(decided_at__isnull=True).values("license")
        found = found.filter(
            Q(pk__in=requests)
            | Q(pk__in=Ending.objects.proposed().values("license"))
            | Q(pk__in=Ending.objects.relief_proposed().values("license"))
            | Q(pk__in=Narrowing.objects.proposed().values("license"))
        )
    page = Paginator(found.order_by("-issued_at"), 50).get_page(request.GET.get("page"))
    context = {"page": page, "rows": pages.listed(list(page), timezone.now()), "find": wanted}
    return render(request, "reviewer/licenses.html", context)


@login_required
def license_page(request: HttpRequest, number: str) -> HttpResponse:
    found, now = license_or_404(request, number), timezone.now()
    access(person_of(request), found, "license")
    proposed, revoked = _proposed(found), revocation(found)
    standing_now = Now(status(found, now), proposed, revoked, person_of(request), found.items.count())
    context = {
        "license": found,
        "heading": pages.heading(found, now),
        "ruling": True,
        "acts": [(key, act) for key, act in ACTS.items() if act.offered(standing_now)],
        "ending": _told(proposed or revoked),
        "suspensions": found.suspensions.ordered_at(now),
        "conditions": pages.condition_rows(found, now),
        "parties": bound_parties(found),
        "balance": pages.balance_rows(found),
        "requests": ChangeRequest.objects.filter(case=found.case_id).select_related("result", "transferee"),
        "letters": letters.shown("license", str(found.pk), now),
        "trail": trail(found),
    }
    return render(request, "reviewer/license.html", context)


def _proposed(license_: License) -> Ending | Narrowing | None:
    """What waits for a second officer."""
    ending = license_.endings.proposed().select_related("proposed_by").first()
    return ending or license_.narrowings.proposed().select_related("proposed_by").first()


def _told(ending: Ending | Narrowing | None) -> str:
    """What two officers have to agree on, who proposes it, and why."""
    if ending is None:
        return ""
    if isinstance(ending, Ending) and ending.relief_proposed_by is not None:
        return f"{ending.relief_proposed_by.name} proposes to set the revocation aside: {ending.set_aside_reason}"
    said = "" if ending.confirmed_at else f", proposed by {ending.proposed_by.name}"
    return f"{ending}{said} under {ending.basis}: {ending.reason}"


@login_required
@require_http_methods(["GET", "POST"])
def license_act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    found = license_or_404(request, number)
    if act not in ACTS:
        raise Http404
    chosen = ACTS[act]
    return _act(
        request, found, chosen.form, chosen.title, chosen.button, lambda data: chosen.do(person_of(request), found, data),
        lead=_told(_proposed(found) or revocation(found)), warning=chosen.warning,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def license_condition(request: HttpRequest, number: str, condition: int, act: str) -> HttpResponse:
    found = license_or_404(request, number)
    if act not in CONDITION_ACTS:
        raise Http404
    title, button, form, command = CONDITION_ACTS[act]
    text = get_object_or_404(found.texts.filter(kind="condition"), number=condition)

    def do(data: dict[str, Any]) -> object:
        return command(actor=person_of(request), license_id=found.pk, number=condition, **data)

    return _act(request, found, form, title, button, do, lead=f"Condition {text.number}, {text.title}: {text.body}")


@login_required
@require_http_methods(["GET", "POST"])
def license_request(request: HttpRequest, number: str, request_id: int) -> HttpResponse:
    """What the licensee asks for, with its letter, and the decision."""
    found = license_or_404(request, number)
    people = ("requested_by", "accepted_by", "proposed_by")
    rows = ChangeRequest.objects.filter(license=found).select_related("transferee", *people)
    asked, person = get_object_or_404(rows, pk=request_id), person_of(request)

    def do(data: dict[str, Any]) -> object:
        if data["granted"] == "propose":
            return revising.propose_grant(actor=person, request_id=asked.pk, reason=data["reason"])
        if data["granted"] == "yes":
            return revising.grant_change(actor=person, request_id=asked.pk)
        return revising.refuse_change(actor=person, request_id=asked.pk, reason=data["reason"])

    title, form = f"{asked.get_kind_display()} of {found.number}", forms.request_form(asked.proposed_by, person)
    more = {"asked": asked, "wanted": pages.asked_for(asked)}
    return _act(request, found, form, title, "Record it", do, template="reviewer/license_request.html", **more)


def _act(
    request: HttpRequest, license_: License, form_class: type[django_forms.Form], title: str, button: str,
    do: Callable[[dict[str, Any]], object], template: str = "components/act.html", **more: Any,
) -> HttpResponse:  # fmt: skip
    form = form_class(request.POST if request.method == "POST" else None)
    if isinstance(form, forms.PartForm):
        form.offer(license_)
    if request.method == "POST" and carried_out(form, do):
        messages.success(request, "Recorded.")
        return redirect("reviewer:license", number=license_.number)
    back = reverse("reviewer:license", args=[license_.number])
    context = {"form": form, "title": title, "button": button, "caption": license_.number, "back": back, **more}
    return render(request, template, context)
