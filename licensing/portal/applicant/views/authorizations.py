"""Authorizations that need no case: which there are, which suits, and what is done about each. And the check of a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from licensing.accounts.models import Organization
from licensing.audit.refusals import Invalid
from licensing.countries.queries import names
from licensing.licenses.authorizations import catalog
from licensing.licenses.authorizations.catalog import Authorization
from licensing.licenses.authorizations.duties import Done, report_due
from licensing.licenses.commands.answering import REGISTRATION, answer_authority, free_at
from licensing.licenses.commands.authorizing import Duty, acts, end_registration, record_duty, register
from licensing.licenses.commands.releasing import check_release
from licensing.licenses.models import DutyRecord, Registration, ReleaseCheck
from licensing.licenses.releases.facts import Release
from licensing.portal import letters
from licensing.portal.applicant import authorization_forms as forms
from licensing.portal.applicant.views.drafts import person_of
from licensing.portal.applicant.views.library import organization_of
from licensing.portal.forms import add_problems, carried_out
from licensing.texts.queries import text

FACTS = ("military_end_use", "wmd_end_use")


@dataclass(frozen=True)
class Used:
    """An authorization, and how the organization uses it."""

    authorization: Authorization
    registration: Registration | None
    due: datetime | None
    overdue: bool


def _used(authorization: Authorization, registration: Registration | None, at: datetime) -> Used:
    done = catalog.done(registration, "", at) if registration else Done()
    due = report_due(authorization.duties, done)
    return Used(authorization, registration, due, bool(due and at > due))


@login_required
def authorization_list(request: HttpRequest) -> HttpResponse:
    """Every authorization in force, and which of them the organization uses."""
    now, organization = timezone.now(), organization_of(request)
    registered = catalog.registrations(organization, now)
    rows = [_used(each, registered.get(each.key), now) for each in catalog.published(now)]
    checks = ReleaseCheck.objects.filter(organization=organization)[:10]
    return render(request, "applicant/authorizations.html", {"rows": rows, "checks": checks})


def _found(organization: Organization, key: str, at: datetime) -> Used:
    """The authorization of this key. Raises Http404 where none is in force."""
    found = catalog.find_published(key, at)
    if found is None:
        raise Http404
    return _used(found, catalog.registrations(organization, at).get(key), at)


@login_required
def authorization(request: HttpRequest, key: str) -> HttpResponse:
    """What it covers and asks for, what the organization has done about it, and what it may do now."""
    now, organization = timezone.now(), organization_of(request)
    used = _found(organization, key, now)
    rows = (
        used.registration.records.select_related("recorded_by").prefetch_related("answers")
        if used.registration
        else None
    )
    records = [(row, row.standing().status) for row in rows.order_by("-pk")] if rows is not None else []
    context = {
        "used": used,
        "conditions": [text(each, now).pinned() for each in used.authorization.conditions],
        "acts": [(act, forms.ACTS[act]) for act in acts(used.authorization)],
        "records": records,
        "countries": names(),
        "earlier": organization.registrations.filter(authorization=key, ended_at__isnull=False),
    }
    return render(request, "applicant/authorization.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, key: str, what: str) -> HttpResponse:
    """Register, certify, notify, report, file, or end."""
    now, organization = timezone.now(), organization_of(request)
    used = _found(organization, key, now)
    if what not in ("register", *(("end", *acts(used.authorization)) if used.registration else ())):
        raise Http404
    options: dict[str, Any] = {} if what in ("register", "end") else {"organization": organization}
    form = forms.form_class(what, used.authorization)(request.POST if request.method == "POST" else None, **options)
    forms.counted_in(form, used.authorization.duties.unit)
    if request.method == "POST" and form.is_valid():
        try:
            _do(request, organization, used, what, form.cleaned_data, now)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "Recorded.")
            return redirect("applicant:authorization", key=key)
    duties = used.authorization.duties
    statement = {"register": duties.registration, "certification": duties.certification}.get(what, "")
    context = {
        "form": form,
        "used": used,
        "act": what,
        "title": forms.TITLES[what].format(title=used.authorization.title),
        "statement": text(statement, now) if statement else None,
    }
    return render(request, "applicant/authorization_act.html", context)


def _do(
    request: HttpRequest, organization: Organization, used: Used, what: str, given: Mapping[str, Any], at: datetime
) -> None:
    person, registration = person_of(request), used.registration
    if what == "register":
        register(
            actor=person,
            organization_id=organization.pk,
            key=used.authorization.key,
            agreed=given.get("agreed", False),
            at=at,
        )
    elif registration is not None and what == "end":
        end_registration(actor=person, registration_id=registration.pk, at=at)
    elif registration is not None:
        told = dict(given)
        party = told.pop("party")
        whom = {"recipient": party.name, "country": party.country} if party else {}
        record_duty(actor=person, registration_id=registration.pk, duty=Duty(kind=what, **whom, **told), at=at)


@login_required
@require_http_methods(["GET", "POST"])
def duty_record(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """One thing that was done, what the authority says to it, and the answer to its question."""
    now, organization = timezone.now(), organization_of(request)
    mine = DutyRecord.objects.filter(registration__organization=organization, registration__authorization=key)
    found = get_object_or_404(mine.select_related("registration", "recorded_by"), pk=record_id)
    standing, form = found.standing(), forms.AnswerForm(request.POST or None)
    act = lambda data: answer_authority(actor=person_of(request), record_id=found.pk, at=now, **data)  # noqa: E731 - one call
    if request.method == "POST" and carried_out(form, act):
        messages.success(request, "Your answer has been sent.")
        return redirect("applicant:duty_record", key=key, record_id=record_id)
    context = {
        "record": found,
        "status": standing.status,
        "authorization": catalog.find_published(key, now),
        "answers": found.answers.select_related("said_by"),
        "free_at": free_at(found, now),
        "letters": letters.shown(REGISTRATION, str(found.registration_id), now),
        "form": form if standing.asked else None,
    }
    return render(request, "applicant/duty_record.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def release_check(request: HttpRequest) -> HttpResponse:
    """May this model go to this recipient now, under what; the same question that machines ask, kept as evidence too."""
    organization = organization_of(request)
    form = forms.ReleaseForm(request.POST or None, organization=organization)
    kept = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        party, place = given["party"], given["place"]
        release = Release(
            model_hash=given["model_hash"],
            modality=given["modality"],
            destination=given["destination"],
            recipient=party.name,
            recipient_country=party.country,
            site=place.name if place else "",
            site_country=place.country if place else "",
            quantity=given["quantity"],
        )
        facts = {name: given[name] for name in FACTS if given[name] is not None}
        try:
            kept = check_release(
                actor=person_of(request), organization=organization, release=release, at=timezone.now(), facts=facts
            )
        except Invalid as invalid:
            add_problems(form, invalid)
    return render(request, "applicant/release_check.html", {"form": form, "kept": kept})
