"""One's own account beside what allauth keeps: tokens for machines."""

import uuid
from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from licensing.accounts.commands import issue_token, revoke_token
from licensing.accounts.models import Organization, Person


class TokenForm(forms.Form):
    label = forms.CharField(label="What is it for?", help_text="For example: nightly filing job.", max_length=100)
    organization = forms.ModelChoiceField(
        label="For which organization?", queryset=Organization.objects.none(), empty_label=None
    )

    def __init__(self, *args: object, person: Person, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        cast(
            "forms.ModelChoiceField[Organization]", self.fields["organization"]
        ).queryset = person.applicant_organizations()


@login_required
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that hold, and a form for a new one, which is shown this once."""
    person = cast(Person, request.user)
    form = TokenForm(request.POST or None, person=person)
    made = ""
    if request.method == "POST" and form.is_valid():
        _, made = issue_token(
            actor=person,
            person_id=person.pk,
            organization_id=form.cleaned_data["organization"].pk,
            label=form.cleaned_data["label"],
        )
        form = TokenForm(person=person)
    held = person.api_tokens.filter(revoked_at__isnull=True, expires_at__gt=timezone.now())
    context = {"form": form, "made": made, "tokens": held.select_related("organization").order_by("-created_at")}
    return render(request, "account/tokens.html", context)


@login_required
@require_POST
def revoke(request: HttpRequest, token_id: uuid.UUID) -> HttpResponse:
    revoke_token(actor=cast(Person, request.user), token_id=token_id)
    messages.success(request, "The token is revoked.")
    return redirect("account_tokens")
