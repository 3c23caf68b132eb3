"""Who may do what with control orders."""

from licensing.accounts.models import Person
from licensing.accounts.permissions import is_cleared, may_administer, may_certify
from licensing.policy.models import ControlOrder


def may_order(person: Person) -> bool:
    """Whether the person keeps control orders: an administrator who is cleared."""
    return may_administer(person) and is_cleared(person)


def may_acknowledge(person: Person, order: ControlOrder) -> bool:
    """Whether the person may bind the company that was served."""
    return may_certify(person, order.organization)
