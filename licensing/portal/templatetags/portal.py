"""What the portal's templates need beside Django's own: statuses, form controls, errors that lead to their field."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField, CheckboxSelectMultiple, FileInput, RadioSelect, Select, Textarea
from django.utils.safestring import SafeString

from licensing.documents import scanning
from licensing.documents.models import StoredFile
from licensing.portal.moments import told
from licensing.portal.statuses import Status, status_of

register = template.Library()
CLASSES = ((FileInput, "govuk-file-upload"), (Textarea, "govuk-textarea"), (Select, "govuk-select"))
NARROW = {"number", "decimal", "date"}


@register.filter
def status(name: str) -> Status:
    return status_of(name)


@register.filter
def scan_state(file: StoredFile) -> str:
    return scanning.state(file)


@register.filter
def words(code: Any) -> str:
    """A code as words: `approve_with_conditions` becomes `Approve with conditions`."""
    return str(code).replace("_", " ").capitalize()


@register.filter
def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant as the authority's clocks show it and in UTC."""
    return told(at, zone) if at else ""


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's control with the classes of its kind."""
    widget = field.field.widget
    kind = next((name for widget_class, name in CLASSES if isinstance(widget, widget_class)), "govuk-input")
    width = " govuk-input--width-10" if kind == "govuk-input" and field.widget_type in NARROW else ""
    error = f" {kind}--error" if field.errors else ""
    own = f" {widget.attrs['class']}" if "class" in widget.attrs else ""
    return field.as_widget(attrs={"class": kind + width + error + own})


@register.filter
def anchor(field: BoundField) -> str:
    """The id of the control that takes the focus: of several choices, the first."""
    if isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple) and len(field) > 0:
        return str(field[0].id_for_label)
    return field.id_for_label or str(field.auto_id)


@register.filter
def named(field: BoundField, error: str) -> str:
    """An error that says which field it is about, also where it stands far from it."""
    label = str(field.label)
    return f"{label} {error}" if label.endswith("?") else f"{label}: {error[:1].lower()}{error[1:]}"


@register.filter
def blanks_under(field: BoundField, choice: Any) -> list[BoundField]:
    """The fields that stand under a choice, of a form that has such (`TextsForm`)."""
    under = getattr(field.form, "blanks_under", None)
    return under(str(choice)) if under else []
