"""What the frame of every page shows: the authority's name and clocks, and where this person may go."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.urls import reverse

from licensing.accounts.models import Authority, Person, Role
from licensing.accounts.permissions import is_cleared
from licensing.cases.queries import incidents_told_to


@dataclass(frozen=True)
class Entry:
    words: str
    path: str
    current: bool


def entries(person: Person) -> list[tuple[str, str]]:
    """Words and path of every home that the person has."""
    found = []
    if person.has_role(Role.PREPARER, Role.CERTIFYING_OFFICIAL):
        found.append(("Applications", reverse("applicant:home")))
        found.append(("Your licenses", reverse("applicant:licenses")))
        found.append(("Authorizations", reverse("applicant:authorizations")))
    if person.has_role(Role.REVIEWER):
        found.append(("Review queue", reverse("reviewer:home")))
    if person.reviews_for_authority():
        found.append(("Screening", reverse("reviewer:screening")))
        found.append(("Licenses", reverse("reviewer:licenses")))
        found.append(("Notices", reverse("reviewer:notices")))
    if person.has_role(Role.ADMINISTRATOR):
        found.append(("Publications", reverse("administrator:home")))
        if is_cleared(person):
            found.append(("Control orders", reverse("administrator:orders")))
        found.append(("Restricted parties", reverse("administrator:screening")))
        found.append((_incidents(person), reverse("administrator:incidents")))
    return found


def _incidents(person: Person) -> str:
    waiting = incidents_told_to(person).filter(resolved_at__isnull=True).count()
    return f"Incidents ({waiting})" if waiting else "Incidents"


def frame(request: HttpRequest) -> dict[str, object]:
    """The context processor of the base template."""
    person = getattr(request, "user", None)
    authority = _authority()
    shown = entries(person) if isinstance(person, Person) else []
    current = _home_of(request.path, [path for _, path in shown])
    return {
        "navigation": [Entry(words, path, path == current) for words, path in shown],
        "authority_name": authority.name if authority else "",
        "authority_zone": ZoneInfo(authority.time_zone if authority else "UTC"),
    }


def _home_of(path: str, homes: list[str]) -> str:
    """The home that a page belongs to: the longest that it lies under; a case of an administrator's, under its incidents."""
    if path.startswith(reverse("administrator:case", args=["x"]).removesuffix("x/")):
        return reverse("administrator:incidents")
    return max((home for home in homes if path.startswith(home)), key=len, default="")


def _authority() -> Authority | None:
    """It is set once for an installation, so a process asks for it until it is there and then no more."""
    if not _kept:
        _kept.extend(Authority.objects.all()[:1])
    return _kept[0] if _kept else None


_kept: list[Authority] = []
