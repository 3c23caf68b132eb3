"""Who may do what to a license."""

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_certify, may_prepare
from licensing.licenses.models import License


def may_rule(person: Person) -> bool:
    """Suspend, revoke, void, reinstate: officers of the licensing authority."""
    return person.reviews_for_authority()


def may_rule_on(person: Person, license_: License) -> bool:
    """Those officers; where a confidential order decided, the cleared alone."""
    return may_rule(person) and License.objects.told_to(person).filter(pk=license_.pk).exists()


def may_use(person: Person, license_: License) -> bool:
    """Report use, ask for changes, name who acknowledges: those who file for the licensee."""
    return may_prepare(person, license_.licensee) or may_certify(person, license_.licensee)


def may_surrender(person: Person, license_: License) -> bool:
    """Giving a license up binds the company, so its certifying officials do it."""
    return may_certify(person, license_.licensee)
