"""A bound party, who has no account, reads the conditions that bind it and acknowledges them, by a link that works once."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from rest_framework.throttling import SimpleRateThrottle

from licensing.audit.refusals import Invalid
from licensing.licenses.commands.conditions import acknowledge
from licensing.licenses.models import Acknowledgment
from licensing.licenses.queries import acknowledgment_by, bound_parties
from licensing.portal.forms import add_problems


class Trying(SimpleRateThrottle):
    """How often somebody may try links, by address."""

    rate = "60/hour"
    scope = "acknowledgment"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return f"acknowledgment:{self.get_ident(request)}"  # type: ignore[arg-type]


class AcknowledgmentForm(forms.Form):
    name = forms.CharField(label="Your name", max_length=200)
    title = forms.CharField(label="Your position", max_length=200)
    email = forms.EmailField(label="Your e-mail address")
    identity_shown_by = forms.CharField(
        label="How is your identity shown?",
        help_text="For example: a qualified electronic signature of 25 November 2026, or passport and entry in the company register.",
        max_length=200,
    )
    agreed = forms.BooleanField(
        label="I may speak for this party, and I acknowledge that these conditions bind it", required=False
    )


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def acknowledgment(request: HttpRequest, token: str) -> HttpResponse:
    """The conditions and the form; why a link does not work is said in a sentence."""
    if not Trying().allow_request(request, None):  # type: ignore[arg-type]
        return _closed(request, "Too many attempts: try again in an hour.", 429)
    asked = acknowledgment_by(token)
    if asked is None:
        return _closed(
            request, "This link does not work. Check that it is complete, or ask the licensee for a new one.", 404
        )
    form = AcknowledgmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            acknowledge(token=token, **form.cleaned_data)
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            return render(request, "public/acknowledged.html", {"asked": asked})
    why = _why_closed(asked)
    if why:
        return _closed(request, why, 410)
    texts = next((party.texts for party in bound_parties(asked.license) if party.name == asked.party_name), ())
    return render(request, "public/acknowledge.html", {"asked": asked, "texts": texts, "form": form})


def _why_closed(asked: Acknowledgment) -> str:
    if asked.acknowledged_at is not None:
        return "This link was used already: it works once. The acknowledgment is kept with the license."
    if timezone.now() >= asked.expires_at:
        return "This link is too old, or a newer one was sent. Ask the licensee for a new one."
    return ""


def _closed(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return render(request, "public/acknowledge_closed.html", {"why": why}, status=status)
