"""Who may do what, from the memberships that hold today."""

from licensing.accounts.models import Organization, Person, Role


def may_prepare(person: Person, organization: Organization) -> bool:
    return person.has_role(Role.PREPARER, organization=organization)


def may_certify(person: Person, organization: Organization) -> bool:
    return person.has_role(Role.CERTIFYING_OFFICIAL, organization=organization)


def may_manage_accounts(person: Person, organization: Organization) -> bool:
    return may_administer(person) or person.has_role(Role.ACCOUNT_ADMINISTRATOR, organization=organization)


def may_describe(person: Person, organization: Organization) -> bool:
    """Whether the person may say by which names, where and under which domain a company is known; its legal name is an administrator's."""
    roles = (Role.PREPARER, Role.CERTIFYING_OFFICIAL, Role.ACCOUNT_ADMINISTRATOR)
    return person.has_role(*roles, organization=organization)


def may_administer(person: Person) -> bool:
    return person.has_role(Role.ADMINISTRATOR)


def is_cleared(person: Person) -> bool:
    """Whether the person may know of control orders that have not been disclosed."""
    return person.has_role(Role.CLEARED)


def may_review(person: Person) -> bool:
    return person.has_role(Role.REVIEWER)


def pools_of(person: Person) -> set[str]:
    return person.pools()
