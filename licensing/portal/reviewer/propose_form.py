"""What a licensing officer fills in to decide: the act, the items, the grounds, the texts of a license, the letter."""

from typing import Any

from django import forms

from licensing.cases.commands.proposals import ItemChoice, Proposal
from licensing.cases.grounds import Grounds
from licensing.cases.models import Case, ItemOutcome
from licensing.cases.practice import Practice
from licensing.cases.queries import classifications
from licensing.cases.validity import MOST_MONTHS, Period
from licensing.portal.reviewer.forms import SeatForm, item_choices, set_choices
from licensing.portal.reviewer.text_forms import TextsForm

GROUNDS = (
    "statutory_basis",
    "regulatory_basis",
    "criteria",
    "considerations",
    "modifications",
    "contact",
    "return_reason",
)
# What stands under one heading, and for which decisions; what is named nowhere comes first.
SECTIONS = (
    ("Items", "A license may leave items out; the applicant is told which, and why.", ("item_",)),
    (
        "Grounds",
        "For a denial, an intent to deny, a return, an item left out, and where no license is required.",
        GROUNDS,
    ),
    ("The license", "For an approval.", ("valid_", "emergency", "condition", "riders")),
)
INTENT = ("considerations", "modifications", "contact")  # asked for where the stage can intend to deny


def lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ProposeForm(TextsForm, SeatForm):
    """`letter` is not asked for here: it is written on the page that confirms."""

    template_name = "reviewer/propose_form.html"
    texts = {"conditions": "condition", "riders": "rider"}
    action = forms.ChoiceField(label="What do you decide?", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reasons",
        help_text="What you decide and why. A letter to the applicant says it in these words.",
        widget=lines(4),
        max_length=5000,
    )
    statutory_basis = forms.CharField(
        label="Statutory basis",
        help_text="Needed for a denial and for an intent to deny.",
        required=False,
        max_length=500,
    )
    regulatory_basis = forms.CharField(
        label="Regulatory basis",
        help_text="Needed for a denial, and where no license is required.",
        required=False,
        max_length=500,
    )
    criteria = forms.MultipleChoiceField(
        label="Criteria", help_text="Those that a denial rests on.", widget=forms.CheckboxSelectMultiple, required=False
    )
    considerations = forms.CharField(
        label="What weighed", help_text="As far as security allows.", widget=lines(3), required=False, max_length=5000
    )
    modifications = forms.CharField(
        label="What would let you consider it again", widget=lines(3), required=False, max_length=5000
    )
    contact = forms.CharField(label="Whom the applicant may ask", required=False, max_length=300)
    return_reason = forms.ChoiceField(label="Why it is returned without action", required=False)
    valid_months = forms.IntegerField(label="Validity in months", min_value=1, required=False)
    valid_from = forms.DateTimeField(
        label="Begins at (UTC)",
        help_text="Empty to begin when it is issued. For example 2027-01-01 00:00.",
        required=False,
    )
    emergency = forms.BooleanField(label="It is an emergency license", required=False)
    conditions = forms.MultipleChoiceField(
        label="Further conditions",
        help_text="Those that the agencies asked for are part of the license already.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    condition_items = forms.MultipleChoiceField(
        label="These further conditions bind only",
        help_text="Choose none, and they bind the whole license.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    riders = forms.MultipleChoiceField(
        label="Riders", help_text="They explain and do not bind.", widget=forms.CheckboxSelectMultiple, required=False
    )
    letter = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000, strip=False)

    def __init__(self, *args: Any, case: Case, actions: list[tuple[str, str]], manner: Practice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.numbers = [int(number) for number, _ in item_choices(case)]
        set_choices(self, "action", actions)
        set_choices(self, "criteria", [(code, str(criterion)) for code, criterion in manner.criteria.items()])
        set_choices(self, "return_reason", [("", "It is not returned"), *manner.return_reasons.items()])
        set_choices(self, "condition_items", item_choices(case))
        for number, name in item_choices(case):
            self._add_item(number, name)
        self._set_validity(manner.validity.period(classifications(case).values()), manner.validity.emergency)
        meant = {manner.acts.get(action, "") for action, _ in actions}
        unasked = [*(() if "intent-to-deny" in meant else INTENT), *(() if manner.criteria else ("criteria",))]
        for field in unasked:
            del self.fields[field]
        self.initial.setdefault("contact", manner.contact)
        items = [name for number in self.numbers for name in (f"item_{number}", f"item_{number}_reason")]
        self.order_fields(["action", "reason", *items, *GROUNDS])

    def get_context(self) -> dict[str, Any]:
        context = super().get_context()
        rows = [field for field, _ in context["fields"]]
        sections = [
            (title, hint, [row for row in rows if row.name.startswith(names)]) for title, hint, names in SECTIONS
        ]
        under = {row.name for _, _, found in sections for row in found}
        first = [row for row in rows if row.name not in under]
        return context | {"first": first, "sections": [section for section in sections if section[2]]}

    def _set_validity(self, period: Period, emergency: str) -> None:
        """What the practice in force says of these items."""
        if period.months:
            most = f", at most {period.most}" if period.most < MOST_MONTHS else ""
            self.initial.setdefault("valid_months", period.months)
            self.fields[
                "valid_months"
            ].help_text = f"For an approval. Generally {period.months}{most} ({period.citation})."
        by_law = f"It begins at once and ends with the month after the month of issue ({emergency}), whatever the months above."
        self.fields["emergency"].help_text = by_law
        if not emergency:
            del self.fields["emergency"]

    def _add_item(self, number: str, name: str) -> None:
        """A license may leave an item out. An item that is bound by a condition of its own is so by `condition_items`."""
        choices = [choice for choice in ItemOutcome.choices if choice[0] != ItemOutcome.APPROVE_WITH_CONDITIONS]
        self.fields[f"item_{number}"] = forms.ChoiceField(label=name, choices=choices, required=False)
        self.fields[f"item_{number}_reason"] = forms.CharField(
            label=f"Why, if item {number} is not approved", required=False, max_length=2000
        )

    def items(self) -> dict[int, ItemChoice]:
        """The choices for the items that are not simply approved."""
        bound = {int(number) for number in self.cleaned_data["condition_items"] if self.cleaned_data["conditions"]}
        chosen = {}
        for number in self.numbers:
            outcome = self.cleaned_data[f"item_{number}"] or ItemOutcome.APPROVE
            if outcome == ItemOutcome.APPROVE and number in bound:
                outcome = ItemOutcome.APPROVE_WITH_CONDITIONS
            if outcome != ItemOutcome.APPROVE:
                chosen[number] = ItemChoice(str(outcome), self.cleaned_data[f"item_{number}_reason"])
        return chosen

    def grounds(self) -> Grounds:
        given = {name: self.cleaned_data[name] for name in GROUNDS if name in self.cleaned_data}
        return Grounds(**{**given, "criteria": tuple(given.get("criteria", ()))})

    def proposal(self) -> Proposal:
        data = self.cleaned_data
        limited = {"items": [int(number) for number in data["condition_items"]]} if data["condition_items"] else {}
        return Proposal(
            action=data["action"],
            reason=data["reason"],
            valid_months=None if data.get("emergency") else data["valid_months"],
            valid_from=data["valid_from"],
            emergency=data.get("emergency", False),
            items=self.items(),
            conditions=[condition | limited for condition in self.chosen("conditions")],
            riders=self.chosen("riders"),
            grounds=self.grounds(),
            letter=data["letter"],
        )
