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


class MemberForm(forms.Form):
    code = CountryField(label="Country or territory")
    note = forms.CharField(label="Note", required=False, max_length=500)
