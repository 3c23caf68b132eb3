"""What an administrator fills in for a country list."""

from django import forms

from licensing.portal.applicant.forms import CountryField


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Why does the list change?",
        help_text="Name the decision or publication; it stays with the version for good.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )


class FileForm(NoteForm):
    file = forms.FileField(
        label="The list as CSV or XLSX",
        help_text="Columns: code or country, and from, until, note where they matter. The file replaces all members.",
    )


class ConfirmForm(NoteForm):
    """What was previewed, as the file that it makes: it is read again, so that nothing else is drafted."""

    rows = forms.CharField(widget=forms.HiddenInput)
    note = forms.CharField(widget=forms.HiddenInput, max_length=2000)


class DaysForm(forms.Form):
    day = forms.DateField(label="On this day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    since = forms.DateField(
        label="Compared with", help_text="Leave it empty to see the lists alone.", required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip


class PublishForm(forms.Form):
    effective_at = forms.DateTimeField(
        label="Holds from", help_text="Coordinated universal time; leave it empty for now.", required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={"invalid": "Write the instant as 2026-06-12 21:21."},
    )  # fmt: skip


class MemberForm(forms.Form):
    code = CountryField(label="Country or territory")
    note = forms.CharField(label="Note", required=False, max_length=500)
