"""How forms look and how a command's refusal gets onto the form that it concerns."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from licensing.audit.refusals import Invalid


class Renderer(TemplatesSetting):
    """Every form and field through the portal's own templates."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


def add_problems(form: forms.Form, invalid: Invalid) -> None:
    """Put each problem on its field; one about no field of this form stands above them all, with its value."""
    for problem in invalid.problems:
        field = next((part for part in (problem.field, *problem.field.split(".")) if part in form.fields), "")
        if field:
            form.add_error(field, problem.mend)
        else:
            value = f" ({problem.value})" if problem.value else ""
            form.add_error(None, f"{problem.field.replace('_', ' ').capitalize()}{value}: {problem.mend}")


def carried_out(form: forms.Form, act: Callable[[dict[str, Any]], object]) -> bool:
    """Whether the form was valid and the act done with what it says; what the act refuses stands on the form."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except Invalid as invalid:
        add_problems(form, invalid)
        return False
    return True
