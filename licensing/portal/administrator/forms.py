"""What an administrator fills in for what is published."""

from datetime import UTC, date, tzinfo
from typing import Any

from django import forms
from django.utils import timezone

from licensing.countries.queries import called, choices, past
from licensing.countries.rules import CONFIDENCE


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Why does it change?",
        help_text="Name the decision or publication; it stays with the version for good.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class NewForm(NoteForm):
    key = forms.CharField(
        label="Key",
        help_text="What others name it by, for good: PARTNERS_2026 for a country list, condition:audit for a text.",
        max_length=100,
    )
    field_order = ("key", "note")


class FileForm(NoteForm):
    file = forms.FileField(
        label="The list as CSV or XLSX",
        help_text="Columns: code or country, and from, until, note, source, as_of, confidence, verified_by, verified_on where they "
        "matter. The rows replace all members; what has no column stays as it was.",
    )


class ConfirmForm(NoteForm):
    """What was previewed, as the file that it makes: it is read again, so that nothing else is drafted."""

    rows = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(widget=forms.HiddenInput, max_length=2000)


class TextForm(forms.Form):
    """The content of a draft as YAML, with the hash of what was opened."""

    text = forms.CharField(
        label="Content, as YAML",
        help_text="It may be incomplete; what is still wrong is told with its place. Comments are not kept.",
        widget=forms.Textarea(attrs={"rows": 30, "class": "entente-source", "spellcheck": "false"}),
        required=False,
        strip=False,
    )
    seen = forms.CharField(widget=forms.HiddenInput)


class CompareForm(forms.Form):
    """Two versions by their numbers."""

    old = forms.TypedChoiceField(label="Version", coerce=int)
    new = forms.TypedChoiceField(label="Compared with", coerce=int)

    def __init__(self, *args: Any, versions: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.choices = versions  # type: ignore[attr-defined]


class InstantField(forms.DateTimeField):
    """An instant as the clocks of a time zone show it. What they show twice, or never, is refused."""

    zone: tzinfo = UTC

    def to_python(self, value: Any) -> Any:
        with timezone.override(self.zone):
            return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        with timezone.override(self.zone):
            return super().prepare_value(value)


def instant_field(label: str, otherwise: str) -> InstantField:
    """One that may be left empty; `otherwise` says what that means."""
    return InstantField(
        label=label, help_text=otherwise, required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "Write the instant as 2026-06-12 21:21."},
    )  # fmt: skip


class ZonedForm(forms.Form):
    """A form whose instants are those of the authority's clocks."""

    def __init__(self, *args: Any, zone: tzinfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, InstantField):
                field.zone = zone
                field.help_text = f"As the authority's clocks show it ({zone}); {field.help_text}"


class PublishForm(ZonedForm):
    effective_at = instant_field("Holds from", "leave it empty for now.")


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="Reason to withdraw it", max_length=2000, error_messages={"required": "Say why it is withdrawn."}
    )


def _day(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=hint, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class Said(forms.Form):
    """What may be said of a member, or of all of them: where it is known from, and who has verified it."""

    source = forms.CharField(label="Source", required=False, max_length=300)
    as_of = _day("As of", "The day of which the source speaks.")
    confidence = forms.ChoiceField(
        label="Confidence",
        required=False,
        choices=[("", "Not said"), *((each, each.capitalize()) for each in CONFIDENCE)],
    )
    verified_by = forms.CharField(label="Verified by", required=False, max_length=200)
    verified_on = _day("Verified on")

    def said(self) -> dict[str, str]:
        """Every part as text."""
        return {
            part: value.isoformat() if isinstance(value, date) else value or ""
            for part, value in self.cleaned_data.items()
        }


class DescribeForm(Said):
    name = forms.CharField(label="Name", max_length=200)
    description = forms.CharField(
        label="What it is for", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    field_order = ("name", "description")


class MembershipForm(Said):
    """How a country is on a list; what is left empty from the source on, the list says for all."""

    note = forms.CharField(label="Note", required=False, max_length=500)
    until = _day("Until", "The first day on which it is no longer on the list.")
    field_order = ("code", "from", "until", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["from"] = _day("From", "Leave it empty where it has always been on the list.")
        self.order_fields(self.field_order)

    def basic(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in Said.base_fields]

    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in Said.base_fields]


class MemberForm(MembershipForm):
    code = forms.ChoiceField(label="Country or territory")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = choices()
        gone = sorted({row.code for row in past()} - {code for code, _ in now})
        field = self.fields["code"]
        field.choices = [  # type: ignore[attr-defined]
            ("", "Choose a country"), *now, ("No longer in use", [(code, f"{called()[code]} ({code})") for code in gone]),
        ]  # fmt: skip


class DaysForm(forms.Form):
    day = _day("On this day")
    since = _day("Compared with", "Leave it empty to see that day alone.")
    country = forms.CharField(
        label="Country", help_text="A name or a code, also of the past.", required=False, max_length=100
    )
    key = forms.ChoiceField(label="List", required=False)

    def __init__(self, *args: Any, lists: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].choices = [("", "All lists"), *lists]  # type: ignore[attr-defined]
