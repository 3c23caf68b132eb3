"""People and organizations for tests: the smallest valid ones, made by the commands that people use.

Ada prepares and Bea certifies for an applicant; Rui reviews for the authority and Sol for another agency; Kim and Lou administer; Nel
belongs nowhere. Everybody's password is `PASSWORD`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.conf import settings

from licensing.accounts.commands import create_organization, create_person, establish_authority, grant_membership
from licensing.accounts.models import Authority, Organization, Person, Role, Unit
from licensing.audit.actors import SYSTEM

PASSWORD = "thirteen small otters"
WORKFLOW = settings.BASE_DIR / "fixtures" / "workflows" / "us-interagency.yaml"
AUTHORITY = "commerce"


@dataclass(frozen=True)
class Applicant:
    """A company with somebody who prepares its applications and somebody who certifies them."""

    organization: Organization
    preparer: Person
    official: Person


@dataclass(frozen=True)
class Government:
    """The authority, the agencies by key, its two administrators."""

    authority: Authority
    agencies: dict[str, Organization]
    administrators: tuple[Person, Person]


@cache
def pools() -> tuple[str, ...]:
    """Every pool that the seeded workflow names: those of its seats and those that it escalates to."""
    return tuple(sorted(set(_pools(yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))))))


def _pools(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _pools(part)
    if isinstance(node, dict):
        for name, part in node.items():
            if name in ("pool", "escalate"):
                yield part
            else:
                yield from _pools(part)


def units_of(agency: str) -> dict[str, str]:
    """The units of an agency that the workflow has seats for, with a title each."""
    keys = [unit for key, _, unit in (pool.partition(".") for pool in pools()) if key == agency]
    return {unit: unit.replace("_", " ").capitalize() for unit in keys}


def person(name: str) -> Person:
    """Somebody who belongs nowhere yet: `person("Nel")` signs in as nel@example.org."""
    return create_person(
        actor=SYSTEM, email=f"{name.lower().replace(' ', '.')}@example.org", name=name, password=PASSWORD
    )


def member(name: str, organization: Organization, *roles: str) -> Person:
    """A new person with roles in an organization."""
    somebody = person(name)
    for role in roles:
        grant_membership(actor=SYSTEM, person_id=somebody.pk, organization_id=organization.pk, role=role)
    return somebody


def reviewer(name: str, *pools: str) -> Person:
    """A new person who reviews in pools that exist: `reviewer("Rui", "commerce.licensing")`."""
    somebody = person(name)
    for unit in Unit.objects.filter(pool__in=pools).select_related("organization"):
        grant_membership(
            actor=SYSTEM,
            person_id=somebody.pk,
            organization_id=unit.organization_id,
            role=Role.REVIEWER,
            unit=unit.key,
        )
    return somebody


def applicant(key: str = "lumen", preparer: str = "Ada", official: str = "Bea") -> Applicant:
    organization = create_organization(
        actor=SYSTEM, kind="applicant", key=key, name=f"{key.capitalize()} AI, Inc.", country="US",
        address="1 Example Way, Springfield", registration_number="0000001",
    )  # fmt: skip
    return Applicant(
        organization,
        member(preparer, organization, Role.PREPARER),
        member(official, organization, Role.CERTIFYING_OFFICIAL),
    )


def government() -> Government:
    """The authority of the United States with every agency and unit of the seeded workflow; nobody reviews yet."""
    agencies = {
        key: create_organization(
            actor=SYSTEM,
            kind="authority" if key == AUTHORITY else "agency",
            key=key,
            name=f"Department of {key.capitalize()} (example)",
            country="US",
            units=units_of(key),
        )
        for key in sorted({pool.partition(".")[0] for pool in pools()})
    }
    commerce = agencies[AUTHORITY]
    authority = establish_authority(
        actor=SYSTEM, organization_id=commerce.pk, jurisdiction="US", name="Licensing Office (example)", mark="XLO"
    )
    administrators = (
        member("Kim", commerce, Role.ADMINISTRATOR),
        member("Lou", commerce, Role.ADMINISTRATOR),
    )
    return Government(authority, agencies, administrators)
