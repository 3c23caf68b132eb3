"""What is asked about an authorization that needs no case, and about a release."""

from typing import Any

from django import forms

from licensing.accounts.models import Organization
from licensing.cases.models import DeliveryMode
from licensing.catalog.models import ModelVersion
from licensing.licenses.authorizations.catalog import Authorization
from licensing.licenses.models import DutyRecord
from licensing.parties.models import Party, Site
from licensing.portal.applicant.forms import CountryField, yes_no

Kind = DutyRecord.Kind
TITLES = {
    "register": "Use {title}",
    "end": "Stop using {title}",
    Kind.CERTIFICATION.value: "Keep a recipient's certification",
    Kind.NOTICE.value: "Notify the authority of a release",
    Kind.REPORT.value: "Report use",
    Kind.FILING.value: "File a certification",
}
ACTS = {
    Kind.CERTIFICATION.value: "Keep a certification",
    Kind.NOTICE.value: "Notify",
    Kind.REPORT.value: "Report use",
    Kind.FILING.value: "File a certification",
}


class RecipientForm(forms.Form):
    party = forms.ModelChoiceField(
        queryset=Party.objects.none(),
        label="Recipient",
        help_text="From your register of parties.",
        empty_label="Choose a recipient",
    )

    def __init__(self, *args: Any, organization: Organization, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["party"].queryset = organization.parties.order_by("name")  # type: ignore[attr-defined]
        if "model_hash" in self.fields:
            self.fields["model_hash"].choices = [("", "Every model of ours"), *models_of(organization)]  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    text = forms.CharField(label="Your answer", widget=forms.Textarea(attrs={"rows": 5}), max_length=2000)


class CertificationForm(RecipientForm):
    signed_by = forms.CharField(label="Who signed for the recipient?", max_length=200)
    agreed = forms.BooleanField(
        label="We hold this statement, signed by the recipient",
        error_messages={"required": "Confirm that you hold the signed statement."},
    )


class NoticeForm(RecipientForm):
    model_hash = forms.ChoiceField(label="Model", required=False)
    note = forms.CharField(
        label="What will be released?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="The authority reads this.",
    )


class ReportForm(RecipientForm):
    party = forms.ModelChoiceField(
        queryset=Party.objects.none(), label="Recipient", required=False, empty_label="Nobody: nothing was used"
    )
    quantity = forms.DecimalField(
        label="How much?", max_digits=20, decimal_places=2, help_text="A correction is a report with a minus sign."
    )
    used_on = forms.DateField(label="Day of the use", widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(
        label="Note", max_length=500, required=False, help_text="Needed for a correction: what it corrects."
    )


class FilingForm(RecipientForm):
    note = forms.CharField(label="Note", max_length=500, required=False)


class RegisterForm(forms.Form):
    agreed = forms.BooleanField(
        label="I agree for the company", error_messages={"required": "Agree, or do not register."}
    )


class NothingForm(forms.Form):
    """To confirm, and nothing else."""


def form_class(act: str, authorization: Authorization) -> type[forms.Form]:
    if act == "register":
        return RegisterForm if authorization.duties.registration else NothingForm
    by_act: dict[str, type[forms.Form]] = {
        "end": NothingForm,
        Kind.CERTIFICATION.value: CertificationForm,
        Kind.NOTICE.value: NoticeForm,
        Kind.REPORT.value: ReportForm,
        Kind.FILING.value: FilingForm,
    }
    return by_act[act]


def models_of(organization: Organization) -> list[tuple[str, str]]:
    """Hash and name of every version that has a hash, one line a hash."""
    versions = ModelVersion.objects.for_organization(organization).exclude(model_hash="").select_related("model")
    return list({version.model_hash: str(version) for version in versions}.items())


class ReleaseForm(RecipientForm):
    """The question of `releases.Release`, from what the organization keeps."""

    model_hash = forms.ChoiceField(label="Which model?", help_text="Versions whose weights have a hash.")
    modality = forms.ChoiceField(
        label="How does it reach the recipient?", choices=DeliveryMode.choices, widget=forms.RadioSelect
    )
    destination = CountryField(label="Country of destination")
    party = forms.ModelChoiceField(
        queryset=Party.objects.none(), label="Recipient", help_text="From your register of parties."
    )
    place = forms.ModelChoiceField(queryset=Site.objects.none(), label="Site", required=False, empty_label="None")
    quantity = forms.DecimalField(
        label="Quantity",
        max_digits=20,
        decimal_places=2,
        required=False,
        help_text="Where an authorization has a limit, in its unit.",
    )
    military_end_use = yes_no("Is it used by armed forces, or for a military purpose?")
    wmd_end_use = yes_no("Could it serve nuclear, chemical, biological or missile purposes?")

    field_order = ("model_hash", "modality", "destination")

    def __init__(self, *args: Any, organization: Organization, **options: Any) -> None:
        super().__init__(*args, organization=organization, **options)
        self.fields["model_hash"].choices = [("", "Choose a model"), *models_of(organization)]  # type: ignore[attr-defined]
        self.fields["place"].queryset = organization.sites.order_by("name")  # type: ignore[attr-defined]


def counted_in(form: forms.Form, unit: str) -> None:
    """Say in which unit a report counts."""
    if "quantity" in form.fields and unit:
        form.fields["quantity"].label = f"How much, in {unit}?"
