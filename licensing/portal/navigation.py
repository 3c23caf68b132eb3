"""What the frame of every page shows: the authority's name and where this person may go."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from licensing.accounts.models import Authority, Person, Role


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
    if person.has_role(Role.REVIEWER):
        found.append(("Review queue", reverse("reviewer:home")))
    if person.has_role(Role.ADMINISTRATOR):
        found.append(("Country lists", reverse("administrator:home")))
    return found


def frame(request: HttpRequest) -> dict[str, object]:
    """The context processor of the base template."""
    person = getattr(request, "user", None)
    shown = entries(person) if isinstance(person, Person) else []
    return {
        "navigation": [Entry(words, path, request.path.startswith(path)) for words, path in shown],
        "authority_name": _authority_name(),
    }


def _authority_name() -> str:
    """The name is set once for an installation, so a process asks for it until it is there and then no more."""
    if not _kept:
        _kept.extend(Authority.objects.values_list("name", flat=True)[:1])
    return _kept[0] if _kept else ""


_kept: list[str] = []
