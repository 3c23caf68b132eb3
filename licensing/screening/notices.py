"""What administrators are told about restricted-party lists."""

from django.urls import reverse
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.accounts.queries import stewards
from licensing.notices.commands import tell
from licensing.screening.models import ListSnapshot


def list_held(snapshot: ListSnapshot) -> None:
    """Tell the administrators of the authority that a load waits for one of them."""
    path = reverse("administrator:snapshot", args=[snapshot.pk])
    for person in Person.objects.filter(pk__in=stewards(timezone.now())):
        tell(
            person,
            "screening/list_held",
            {"snapshot": snapshot, "path": path},
            about=f"screening.listsnapshot:{snapshot.pk}",
        )
