"""What an administrator fills in to help a case: the reason, and what the rescue has to be told."""

import uuid
from typing import Any

from django import forms

from licensing.portal.administrator.rescue_pages import Choice


class OfferedField(forms.ChoiceField):
    """Shows what the engine offers. Whether it is still possible when the form comes back, the command says."""

    def valid_value(self, value: Any) -> bool:
        return bool(value)


class RescueForm(forms.Form):
    """`choice` is None when the rescue needs a reason alone. The id makes a form that is sent twice harmless."""

    command_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    reason = forms.CharField(
        label="Reason",
        help_text="It stays in the record of the case.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )

    def __init__(self, *args: Any, choice: Choice | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if choice is None:
            return
        field = OfferedField(
            label=choice.label, initial=choice.fixed, widget=forms.HiddenInput if choice.fixed else None
        )
        field.choices = [("", "Choose"), *choice.choices]
        self.fields[choice.field] = field
        self.order_fields([choice.field, "reason"])

    def told(self) -> dict[str, Any]:
        """The data of the command."""
        data = dict(self.cleaned_data)
        if "seat_and_person" in data:
            data["seat"], _, data["to"] = data.pop("seat_and_person").partition(":")
        return data
