"""The questions that an applicant answers, one topic a form."""

from typing import Any

from django import forms

from licensing.accounts.models import Organization
from licensing.cases.models import (
    Application,
    AttachmentKind,
    DeliveryMode,
    PartyRole,
    Sector,
    TransactionKind,
)
from licensing.catalog.models import ModelVersion
from licensing.countries.queries import choices as country_choices
from licensing.parties.models import Party, Site

YES_NO = [(True, "Yes"), (False, "No")]


def yes_no(label: str, help_text: str = "") -> forms.TypedChoiceField:
    """A question with two answers, neither chosen beforehand."""
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=YES_NO,
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )


class CountryField(forms.ChoiceField):
    """A country or special territory, by its code; the list is read when the form is made."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=lambda: [("", "Choose a country"), *country_choices()], **options)


class StartForm(forms.Form):
    name = forms.CharField(
        label="What do you call this application?",
        help_text="Your own reference. You can change it later.",
        max_length=120,
    )


class TransactionForm(forms.Form):
    transaction_kind = forms.ChoiceField(
        label="What kind of transaction is this?",
        choices=TransactionKind.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    delivery_modes = forms.MultipleChoiceField(
        label="How does the model reach the recipient?",
        help_text="Choose all that apply.",
        choices=DeliveryMode.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    destination = CountryField(
        label="Country of destination", help_text="Where the ultimate consignee is.", required=False
    )
    requested_months = forms.IntegerField(
        label="For how many months do you need the license?",
        help_text="Most licenses are valid for 48 months. Leave empty to ask for the usual time.",
        min_value=1,
        max_value=120,
        required=False,
    )
    all_or_nothing = forms.BooleanField(
        label="Approve all items or none", help_text="A part-approval would be of no use to us.", required=False
    )


class ContactForm(forms.Form):
    contact_name = forms.CharField(label="Who can answer questions?", max_length=200, required=False)
    contact_email = forms.EmailField(label="E-mail address", required=False)
    contact_phone = forms.CharField(label="Telephone number", max_length=50, required=False)


class EndUseForm(forms.Form):
    end_use_statement = forms.CharField(
        label="What will the model be used for?",
        help_text="Describe the specific end use in full: who uses it, for what, with which data.",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=5000,
        required=False,
    )
    sector = forms.ChoiceField(
        label="In which sector?", choices=[("", "Choose a sector"), *Sector.choices], required=False
    )
    decides_about_people = yes_no("Will the model take or prepare decisions about people?")
    human_oversight = forms.CharField(
        label="How do people oversee these decisions?",
        help_text="Needed if you answered yes above.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )
    military_end_use = yes_no("Will the model be put to a military end use, or used by a military end user?")
    wmd_end_use = yes_no("Could it serve nuclear, chemical or biological weapons, or missiles?")
    human_rights_concern = yes_no("Could it be used for surveillance or against human rights?")
    nuclear_relevant = yes_no("Are the items or the end use relevant to nuclear matters?")


class NotesForm(forms.Form):
    special_purpose = forms.CharField(label="Special purpose", max_length=100, required=False)
    emergency = forms.BooleanField(label="Ask for emergency processing", required=False)
    resubmission_of = forms.CharField(
        label="Control number of an earlier application that was returned or denied", max_length=7, required=False
    )
    replaces_license = forms.CharField(label="Number of the license to be replaced", max_length=40, required=False)
    prior_authorization = forms.CharField(
        label="License or exception under which the items were exported before", max_length=40, required=False
    )
    additional_information = forms.CharField(
        label="Anything else that the reviewers should know",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=5000,
        required=False,
    )


class ItemForm(forms.Form):
    model_version = forms.ModelChoiceField(
        label="Which version of which model?", queryset=ModelVersion.objects.none(), empty_label="Choose a version"
    )
    technical_description = forms.CharField(
        label="Describe it in a few words",
        help_text="What it does and what is sent: weights, adapters, access.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        required=False,
    )
    seats = forms.IntegerField(label="Seats or users, if limited", min_value=1, required=False)
    value = forms.DecimalField(label="Value in US dollars, if any", min_value=0, max_digits=18, required=False)
    fine_tuning = yes_no("May the recipient fine-tune it?")
    sublicensing = yes_no("May the recipient let others use it?")

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["model_version"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = ModelVersion.objects.for_organization(organization).select_related("model")


class NamePartyForm(forms.Form):
    role = forms.ChoiceField(label="Role in the transaction", choices=[("", "Choose a role"), *PartyRole.choices])
    party = forms.ModelChoiceField(label="Party", queryset=Party.objects.none(), empty_label="Choose a party")

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["party"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = Party.objects.for_organization(organization)


class NameSiteForm(forms.Form):
    site = forms.ModelChoiceField(
        label="Where will the model be stored or run?", queryset=Site.objects.none(), empty_label="Choose a site"
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["site"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - narrows the type
        field.queryset = Site.objects.for_organization(organization)


class AttachForm(forms.Form):
    kind = forms.ChoiceField(label="What is it?", choices=[("", "Choose a kind"), *AttachmentKind.choices])
    title = forms.CharField(label="Title", max_length=200, required=False)
    file = forms.FileField(label="File", help_text="PDF, PNG, JPEG, plain text or CSV, at most 20 MB.")


class CertifyForm(forms.Form):
    title = forms.CharField(label="Your title", help_text="For example: Director of Trade Compliance.", max_length=120)
    agreed = forms.BooleanField(label="I certify this", required=False)


class AnswerForm(forms.Form):
    answer = forms.CharField(label="Your answer", widget=forms.Textarea(attrs={"rows": 6}), max_length=5000)
    file = forms.FileField(label="A document that supports it", required=False)


class WithdrawForm(forms.Form):
    reason = forms.CharField(label="Why do you withdraw?", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)


TOPICS: dict[str, tuple[str, type[forms.Form]]] = {
    "transaction": ("The transaction", TransactionForm),
    "contact": ("Contact person", ContactForm),
    "end-use": ("End use", EndUseForm),
    "notes": ("Further information", NotesForm),
}


def initial(form: type[forms.Form], application: Application) -> dict[str, Any]:
    """The saved answers of a topic, as the form wants them."""
    return {name: getattr(application, name) for name in form.base_fields}


class StayForm(forms.Form):
    stay = forms.CharField(
        label="Why should the decision have no effect while your appeal is open?",
        help_text="What would be lost meanwhile, and who would be harmed.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )


class AppealForm(StayForm):
    statement = forms.CharField(
        label="Your appeal",
        help_text="A full statement: what is wrong in the decision, and what supports that.",
        widget=forms.Textarea(attrs={"rows": 10}),
        max_length=5000,
    )
    hearing_requested = forms.BooleanField(label="I ask for an informal hearing", required=False)
    field_order = ("statement", "hearing_requested", "stay")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stay"].required = False
        self.fields["stay"].label = "Should the decision have no effect meanwhile? Say why (optional)"
