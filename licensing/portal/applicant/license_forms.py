"""What a licensee fills in: use, acknowledgments, changes, surrender."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from django import forms

from licensing.audit.refusals import Invalid
from licensing.licenses.changes import FILED, NOTHING_NEEDED
from licensing.licenses.drawing import CAPS, Use
from licensing.licenses.models import UsageEntry

MOST_ROWS = 1000
MOST_BYTES = 1_000_000
COLUMNS = ("client_reference", "kind", "occurred_at", "until", *CAPS, "recipient", "note", "corrects")


class UseForm(forms.Form):
    client_reference = forms.CharField(
        label="Your reference",
        help_text="It makes a repetition harmless: the same reference counts once.",
        max_length=100,
    )
    kind = forms.ChoiceField(label="What was it?", choices=UsageEntry.Kind.choices, widget=forms.RadioSelect)
    occurred_at = forms.DateTimeField(label="When, or from when on (UTC)", help_text="For example 2026-11-25 14:30.")
    until = forms.DateTimeField(
        label="Until when (UTC)", help_text="For a period of access. For example 2026-11-30 18:00.", required=False
    )  # fmt: skip
    quantity = forms.DecimalField(label="Quantity", required=False)
    value = forms.DecimalField(label="Value", required=False)
    seats = forms.DecimalField(label="Seats", required=False)
    compute = forms.DecimalField(label="Operations", required=False)
    recipient = forms.CharField(label="Recipient", max_length=300, required=False)
    note = forms.CharField(label="Remark", max_length=300, required=False)
    corrects = forms.CharField(
        label="Corrects the entry",
        help_text="For a correction: the reference of the entry, and above what is to be added, or taken back with a minus sign.",
        max_length=100, required=False,
    )  # fmt: skip

    def use(self) -> tuple[str, Use]:
        data = self.cleaned_data
        amounts: dict[str, Decimal] = {name: data[name] for name in CAPS if data[name] is not None}
        return data["client_reference"].strip(), Use(
            kind=data["kind"], occurred_at=data["occurred_at"], until=data["until"], amounts=amounts,
            recipient=data["recipient"], note=data["note"], corrects=data["corrects"],
        )  # fmt: skip


class UsesForm(forms.Form):
    file = forms.FileField(
        label="Many at once, as a CSV file",
        help_text=f"One use a line, with a head line of {', '.join(COLUMNS)}; columns that you do not need may be left out.",
    )

    def rows(self) -> list[tuple[int, UseForm]]:
        """Line number and a form for each line. Raises `Invalid` for a file that cannot be read as a table of uses."""
        uploaded = self.cleaned_data["file"]
        if uploaded.size > MOST_BYTES:
            raise Invalid.one(
                "file", uploaded.name, f"The file is larger than {MOST_BYTES // 1000} kB: send it in parts."
            )
        try:
            reader = csv.DictReader(io.StringIO(uploaded.read().decode("utf-8-sig"), newline=""), strict=True)
            head, rows = reader.fieldnames or [], list(reader)
        except (UnicodeDecodeError, csv.Error) as error:
            raise Invalid.one("file", uploaded.name, "The file is no CSV in UTF-8: save it as such.") from error
        unknown = sorted({str(name) for name in head} - set(COLUMNS))
        if "client_reference" not in head or unknown:
            raise Invalid.one(
                "file", ", ".join(unknown) or uploaded.name, f"The first line names the columns, from these: {', '.join(COLUMNS)}."
            )  # fmt: skip
        if not 0 < len(rows) <= MOST_ROWS:
            raise Invalid.one("file", f"{len(rows)} lines", f"Send 1 to {MOST_ROWS} lines in a file.")
        return [
            (number, UseForm({name: row.get(name) or "" for name in COLUMNS})) for number, row in enumerate(rows, 2)
        ]


class AskToAcknowledgeForm(forms.Form):
    party_name = forms.ChoiceField(label="Which party?", widget=forms.RadioSelect)
    email = forms.EmailField(label="E-mail address of somebody who may speak for it")

    def __init__(self, *args: Any, parties: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["party_name"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = [(name, name) for name in parties]


class ChangesForm(forms.Form):
    changes = forms.MultipleChoiceField(
        label="What changes?",
        choices=[*FILED.items(), *NOTHING_NEEDED.items()],
        widget=forms.CheckboxSelectMultiple,
    )


class LetterForm(forms.Form):
    """The parts of a letter, one field each, beneath what is asked for."""

    def __init__(self, *args: Any, parts: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = tuple(parts)
        for key, what in parts.items():
            self.fields[key] = forms.CharField(label=what, widget=forms.Textarea(attrs={"rows": 2}), max_length=3000)

    def letter(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in self.parts}


class ExtensionForm(LetterForm):
    valid_until = forms.DateField(
        label="Until which day?", help_text="The license holds to the end of it, for example 2029-11-30."
    )

    def asked(self) -> dict[str, Any]:
        return {"valid_until": datetime.combine(self.cleaned_data["valid_until"], time(23, 59), UTC)}


class NameChangeForm(LetterForm):
    name = forms.CharField(label="The new name of the company", max_length=300)

    def asked(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"]}


class TransferForm(LetterForm):
    registration_number = forms.CharField(
        label="Registration number of the transferee", help_text="As in its company register. It has to be registered here.", max_length=60
    )  # fmt: skip

    def asked(self) -> dict[str, Any]:
        return {"registration_number": self.cleaned_data["registration_number"]}


REQUESTS: dict[str, type[ExtensionForm | NameChangeForm | TransferForm]] = {
    "extension": ExtensionForm,
    "name_change": NameChangeForm,
    "transfer": TransferForm,
}


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
