"""What a reviewer fills in: recommendation, question, decision, screening hit."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms

from licensing.cases.models import Case, Stay
from licensing.portal.reviewer.pages import Act
from licensing.portal.reviewer.text_forms import TextsForm
from licensing.screening.models import FALSE_MATCH_REASONS, INCONCLUSIVE_REASONS, TRUE_MATCH_REASONS, HitStatus, Scope

HIT_REASONS = [
    ("", "Choose a reason"),
    ("A false match", FALSE_MATCH_REASONS),
    ("A true match", TRUE_MATCH_REASONS),
    ("It cannot be told", INCONCLUSIVE_REASONS),
]


class SeatForm(forms.Form):
    """Every act for a seat carries its key."""

    seat = forms.CharField(widget=forms.HiddenInput)


class RecommendForm(TextsForm, SeatForm):
    texts = {"conditions": "condition"}
    vote = forms.ChoiceField(label="What do you recommend?", widget=forms.RadioSelect)
    conditions = forms.MultipleChoiceField(
        label="Conditions",
        help_text="Binding requirements. They are united with those of the other seats.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    denied_items = forms.MultipleChoiceField(
        label="Items that you deny", widget=forms.CheckboxSelectMultiple, required=False
    )
    note = forms.CharField(label="Reasons", widget=forms.Textarea(attrs={"rows": 4}), required=False, max_length=5000)
    statutory_basis = forms.CharField(
        label="Statutory basis", help_text="Needed for a denial (15 CFR 750.4(d)(2)).", required=False, max_length=500
    )
    regulatory_basis = forms.CharField(
        label="Regulatory basis", help_text="Needed for a denial.", required=False, max_length=500
    )

    def __init__(self, *args: Any, case: Case, votes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "vote", votes)
        set_choices(self, "denied_items", item_choices(case))


class AskForm(SeatForm):
    question = forms.CharField(
        label="Your question to the applicant",
        help_text="The clock stops until the answer is in. The applicant does not see who asks.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=5000,
    )


class CountersignForm(SeatForm):
    verdict = forms.ChoiceField(
        label="Do you agree with the proposal?",
        choices=[("agree", "I agree and countersign"), ("return", "I return it to the officer")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Why you return it", widget=forms.Textarea(attrs={"rows": 3}), required=False, max_length=2000
    )


class ActForm(forms.Form):
    """The reason of an act, where it needs one, and what it is done to: a colleague, or an action by its word."""

    choice = forms.ChoiceField(label="Whom or what", required=False)
    reason = forms.CharField(
        label="Reason",
        help_text="It stays in the record of the case.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *args: Any, act: Act, names: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not act.needs_reason:
            del self.fields["reason"]
        if not act.choices:
            del self.fields["choice"]
            return
        field = cast(forms.ChoiceField, self.fields["choice"])
        field.required, field.label = True, "Which colleague?" if act.kind == "delegate" else "Which action?"
        field.choices = [(each, names.get(each, each.replace("_", " ").capitalize())) for each in act.choices]


class HitForm(forms.Form):
    button = "Record the decision"
    status = forms.ChoiceField(
        label="Is this the listed party?",
        choices=[
            ("false_match", "No, a false match"),
            ("true_match", "Yes, a true match (a second person confirms)"),
            ("inconclusive", "It cannot be told yet"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.ChoiceField(label="Why", choices=HIT_REASONS, required=False)
    sentence = forms.CharField(label="In a sentence", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    scope = forms.ChoiceField(
        label="For which applications does this hold?",
        help_text="It opens again by itself when the party's data or the entry change. A true match holds in all of them.",
        choices=[(Scope.PARTY.value, Scope.PARTY.label), (Scope.SUBJECT.value, Scope.SUBJECT.label)],
        initial=Scope.PARTY.value,
        widget=forms.RadioSelect,
    )
    expires_on = forms.DateField(
        label="Until which day?",
        help_text="For a false match, as 2027-01-31; left empty, a year. At most three years.",
        required=False,
    )
    question = forms.CharField(
        label="A question to the applicant",
        help_text="When it cannot be told yet. It is sent as you write it; it must not speak of lists or matches.",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
    )


class TakeBackForm(forms.Form):
    """For a hit that is decided."""

    heading, button = "If the decision was wrong", "Take it back"
    sentence = forms.CharField(
        label="Why it is taken back",
        help_text="The hit is undecided again wherever the decision holds. For a true match, as soon as a second person has agreed.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class TakingBackForm(forms.Form):
    """For a true match that somebody wants to take back."""

    heading, button = "A second person agrees, or the true match stands", "Record the answer"
    agreed = forms.TypedChoiceField(
        label="Is the true match taken back?",
        choices=[("yes", "Yes, it was wrong: the hit is undecided again"), ("no", "No, the true match stands")],
        coerce=lambda given: given == "yes",
        widget=forms.RadioSelect,
    )


HIT_FORMS: Mapping[str, type[HitForm | TakeBackForm | TakingBackForm]] = {
    HitStatus.FALSE_MATCH: TakeBackForm,
    HitStatus.TRUE_MATCH: TakeBackForm,
    HitStatus.TAKING_BACK: TakingBackForm,
}


def set_choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
    field.choices = choices


def item_choices(case: Case) -> list[tuple[str, str]]:
    return [
        (str(item["number"]), f"Item {item['number']}: {item['model']} {item['version']}")
        for item in case.as_filed["items"]
    ]


class LetterForm(forms.Form):
    reason = forms.CharField(label="What you want to say", widget=forms.Textarea(attrs={"rows": 5}), max_length=5000)
    letter = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000, strip=False)

    def get_context(self) -> dict[str, Any]:
        """The letter's own text is edited beside its preview, not among the fields."""
        return super().get_context() | {"hidden_fields": []}


class AppealForm(forms.Form):
    action = forms.ChoiceField(label="What do you decide?", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Reasons",
        help_text="The applicant reads them.",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=5000,
    )

    def __init__(self, *args: Any, actions: list[tuple[str, str]], stay: Stay | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ends = [(action, ENDS.get(action, words)) for action, words in actions]
        set_choices(self, "action", [*ends, *_stays(stay)])


ENDS = {"uphold": "Uphold: what was decided stands", "set_aside": "Set aside: what was decided has no effect any more"}


def _stays(stay: Stay | None) -> list[tuple[str, str]]:
    if stay is not None and stay.granted_at is not None:
        return [("lift", "Lift the stay")]
    grant = ("stay", "Grant a stay until the appeal is decided")
    return [grant, ("refuse", "Refuse the stay that is asked for")] if stay is not None else [grant]
