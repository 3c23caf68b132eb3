"""Who may keep what is published."""

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_administer
from licensing.publishing.observers import on_desk


def may_keep(person: Person, kind: str) -> bool:
    """Administrators keep the kinds that have a place on the desk; other kinds have commands of their own."""
    return may_administer(person) and kind in on_desk()
