"""What the licensee, and the officers who decided, are told about a license."""

from django.urls import reverse

from licensing.cases.notices import filers
from licensing.licenses.models import License
from licensing.notices.commands import tell


def issued(license_: License) -> None:
    context = {"license": license_, "path": reverse("applicant:license", args=[license_.number])}
    for person in filers(license_.case):
        tell(person, "licenses/issued", context, about=f"licenses.license:{license_.pk}")


def flagged(license_: License, names: str) -> None:
    """Tell the two who decided that a party of a license in force has come near a listed name."""
    path = reverse("reviewer:case", args=[license_.case.control_number])
    context = {"license": license_, "names": names, "path": path}
    for person in (license_.decision.officer, license_.decision.countersigned_by):
        if person is not None:
            tell(person, "licenses/flagged", context, about=f"licenses.license:{license_.pk}")
