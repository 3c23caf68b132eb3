"""What the portal's templates need beside Django's own: statuses, form controls, navigation."""

from typing import Any

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

from licensing.portal.statuses import Status, status_of

register = template.Library()
CLASSES = {
    "select": "govuk-select",
    "textarea": "govuk-textarea",
    "clearablefile": "govuk-file-upload",
    "file": "govuk-file-upload",
}
NARROW = {"number": " govuk-input--width-10", "decimal": " govuk-input--width-10", "date": " govuk-input--width-10"}


@register.filter
def status(name: str) -> Status:
    return status_of(name)


@register.filter
def words(code: Any) -> str:
    """A code as words: `approve_with_conditions` becomes `Approve with conditions`."""
    return str(code).replace("_", " ").capitalize()


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's control with the classes of its kind."""
    kind = field.widget_type
    classes = CLASSES.get(kind, "govuk-input" + NARROW.get(kind, ""))
    error = f" {classes.split()[0]}--error" if field.errors else ""
    return field.as_widget(attrs={"class": classes + error})
