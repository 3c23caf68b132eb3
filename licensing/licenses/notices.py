"""What the licensee, and the officers who decided, are told about a license."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from licensing.accounts.models import Membership, Person, Role
from licensing.cases.notices import filers
from licensing.licenses.models import ChangeRequest, DutyRecord, License
from licensing.notices.commands import tell


def issued(license_: License) -> None:
    context = {"license": license_, "path": _path(license_)}
    for person in filers(license_.case) if license_.revision == "A" else holders(license_):
        tell(person, "licenses/issued", context, about=f"licenses.license:{license_.pk}")


def transfer_offered(request: ChangeRequest) -> None:
    """Tell the certifying officials of the transferee that they are asked to accept."""
    officials = Membership.objects.in_force(timezone.localdate()).filter(
        organization=request.transferee_id, role=Role.CERTIFYING_OFFICIAL
    )
    context = {"license": request.license, "request": request, "path": reverse("applicant:transfer", args=[request.pk])}
    for person in Person.objects.filter(pk__in=officials.values("person"), is_active=True).order_by("pk"):
        tell(person, "licenses/transfer_offered", context, about=f"licenses.license:{request.license_id}")


def standing(license_: License, what: str, reason: str) -> None:
    """Tell the licensee that the license "is suspended", "has expired", …, and why."""
    context = {"license": license_, "what": what, "reason": reason, "path": _path(license_)}
    for person in holders(license_):
        tell(person, "licenses/standing", context, about=f"licenses.license:{license_.pk}")


def duty_answered(kept: DutyRecord, outcome: str, reason: str) -> None:
    """Tell the company what the authority says to what it has recorded under an authorization."""
    key = kept.registration.authorization
    path = reverse("applicant:duty_record", args=[key, kept.pk])
    context = {"record": kept, "key": key, "outcome": outcome, "reason": reason, "path": path}
    for person in _who_file_for(kept.registration.organization_id):
        tell(person, "licenses/duty_answered", context, about=f"licenses.registration:{kept.registration_id}")


def holders(license_: License) -> Iterable[Person]:
    """Who files for the licensee today, each once."""
    return _who_file_for(license_.licensee_id)


def _who_file_for(organization_id: int) -> Iterable[Person]:
    roles = (Role.PREPARER, Role.CERTIFYING_OFFICIAL)
    standing = Membership.objects.in_force(timezone.localdate()).filter(organization=organization_id, role__in=roles)
    return Person.objects.filter(pk__in=standing.values("person"), is_active=True).order_by("pk")


def _path(license_: License) -> str:
    return reverse("applicant:license", args=[license_.number])


def flagged(license_: License, names: str) -> None:
    """Tell the two who decided that a party of a license in force has come near a listed name."""
    path = reverse("reviewer:case", args=[license_.case.control_number])
    context = {"license": license_, "names": names, "path": path}
    for person in (license_.decision.officer, license_.decision.countersigned_by):
        if person is not None:
            tell(person, "licenses/flagged", context, about=f"licenses.license:{license_.pk}")
