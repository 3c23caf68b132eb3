"""Choosing texts from the library, each with its own parameters beneath it."""

from typing import Any

from django import forms

from licensing.texts.duties import Blank
from licensing.texts.queries import Text, library


class TextsForm(forms.Form):
    """A form whose fields named in `texts` choose from the library; the blanks of a text are fields called `<key>.<name>`.

    A text's own fields stand under it (`blanks_under`), and not among the others; only those of a chosen text count.
    """

    texts: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._under: dict[str, list[str]] = {}
        for name, kind in self.texts.items():
            found = library(kind)
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - narrows the type
            field.choices = [(text.key, text.title) for text in found]
            for text in found:
                self._add_blanks(text)

    def _add_blanks(self, text: Text) -> None:
        for name, blank in text.blanks.items():
            self.fields[f"{text.key}.{name}"] = _control(blank, text.parameters[name])
            self._under.setdefault(text.key, []).append(name)

    def get_context(self) -> dict[str, Any]:
        context = super().get_context()
        context["fields"] = [row for row in context["fields"] if "." not in row[0].name]
        return context

    def blanks_under(self, key: str) -> list[forms.BoundField]:
        return [self[f"{key}.{name}"] for name in self._under.get(key, [])]

    def chosen(self, name: str) -> list[dict[str, Any]]:
        """The chosen texts as commands take them: `{"key", "parameters"}`; a blank that was emptied keeps its default."""
        return [
            {
                "key": key,
                "parameters": {
                    blank: value for blank in self._under.get(key, []) if (value := self.cleaned_data[f"{key}.{blank}"])
                },
            }
            for key in self.cleaned_data[name]
        ]


def _control(blank: Blank, default: Any) -> forms.Field:
    if blank.choices:
        choices = [(value, words.capitalize()) for value, words in blank.choices.items()]
        return forms.ChoiceField(label=blank.words, choices=choices, initial=default, required=False)
    shown = ", ".join(default) if isinstance(default, list) else default
    figure = {"class": "govuk-input--width-10", "inputmode": "decimal"} if str(shown)[:1].isdigit() else {}
    return forms.CharField(
        label=blank.words, initial=shown, required=False, max_length=300, widget=forms.TextInput(attrs=figure)
    )
