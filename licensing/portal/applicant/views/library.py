"""Registering models, versions, parties and sites, on the way to an application."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from licensing.accounts.commands import describe_organization
from licensing.accounts.models import Organization
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.catalog.commands import register_model, register_version
from licensing.catalog.models import Model
from licensing.countries.queries import names
from licensing.parties.commands import record_stake, register_party, register_site
from licensing.parties.models import OwnershipStake, Party
from licensing.portal.applicant import library_forms as forms
from licensing.portal.applicant.views.drafts import person_of
from licensing.portal.forms import add_problems


def organization_of(request: HttpRequest) -> Organization:
    """The organization for which the person registers: their own; the first by name for those who act for several."""
    organization = person_of(request).applicant_organizations().order_by("name").first()
    if organization is None:
        raise NotPermitted("no_organization", "You do not prepare applications for any organization.")
    return organization


def back_to(request: HttpRequest) -> str:
    """Where the person came from, when that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if own else reverse("applicant:home")


def _register(
    request: HttpRequest, form: django_forms.Form, title: str, register: Callable[[], Any], after: Callable[[Any], str]
) -> HttpResponse:
    """Validate, register, go on; every problem goes to its field."""
    if request.method == "POST" and form.is_valid():
        try:
            made = register()
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"{made} is registered.")
            return redirect(after(made))
    return render(request, "applicant/library.html", {"form": form, "title": title, "next": back_to(request)})


@login_required
@require_http_methods(["GET", "POST"])
def new_model(request: HttpRequest) -> HttpResponse:
    organization = organization_of(request)
    form = forms.ModelForm(request.POST or None)

    def register() -> Model:
        return register_model(actor=person_of(request), organization_id=organization.pk, **form.cleaned_data)

    def then_version(model: Model) -> str:
        return reverse("applicant:new_version", args=[model.pk]) + f"?next={back_to(request)}"

    return _register(request, form, "Register a model", register, then_version)


@login_required
@require_http_methods(["GET", "POST"])
def new_version(request: HttpRequest, model_id: int) -> HttpResponse:
    mine = Model.objects.filter(organization__in=person_of(request).applicant_organizations())
    model = get_object_or_404(mine, pk=model_id)
    form = forms.VersionForm(request.POST or None)

    def register() -> object:
        return register_version(actor=person_of(request), model_id=model.pk, **form.answers())

    return _register(request, form, f"Register a version of {model}", register, lambda made: back_to(request))


@login_required
@require_http_methods(["GET", "POST"])
def new_party(request: HttpRequest) -> HttpResponse:
    organization = organization_of(request)
    form = forms.PartyForm(request.POST or None)

    def register() -> object:
        return register_party(actor=person_of(request), organization_id=organization.pk, **form.answers())

    return _register(request, form, "Register a party", register, lambda made: back_to(request))


@login_required
@require_http_methods(["GET", "POST"])
def new_stake(request: HttpRequest, party_id: int) -> HttpResponse:
    """Who owns a share of a party, one owner at a time; the same owner again corrects the share."""
    mine = Party.objects.filter(organization__in=person_of(request).applicant_organizations())
    party = get_object_or_404(mine, pk=party_id)
    return _new_stake(request, party.organization_id, party)


@login_required
@require_http_methods(["GET", "POST"])
def new_own_stake(request: HttpRequest) -> HttpResponse:
    """Who owns a share of the company itself."""
    return _new_stake(request, organization_of(request).pk, None)


def _new_stake(request: HttpRequest, organization_id: int, owned: Party | None) -> HttpResponse:
    form = forms.StakeForm(request.POST or None, organization_id=organization_id, owned=owned)
    whose = str(owned or "your company")

    def register() -> str:
        stake = record_stake(actor=person_of(request), owned_id=owned.pk if owned else None, **form.answers())
        return f"{stake.owner}, owner of {whose},"

    return _register(request, form, f"Add an owner of {whose}", register, lambda made: back_to(request))


@login_required
@require_http_methods(["GET", "POST"])
def organization(request: HttpRequest) -> HttpResponse:
    """What the company is known by besides its legal name."""
    own = organization_of(request)
    before = {"aliases": "\n".join(own.aliases), "address": own.address, "website": own.website}
    form = forms.OrganizationForm(request.POST or None, initial=before)
    if request.method == "POST" and form.is_valid():
        try:
            describe_organization(actor=person_of(request), organization_id=own.pk, **form.answers())
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "Kept. Applications that are not filed yet have to be certified again.")
            return redirect(back_to(request))
    owners = OwnershipStake.objects.filter(organization=own).select_related("owner").order_by("owner__name")
    context = {
        "form": form, "organization": own, "country": names()[own.country], "owners": owners, "next": back_to(request),
    }  # fmt: skip
    return render(request, "applicant/organization.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_site(request: HttpRequest) -> HttpResponse:
    organization = organization_of(request)
    form = forms.SiteForm(request.POST or None)

    def register() -> object:
        return register_site(actor=person_of(request), organization_id=organization.pk, **form.answers())

    return _register(request, form, "Register a hosting site", register, lambda made: back_to(request))
