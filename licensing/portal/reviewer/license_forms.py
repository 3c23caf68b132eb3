"""What an officer fills in about a license that has been issued."""

from django import forms

from licensing.accounts.models import Person
from licensing.licenses.models import License


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Reason", help_text="The licensee reads it.", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )


class SuspendForm(ReasonForm):
    until = forms.DateTimeField(
        label="Until when (UTC)", help_text="Empty until it is lifted. For example 2026-12-31 12:00.", required=False
    )


class EndForm(ReasonForm):
    kind = forms.ChoiceField(
        label="What do you propose?",
        choices=[("revoked", "To revoke it, from a day on"), ("void", "To void it, as if it had never been issued")],
        widget=forms.RadioSelect,
    )
    basis = forms.CharField(label="Legal basis", help_text="For example 15 CFR 750.8(a).", max_length=500)
    effective_at = forms.DateTimeField(
        label="A revocation begins at (UTC)", help_text="Empty for at once, when it is confirmed.", required=False
    )
    field_order = ("kind", "basis", "reason", "effective_at")


class PartForm(ReasonForm):
    items = forms.TypedMultipleChoiceField(
        label="For which items?", help_text="For all of them, revoke the license.", widget=forms.CheckboxSelectMultiple, coerce=int
    )  # fmt: skip
    basis = forms.CharField(label="Legal basis", help_text="For example 15 CFR 750.8(a).", max_length=500)
    field_order = ("items", "basis", "reason")

    def offer(self, license_: License) -> None:
        """Its own items to choose from."""
        self.fields["items"].choices = [(item.number, f"Item {item.number}: {item}") for item in license_.items.all()]  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """Nothing to fill in; the page says what is confirmed."""


class EvidenceForm(forms.Form):
    evidence = forms.CharField(label="On what evidence?", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


class RequestForm(ReasonForm):
    """Nobody has proposed anything yet."""

    granted = forms.ChoiceField(
        label="What do you decide?",
        choices=[("propose", "Propose to grant it; another officer does"), ("no", "Refuse it")],
        widget=forms.RadioSelect,
    )
    field_order = ("granted", "reason")


class SecondForm(RequestForm):
    """Another officer proposes to grant it, for a reason that stands."""

    granted = forms.ChoiceField(
        label="What do you decide?",
        choices=[("yes", "Grant it, as proposed"), ("no", "Refuse it")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Reason for a refusal", help_text="The licensee reads it.", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000,
        required=False,
    )  # fmt: skip


class ProposerForm(RequestForm):
    """Whoever proposed to grant it may still refuse it."""

    granted = forms.ChoiceField(label="What do you decide?", choices=[("no", "Refuse it")], widget=forms.RadioSelect)


def request_form(proposed_by: Person | None, person: Person) -> type[RequestForm]:
    if proposed_by is None:
        return RequestForm
    return ProposerForm if proposed_by == person else SecondForm
