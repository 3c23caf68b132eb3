"""Who may ask what a publication changes, and read the answer."""

from licensing.accounts.models import Person
from licensing.accounts.permissions import is_cleared, may_administer
from licensing.policy.queries import CONFIDENTIAL_KINDS
from licensing.publishing.models import Publication


def may_see_impact(person: Person, publication: Publication) -> bool:
    """Administrators; of an order, and of the parties that it names, those who are cleared."""
    return may_administer(person) and (publication.kind not in CONFIDENTIAL_KINDS or is_cleared(person))
