"""The questions of *Do I need a license?*: a form for each topic, and the facts that the answers make.

Answers travel in the address and nowhere else. Which topic comes next is what `determine` asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from licensing.cases.models.application import DEEMED, DeliveryMode, TransactionKind
from licensing.catalog.models import CountingMethod, Derivation, Weights
from licensing.catalog.rules import parsed_operations
from licensing.countries.queries import choices

NOBODY = "-"
YES_NO = (("yes", "Yes"), ("no", "No"))
LEVELS = (
    ("0", "Not known"), ("1", "1: against amateurs"), ("2", "2: against professionals"), ("3", "3: against criminal syndicates"),
    ("4", "4: against most states"), ("5", "5: against the most capable states"),
)  # fmt: skip
WEIGHTS = (
    (Weights.CLOSED.value, "Closed: nobody outside gets them"),
    (Weights.OPEN.value, "Open to some, under terms"),
    (Weights.PUBLISHED.value, "Published for everybody"),
)


def country(label: str, help_text: str = "", *, required: bool = True) -> forms.ChoiceField:
    blank = ("", "Choose a country") if required else ("", "None, or not known")
    return forms.ChoiceField(
        label=label, help_text=help_text, required=required, choices=lambda: [blank, *choices()],
        error_messages={"invalid_choice": "Choose a country from the list.", "required": "Choose a country."},
    )  # fmt: skip


def owner_country(label: str) -> forms.ChoiceField:
    """Where an owner is; that nobody owns them is a statement, and not the same as not knowing."""
    first = [("", "Not known"), (NOBODY, "No other company owns them")]
    return forms.ChoiceField(label=label, required=False, choices=lambda: [*first, *choices()])


def owner(answer: str) -> dict[str, str]:
    """The fact that an answer about an owner makes: none where it is not known."""
    return {"ultimate_parent": "" if answer == NOBODY else answer} if answer else {}


def yes_no() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Your answer", choices=YES_NO, widget=forms.RadioSelect, error_messages={"required": "Choose yes or no."}
    )


class PublishedForm(forms.Form):
    published = yes_no()


class KindForm(forms.Form):
    kind = forms.ChoiceField(
        label="In the words of the law",
        choices=TransactionKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )


class ModesForm(forms.Form):
    modes = forms.MultipleChoiceField(
        label="Choose all that apply",
        choices=DeliveryMode.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )


class ModelForm(forms.Form):
    weights = forms.ChoiceField(
        label="How are its parameters kept?",
        choices=WEIGHTS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )
    model = forms.CharField(
        label="Name of the model", help_text="Some rules name models.", required=False, max_length=200
    )
    developer = forms.CharField(label="Who developed it?", required=False, max_length=300)
    derivation = forms.ChoiceField(
        label="Was it made from another model?", choices=[("", "No"), *Derivation.choices], required=False
    )


class OperationsForm(forms.Form):
    operations = forms.CharField(
        label="Training operations", max_length=60, help_text="Pre-training and everything after it, such as 2.1e26.",
        error_messages={"required": "Enter a number of operations, such as 2.1e26."},
    )  # fmt: skip

    def clean_operations(self) -> str:
        given = str(self.cleaned_data["operations"])
        try:
            parsed_operations(given)
        except ValueError:
            raise forms.ValidationError(f"{given} is no number of operations: write it as 2.1e26.") from None
        return given


class MethodsForm(forms.Form):
    methods = forms.MultipleChoiceField(
        label="Counted how?", help_text="So near to a threshold, the authority asks for both.", choices=CountingMethod.choices,
        widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose at least one."},
    )  # fmt: skip


class ShareForm(forms.Form):
    share = forms.DecimalField(
        label="Training operations that were added, in percent of those of the original", min_value=0, max_digits=8,
        error_messages={"required": "Enter a percentage, such as 10.", "invalid": "Enter a percentage, such as 10."},
    )  # fmt: skip


class ClassifiedForm(forms.Form):
    entry = forms.CharField(
        label="Control-list entry", help_text="Such as 4E091. Leave it empty where neither has been classified.", required=False,
        max_length=20,
    )  # fmt: skip


class LevelForm(forms.Form):
    level = forms.ChoiceField(
        label="Security level", choices=LEVELS, widget=forms.RadioSelect, error_messages={"required": "Choose a level."}
    )


class DestinationForm(forms.Form):
    destination = country("Country")


class RecipientForm(forms.Form):
    """The end user; for a release at home the foreign person and their employer."""

    recipient = forms.CharField(label="Name", help_text="Some rules name parties.", required=False, max_length=300)
    located = country("Where are they?")
    headquarters = country("Where is their headquarters?", "Of a person: where their employer has it.", required=False)
    parent = owner_country("Where is the headquarters of the company that owns them?")
    citizenship = country("Of a person: which citizenship, the most recent?", required=False)
    employer = forms.CharField(label="Of a person: who employs them?", required=False, max_length=300)


class SiteForm(forms.Form):
    stored = forms.ChoiceField(
        label="Will weights be stored, or the model run, abroad?", choices=YES_NO, widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )  # fmt: skip
    site_country = country("If so, in which country?", required=False)
    site_headquarters = country("Where is the operator's headquarters?", required=False)
    site_parent = owner_country("Where is the headquarters of the company that owns the operator?")
    site_level = forms.ChoiceField(label="How well is the site protected?", choices=LEVELS, required=False)

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("stored") == "yes" and not given.get("site_country"):
            self.add_error("site_country", "Choose the country of the site.")
        return given


class MilitaryForm(forms.Form):
    military = yes_no()


class WeaponsForm(forms.Form):
    weapons = yes_no()


class RightsForm(forms.Form):
    rights = yes_no()


class PeopleForm(forms.Form):
    people = yes_no()


@dataclass(frozen=True)
class Topic:
    """One page: its title, its form, and the questions of `determine` that it answers."""

    title: str
    form: type[forms.Form]
    facts: tuple[str, ...]


TOPICS: Mapping[str, Topic] = {
    "published": Topic("Are the weights published, for everybody, without restriction?", PublishedForm, ("all_published",)),
    "kind": Topic("What do you want to do?", KindForm, ("transaction_kind",)),
    "modes": Topic("How will the model reach the recipient?", ModesForm, ("delivery_modes",)),
    "destination": Topic("Which country will it reach?", DestinationForm, ("destinations",)),
    "model": Topic("Which model is it?", ModelForm, ("items", "items.weights")),
    "operations": Topic("How many operations were used to train it?", OperationsForm, ("items.operations",)),
    "methods": Topic("By which methods were the operations counted?", MethodsForm, ("items.methods",)),
    "share": Topic("How much training was added to the original model?", ShareForm, ("items.share_added",)),
    "classified": Topic(
        "Has the authority classified the model, or one that it was made from?", ClassifiedForm,
        ("items.control_entry", "items.made_from_entries"),
    ),
    "level": Topic("How well are the weights protected?", LevelForm, ("items.security_level",)),
    "recipient": Topic("Who will receive or use it?", RecipientForm, ("parties",)),
    "site": Topic("Where will it be kept?", SiteForm, ("sites",)),
    "military": Topic("Will it be used by armed forces, or for a military purpose?", MilitaryForm, ("military_end_use",)),
    "weapons": Topic("Could it serve nuclear, chemical, biological or missile purposes?", WeaponsForm, ("wmd_end_use",)),
    "rights": Topic("Could it be used to watch people unlawfully, or against human rights?", RightsForm, ("human_rights_concern",)),
    "people": Topic("Will it take part in decisions about people, as in health care or finance?", PeopleForm, ("decides_about_people",)),
}  # fmt: skip
BY_FACT = {fact: key for key, topic in TOPICS.items() for fact in topic.facts}


def topic_of(fact: str) -> str:
    """The topic that a question of `determine` belongs to; "" for one that these pages do not ask."""
    return BY_FACT.get(fact) or BY_FACT.get(fact.partition(".")[0], "")


def irrelevant(topic: str, answers: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Fields of a topic that the kind of transaction makes pointless: a company has no citizenship, a person no owner."""
    if topic != "recipient" or "kind" not in answers:
        return ()
    return ("parent",) if answers["kind"]["kind"] in DEEMED else ("citizenship", "employer")


def facts_of(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The facts that the valid answers make, by topic; what was not asked is left out."""
    facts: dict[str, Any] = {}
    for topic, field, name in (
        ("published", "published", "all_published"), ("military", "military", "military_end_use"), ("weapons", "weapons", "wmd_end_use"),
        ("rights", "rights", "human_rights_concern"), ("people", "people", "decides_about_people"),
    ):  # fmt: skip
        if topic in answers:
            facts[name] = answers[topic][field] == "yes"
    if "kind" in answers:
        facts["transaction_kind"] = answers["kind"]["kind"]
    if "modes" in answers:
        facts["delivery_modes"] = list(answers["modes"]["modes"])
    if "destination" in answers:
        facts["destinations"] = [answers["destination"]["destination"]]
    if "model" in answers:
        facts["items"] = [_item(answers)]
    if "recipient" in answers:
        facts["parties"] = [_party(answers["recipient"], deemed=facts.get("transaction_kind") in DEEMED)]
    if "site" in answers:
        facts["sites"] = [_site(answers["site"])] if answers["site"]["stored"] == "yes" else []
    return facts


def _item(answers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    model = answers["model"]
    item: dict[str, Any] = {
        "weights": model["weights"], "name": model["model"], "developer": model["developer"], "derivation": model["derivation"],
    }  # fmt: skip
    if "operations" in answers:
        item["operations"] = float(parsed_operations(answers["operations"]["operations"]))
    if "share" in answers:
        item["share_added"] = float(answers["share"]["share"]) / 100
    if "methods" in answers:
        item["methods"] = list(answers["methods"]["methods"])
    if "classified" in answers:
        entry = str(answers["classified"]["entry"]).strip().upper()
        item |= {"control_entry": entry, "made_from_entries": []}
    if "level" in answers:
        item["security_level"] = float(answers["level"]["level"])
    return item


def _party(given: Mapping[str, Any], *, deemed: bool) -> dict[str, Any]:
    return ({"ultimate_parent": ""} if deemed else owner(given["parent"])) | {
        "role": "foreign_person" if deemed else "end_user", "kind": "person" if deemed else "company", "name": given["recipient"],
        "country": given["located"], "headquarters": given["headquarters"],
        "citizenships": [given["citizenship"]] if given["citizenship"] else [], "employer": given["employer"],
    }  # fmt: skip


def _site(given: Mapping[str, Any]) -> dict[str, Any]:
    return owner(given["site_parent"]) | {
        "country": given["site_country"], "headquarters": given["site_headquarters"], "key_custody": "",
        "security_level": float(given["site_level"] or 0),
    }  # fmt: skip
