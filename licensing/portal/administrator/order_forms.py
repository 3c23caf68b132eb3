"""What a cleared administrator fills in for a control order, its reliefs, its service, and lists of authorized parties."""

from collections.abc import Mapping
from typing import Any

from django import forms

from licensing.accounts.models import Organization, OrganizationKind
from licensing.cases.models import DeliveryMode, TransactionKind
from licensing.countries.queries import find, names
from licensing.policy.models import ServiceMethod, Undertaking
from licensing.policy.order_wording import LIVE, PERSONS
from licensing.policy.queries import AUTHORIZED_PARTIES
from licensing.policy.rulesets import ReviewPolicy, instant
from licensing.portal.administrator.forms import ZonedForm, instant_field
from licensing.publishing.models import Publication, PublicationState
from licensing.texts.queries import library


class LinesField(forms.CharField):
    """One entry a line; a list of texts."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        return None


class CountriesField(LinesField):
    """Countries by name or code, one a line; their codes."""

    def __init__(self, *, label: str, otherwise: str) -> None:
        hint = f"One a line, by name or code; none: {otherwise}."
        super().__init__(label=label, help_text=hint, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def to_python(self, value: Any) -> Any:
        found = [(line, find(line)) for line in super().to_python(value)]
        for line, each in found:
            if each.country is None:
                nearest = ", ".join(country.name for country in each.suggestions) or "none"
                raise forms.ValidationError(f"“{line}” is no country. Nearest: {nearest}.")
        return [each.country.code for _, each in found if each.country]

    def prepare_value(self, value: Any) -> Any:
        called = names()
        return "\n".join(str(called.get(code, code)) for code in value) if isinstance(value, list) else value


def note_field(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text="It stays with the version for good.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class OpenOrderForm(forms.Form):
    key = forms.CharField(
        label="Short name", help_text="Small letters, digits and hyphens, as in cascade-2026.", max_length=30
    )
    organization = forms.ModelChoiceField(
        label="On which company?",
        queryset=Organization.objects.filter(kind=OrganizationKind.APPLICANT),
        empty_label="Choose a company",
    )
    note = note_field("Why is it drafted?")


class OpenListForm(forms.Form):
    key = forms.CharField(
        label="Short name", help_text="Capital letters, digits and underscores, as in CASCADE_PARTNERS.", max_length=40
    )
    note = note_field("Why is it drafted?")


class VersionForm(forms.Form):
    note = note_field("Why does it change?")


class ScopeForm(ZonedForm):
    """What an order reaches, and what it asks. Fields are named as the parts of its content."""

    title = forms.CharField(label="Title", max_length=200)
    legal_basis = forms.CharField(label="Legal basis", max_length=500)
    models = LinesField(
        label="Models", help_text="One a line, as the company calls them; all their versions and what is made from them are reached.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    transaction_kinds = forms.MultipleChoiceField(
        label="Transactions", help_text="None chosen: every kind.", choices=TransactionKind.choices,
        widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    delivery_modes = forms.MultipleChoiceField(
        label="Ways of delivery", help_text="None chosen: every way. Access through an interface counts when it is chosen.",
        choices=DeliveryMode.choices, widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    destinations = CountriesField(label="Destinations", otherwise="every destination")
    nationalities = CountriesField(
        label="Recipients of these countries or citizenships", otherwise="every foreign person"
    )
    requirement = forms.ChoiceField(
        label="What does it ask?",
        choices=[("required", "A license"), ("prohibited", "That it is not done: no license is issued")],
        widget=forms.RadioSelect,
    )
    review_policy = forms.ChoiceField(
        label="How are applications reviewed?", required=False,
        choices=lambda: [("", "As the policy says"), *((each.value, each.value.replace("_", " ").capitalize()) for each in ReviewPolicy)],
    )  # fmt: skip
    live_licenses = forms.ChoiceField(
        label="What becomes of live licenses?", choices=list(LIVE.items()), widget=forms.RadioSelect
    )
    until = instant_field("Expires", "leave it empty when it does not expire by itself.")

    @staticmethod
    def initial_of(content: Mapping[str, Any]) -> dict[str, Any]:
        return {**content, "until": instant(content.get("until"))}

    def changes(self) -> dict[str, Any]:
        until = self.cleaned_data["until"]
        return {**self.cleaned_data, "until": until.isoformat() if until else ""}


class UndertakingForm(forms.Form):
    """The duties of a relief or of a rescission, owed by the same and by the same day."""

    owed_by = forms.ChoiceField(
        label="Who owes the undertakings?",
        choices=Undertaking.Owed.choices,
        widget=forms.RadioSelect,
        initial="company",
    )
    due = forms.DateField(
        label="By when?",
        help_text="Leave it empty where there is no day.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def duties(self) -> list[dict[str, str]]:
        owed_by, due = self.cleaned_data["owed_by"], self.cleaned_data["due"]
        return [
            {"text": text, "owed_by": owed_by, "due": due.isoformat() if due else ""}
            for text in self.cleaned_data["undertakings"]
        ]


def list_choices() -> list[tuple[str, str]]:
    published = Publication.objects.filter(kind=AUTHORIZED_PARTIES, state=PublicationState.PUBLISHED)
    return [("", "None"), *((key, key) for key in published.order_by("key").values_list("key", flat=True).distinct())]


class ReliefForm(UndertakingForm):
    id = forms.SlugField(label="Short name of the relief", help_text="As in trusted-partners.", max_length=30)
    models = LinesField(
        label="Models that it frees", help_text="One a line; none: every model of the order.", required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    persons = forms.MultipleChoiceField(
        label="Whom does it free?", widget=forms.CheckboxSelectMultiple,
        choices=[(str(key), words.capitalize()) for key, words in PERSONS.items()],
    )  # fmt: skip
    authorized_parties = forms.ChoiceField(label="List of authorized parties", choices=list_choices, required=False)
    citation = forms.CharField(label="What does it rest on?", max_length=500)
    note = forms.CharField(label="In a sentence, for those who ask", required=False, max_length=500)
    undertakings = forms.MultipleChoiceField(
        label="Against which undertakings?", help_text="Conditions of the library.", required=False,
        choices=lambda: [(each.key, each.title) for each in library("condition")], widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    field_order = [
        "id",
        "models",
        "persons",
        "authorized_parties",
        "citation",
        "note",
        "undertakings",
        "owed_by",
        "due",
    ]

    def relief(self) -> dict[str, Any]:
        told = {name: self.cleaned_data[name] for name in ("id", "persons", "authorized_parties", "citation", "note")}
        models = {"models": self.cleaned_data["models"]} if self.cleaned_data["models"] else {}
        return {**told, **models, "undertakings": self.duties()}


class RescindForm(UndertakingForm):
    undertakings = LinesField(
        label="Against which undertakings?", help_text="One a line; none where it is lifted without any.", required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip
    field_order = ["undertakings", "owed_by", "due"]

    def changes(self) -> dict[str, Any]:
        return {"rescinded": True, "live_licenses": "none", "undertakings": self.duties()}


class PartiesForm(forms.Form):
    title = forms.CharField(label="Title", max_length=200)
    source = forms.CharField(label="Source", help_text="The order or annex that names the parties.", max_length=500)
    parties = LinesField(
        label="Parties", help_text="One a line: name; country code; identifier, if there is one.",
        widget=forms.Textarea(attrs={"rows": 10}),
    )  # fmt: skip

    @staticmethod
    def initial_of(content: Mapping[str, Any]) -> dict[str, Any]:
        rows = (
            "; ".join(filter(None, (row.get("name"), row.get("country"), row.get("identifier"))))
            for row in content.get("parties", ())
        )
        return {**content, "parties": list(rows)}

    def changes(self) -> dict[str, Any]:
        rows = [[part.strip() for part in line.split(";")] for line in self.cleaned_data["parties"]]
        parties = [dict(zip(("name", "country", "identifier"), row, strict=False)) for row in rows]
        return {**self.cleaned_data, "parties": parties}

    def clean_parties(self) -> list[str]:
        lines: list[str] = self.cleaned_data["parties"]
        for line in lines:
            if len(line.split(";")) not in (2, 3):
                raise forms.ValidationError(f"“{line}”: write name; country code, as in Fjordhelse Sykehus HF; NO.")
        return lines


class ServeForm(ZonedForm):
    method = forms.ChoiceField(label="How is it served?", choices=ServiceMethod.choices, widget=forms.RadioSelect)
    served_at = instant_field("Served at", "leave it empty for now.")
