"""What the licensee is told about a license."""

from django.urls import reverse

from licensing.cases.notices import filers
from licensing.licenses.models import License
from licensing.notices.commands import tell


def issued(license_: License) -> None:
    context = {"license": license_, "path": reverse("applicant:license", args=[license_.number])}
    for person in filers(license_.case):
        tell(person, "licenses/issued", context, about=f"licenses.license:{license_.pk}")
