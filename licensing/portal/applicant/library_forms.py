"""What an applicant registers once and names in many applications: models, versions, parties, sites."""

from typing import Any, cast

from django import forms

from licensing.catalog.models import CountingMethod, TrainingStage, Weights
from licensing.parties.models import Gender, KeyCustody, Party, PartyKind
from licensing.portal.applicant.forms import CountryField

LEVELS = [("", "Not assessed"), *((str(level), f"Level {level}") for level in range(1, 6))]


class ModelForm(forms.Form):
    name = forms.CharField(label="Name of the model", max_length=200)
    developer = forms.CharField(
        label="Developer", help_text="Leave empty if it is your own.", max_length=300, required=False
    )


class VersionForm(forms.Form):
    name = forms.CharField(label="Version", help_text="For example 3.1.", max_length=100)
    weights = forms.ChoiceField(label="How are the weights kept?", choices=Weights.choices, widget=forms.RadioSelect)
    operations = forms.CharField(
        label="Training operations",
        help_text="Everything from pre-training to fine-tuning, such as 2.1e26. Collecting and curating data does not count.",
        max_length=60,
        required=False,
    )
    stage = forms.ChoiceField(label="Spent in", choices=TrainingStage.choices, initial=TrainingStage.PRETRAINING.value)
    method = forms.ChoiceField(
        label="How did you count them?",
        choices=CountingMethod.choices,
        widget=forms.RadioSelect,
        initial=CountingMethod.ARCHITECTURE.value,
    )
    evidence = forms.CharField(
        label="What shows it?",
        help_text="For example: 6 N D with N and D, or the logs of the cluster.",
        max_length=500,
        required=False,
    )
    operations_again = forms.CharField(
        label="Training operations, counted by the other method",
        help_text="Needed when they are near a threshold of the control list.",
        max_length=60,
        required=False,
    )
    evidence_again = forms.CharField(label="What shows that count?", max_length=500, required=False)
    total_parameters = forms.IntegerField(label="Parameters", min_value=1, required=False)
    active_parameters = forms.IntegerField(label="Parameters active for each token", min_value=1, required=False)
    modalities = forms.MultipleChoiceField(
        label="What goes in and comes out?",
        choices=[
            ("text", "Text"),
            ("image", "Images"),
            ("audio", "Sound"),
            ("video", "Video"),
            ("action", "Actions and tools"),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    model_hash = forms.CharField(
        label="SHA-256 of the weights manifest",
        help_text="64 characters, 0 to 9 and a to f.",
        max_length=64,
        required=False,
    )
    security_level = forms.ChoiceField(label="Security level of the weights", choices=LEVELS, required=False)

    def answers(self) -> dict[str, Any]:
        """The answers as `register_version` takes them."""
        given = dict(self.cleaned_data)
        run = {name: given.pop(name) for name in ("stage", "operations", "method", "evidence")}
        other = next(method for method in CountingMethod.values if method != run["method"])
        again = {
            **run,
            "method": other,
            "operations": given.pop("operations_again"),
            "evidence": given.pop("evidence_again"),
        }
        given["security_level"] = int(given["security_level"]) if given["security_level"] else None
        return {**given, "training": [count for count in (run, again) if count["operations"]]}


class OwnedField(forms.ChoiceField):
    """Whether somebody else owns it: "no" is a statement, and not the same as no answer."""

    def __init__(self, *, label: str) -> None:
        choices = (("yes", "Yes"), ("no", "No"))
        super().__init__(label=label, choices=choices, widget=forms.RadioSelect, required=False)

    def clean(self, value: Any) -> bool:
        """Whether the party is independent, as the commands take it."""
        return str(super().clean(value)) == "no"


def names_in(text: str) -> list[str]:
    """Names that stand apart with semicolons or on lines of their own."""
    return [name.strip() for name in text.replace("\n", ";").split(";") if name.strip()]


class OrganizationForm(forms.Form):
    aliases = forms.CharField(
        label="Other names",
        help_text="Former and trade names, acronyms, and the name in its own script. One a line.",
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    address = forms.CharField(label="Address", max_length=300, required=False)
    website = forms.CharField(label="Website", help_text="For example nordlys.example.", max_length=200, required=False)

    def answers(self) -> dict[str, Any]:
        """The answers as `describe_organization` takes them."""
        return {**self.cleaned_data, "aliases": names_in(self.cleaned_data["aliases"])}


class StakeForm(forms.Form):
    """Who owns a share of a party of one's own list, or of the company itself."""

    owner_id = forms.ModelChoiceField(
        label="Who owns a share of it?", queryset=Party.objects.none(), empty_label="Choose a party"
    )
    percent = forms.DecimalField(
        label="Share in percent",
        help_text="Leave it empty where it is not known. A share that is not known is looked at.",
        max_digits=5,
        decimal_places=2,
        required=False,
    )
    as_of = forms.DateField(label="As of which day?", help_text="Such as 2026-01-31.")
    evidence = forms.CharField(
        label="What shows it?", help_text="For example an extract of a register.", max_length=300, required=False
    )

    def __init__(self, *args: Any, organization_id: int, owned: Party | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast("forms.ModelChoiceField[Party]", self.fields["owner_id"])
        mine = Party.objects.filter(organization=organization_id).order_by("name")
        choice.queryset = mine.exclude(pk=owned.pk) if owned else mine

    def answers(self) -> dict[str, Any]:
        """The answers as `record_stake` takes them."""
        return {**self.cleaned_data, "owner_id": self.cleaned_data["owner_id"].pk}


class PartyForm(forms.Form):
    kind = forms.ChoiceField(label="What is it?", choices=PartyKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="Full legal name", max_length=300)
    aliases = forms.CharField(
        label="Other names",
        help_text="Former and trade names, acronyms, and the name in its own script. Separate them with semicolons.",
        required=False,
        max_length=3000,
    )
    country = CountryField(label="Country")
    address = forms.CharField(label="Street address", max_length=300, required=False)
    postal_code = forms.CharField(label="Postal code", max_length=20, required=False)
    city = forms.CharField(label="City", max_length=120, required=False)
    website = forms.CharField(label="Website", help_text="For example nordlys.example.", max_length=200, required=False)
    registration_number = forms.CharField(label="Registration number", max_length=60, required=False)
    headquarters = CountryField(label="Country of headquarters", help_text="For a company.", required=False)
    owned = OwnedField(label="Does another company own it?")
    ultimate_parent_name = forms.CharField(
        label="If so, which company owns it in the end?",
        help_text="The ultimate parent.",
        max_length=300,
        required=False,
    )
    ultimate_parent_country = CountryField(label="Country of the ultimate parent's headquarters", required=False)
    birth_date = forms.DateField(
        label="Date of birth",
        help_text="For a person, such as 1980-01-31. It tells people of one name apart.",
        required=False,
        widget=forms.DateInput(attrs={"inputmode": "numeric"}),
    )
    gender = forms.ChoiceField(
        label="Gender, as in the passport",
        help_text="For a person.",
        choices=[("", "Not known"), *Gender.choices],
        required=False,
    )
    citizenships = forms.CharField(
        label="Citizenships",
        help_text="For a person: country codes, the most recent first, such as NO, SE.",
        required=False,
        max_length=60,
    )
    permanent_residence = CountryField(
        label="Country of permanent residence", help_text="For a person, if there is one.", required=False
    )
    employer = forms.CharField(label="Employer", help_text="For a person.", max_length=300, required=False)

    def answers(self) -> dict[str, Any]:
        """The answers as `register_party` takes them."""
        given = dict(self.cleaned_data)
        given["independent"] = given.pop("owned")
        given["aliases"] = names_in(given["aliases"])
        given["citizenships"] = [code.strip().upper() for code in given["citizenships"].split(",") if code.strip()]
        return given


class SiteForm(forms.Form):
    name = forms.CharField(label="Name of the site", max_length=200)
    country = CountryField(label="Country")
    address = forms.CharField(label="Address", max_length=300, required=False)
    operator = forms.CharField(label="Who operates it?", max_length=300, required=False)
    headquarters_country = CountryField(label="Country of the operator's headquarters", required=False)
    owned = OwnedField(label="Does another company own the operator?")
    ultimate_parent_country = CountryField(
        label="If so, in which country is the headquarters of the company that owns it in the end?", required=False
    )
    key_custody = forms.ChoiceField(
        label="Who holds the keys that protect the weights?",
        choices=KeyCustody.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    security_level = forms.ChoiceField(label="Security level", choices=LEVELS, required=False)

    def answers(self) -> dict[str, Any]:
        """The answers as `register_site` takes them."""
        given = dict(self.cleaned_data)
        given["independent"] = given.pop("owned")
        given["security_level"] = int(given["security_level"]) if given["security_level"] else None
        return given
