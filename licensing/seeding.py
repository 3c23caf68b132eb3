"""What an installation starts with: the authority, its agencies, people, lists, policy, texts, workflow. Loading again changes nothing.

Every password is made when the installation is seeded and kept in `<var>/demo-passwords.json`, readable by its owner only.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from licensing.accounts.commands import create_organization, create_person, establish_authority, grant_membership
from licensing.accounts.models import Authority, Membership, Organization, Person, Role
from licensing.accounts.models import OrganizationKind as Kind
from licensing.audit.actors import SYSTEM
from licensing.cases import seeding as practice
from licensing.countries import seeding as countries
from licensing.licenses import seeding as licenses
from licensing.policy import seeding as policy
from licensing.screening import seeding as screening
from licensing.texts import seeding as texts
from workflows import engine
from workflows.kernel import Actor

WORKFLOWS = Path(settings.BASE_DIR) / "fixtures" / "workflows"
PASSWORDS = Path(settings.VAR_DIR) / "demo-passwords.json"


@dataclass(frozen=True)
class Organizational:
    """An organization of the seed: key, kind, name, units by key, address, website."""

    key: str
    kind: str
    name: str
    units: dict[str, str]
    address: str = ""
    website: str = ""
    country: str = "US"
    registration_number: str = ""


@dataclass(frozen=True)
class Member:
    """A person of the seed: the local part of the address, the name, and (organization, role, unit) for each of their roles."""

    login: str
    name: str
    roles: tuple[tuple[str, str, str], ...]

    @property
    def email(self) -> str:
        return f"{self.login}@entente.example"


AGENCY_UNITS = {"oc": "Operating committee", "asst_sec": "Assistant secretary", "secretary": "Secretary"}
AUTHORITY_UNITS = {
    "licensing": "Licensing officers",
    "licensing_lead": "Licensing leads",
    "ai_safety_institute": "AI safety institute",
    "oc_chair": "Chair of the operating committee",
    "asst_sec": "Assistant secretary",
    "under_secretary": "Under secretary",
    "secretary": "Secretary",
}
ORGANIZATIONS = (
    Organizational(
        "commerce",
        Kind.AUTHORITY,
        "Department of Trade and Technology",
        AUTHORITY_UNITS,
        address="400 Meridian Avenue, Washington, DC 20001",
        website="licensing.example",
    ),
    Organizational("defense", Kind.AGENCY, "Department of Defense", {"dtsa": "Technology security", **AGENCY_UNITS}),
    Organizational("state", Kind.AGENCY, "Department of State", {"isn": "Nonproliferation", **AGENCY_UNITS}),
    Organizational("energy", Kind.AGENCY, "Department of Energy", {"nnsa": "Nuclear security", **AGENCY_UNITS}),
    Organizational("executive", Kind.AGENCY, "Executive Office", {"president": "President"}),
    Organizational(
        "meridian",
        Kind.APPLICANT,
        "Meridian Models, Inc.",
        {},
        address="1200 Harbor Street, San Francisco, CA 94107",
        website="meridian-models.example",
        registration_number="EIN 94-0000001",
    ),
    Organizational(
        "lumen",
        Kind.APPLICANT,
        "Lumen Language Systems, LLC",
        {},
        address="88 Foundry Row, Austin, TX 78701",
        website="lumen-language.example",
        registration_number="EIN 74-0000002",
    ),
    Organizational(
        "cascade",
        Kind.APPLICANT,
        "Cascade Intelligence, Inc.",
        {},
        address="17 Basalt Street, Portland, OR 97205",
        website="cascade-intelligence.example",
        registration_number="EIN 93-0000003",
    ),
)
PREPARER, OFFICIAL = Role.PREPARER.value, Role.CERTIFYING_OFFICIAL.value
ACCOUNTS, ADMINISTRATOR = Role.ACCOUNT_ADMINISTRATOR.value, Role.ADMINISTRATOR.value
CLEARED = Role.CLEARED.value
REVIEWER = Role.REVIEWER.value
PEOPLE = (
    Member("amara.okafor", "Amara Okafor", (("commerce", ADMINISTRATOR, ""), ("commerce", CLEARED, ""))),
    Member("henrik.dahl", "Henrik Dahl", (("commerce", ADMINISTRATOR, ""), ("commerce", CLEARED, ""))),
    Member("petra.vogel", "Petra Vogel", (("commerce", ADMINISTRATOR, ""),)),
    Member("noa.feld", "Noa Feld", (("meridian", PREPARER, ""),)),
    Member("ada.lindqvist", "Ada Lindqvist", (("meridian", OFFICIAL, ""), ("meridian", ACCOUNTS, ""))),
    Member("tomas.reyes", "Tomas Reyes", (("lumen", PREPARER, ""), ("lumen", OFFICIAL, ""))),
    Member("ines.calder", "Ines Calder", (("cascade", PREPARER, ""), ("cascade", OFFICIAL, ""))),
    Member(
        "grace.whitfield", "Grace Whitfield",
        (("commerce", REVIEWER, "licensing"), ("commerce", REVIEWER, "licensing_lead"), ("commerce", CLEARED, "")),
    ),
    Member("omar.haddad", "Omar Haddad", (("commerce", REVIEWER, "licensing"),)),
    Member("ruth.calloway", "Ruth Calloway", (("commerce", REVIEWER, "licensing_lead"), ("commerce", CLEARED, ""))),
    Member("sven.adler", "Sven Adler", (("commerce", REVIEWER, "ai_safety_institute"),)),
    Member("lena.ortiz", "Lena Ortiz", (("commerce", REVIEWER, "oc_chair"),)),
    Member("paul.brandt", "Paul Brandt", (("commerce", REVIEWER, "asst_sec"),)),
    Member("paul.renner", "Paul Renner", (("commerce", REVIEWER, "under_secretary"),)),
    Member("irene.castell", "Irene Castell", (("commerce", REVIEWER, "secretary"),)),
    Member("dana.whitlock", "Dana Whitlock", (("defense", REVIEWER, "dtsa"), ("defense", REVIEWER, "oc"), ("defense", CLEARED, ""))),
    Member("victor.nash", "Victor Nash", (("defense", REVIEWER, "asst_sec"),)),
    Member("mara.stone", "Mara Stone", (("defense", REVIEWER, "secretary"),)),
    Member("samir.patel", "Samir Patel", (("state", REVIEWER, "isn"), ("state", REVIEWER, "oc"))),
    Member("claire.dumont", "Claire Dumont", (("state", REVIEWER, "asst_sec"),)),
    Member("edwin.mbeki", "Edwin Mbeki", (("state", REVIEWER, "secretary"),)),
    Member("yuki.tanabe", "Yuki Tanabe", (("energy", REVIEWER, "nnsa"), ("energy", REVIEWER, "oc"))),
    Member("boris.keller", "Boris Keller", (("energy", REVIEWER, "asst_sec"),)),
    Member("nina.rossi", "Nina Rossi", (("energy", REVIEWER, "secretary"),)),
    Member("jo.marchetti", "Jo Marchetti", (("executive", REVIEWER, "president"),)),
)  # fmt: skip


def load() -> dict[str, str]:
    """Load everything that is not there yet. Returns the passwords of the people of the seed, by address."""
    organizations = _organizations()
    passwords = _people(organizations)
    proposer, publisher = (Person.objects.get(email=member.email) for member in PEOPLE[:2])
    countries.load(proposer=proposer, publisher=publisher)
    texts.load(proposer=proposer, publisher=publisher)
    practice.load(proposer=proposer, publisher=publisher)
    policy.load(proposer=proposer, publisher=publisher, jurisdiction="us")
    licenses.load(proposer=proposer, publisher=publisher, jurisdiction="us")
    policy.load_orders(proposer=proposer, publisher=publisher)
    screening.load(actor=SYSTEM)
    screening.load_policy(proposer=proposer, publisher=publisher)
    for path in sorted(WORKFLOWS.glob("us-*.yaml")):
        engine.publish(path.read_text(encoding="utf-8"), actor=Actor(publisher.actor_id, publisher.actor_label))
    return passwords


@transaction.atomic
def _organizations() -> dict[str, Organization]:
    for row in ORGANIZATIONS:
        if not Organization.objects.filter(key=row.key).exists():
            create_organization(actor=SYSTEM, **vars(row))
    found = {organization.key: organization for organization in Organization.objects.all()}
    if not Authority.objects.exists():
        establish_authority(
            actor=SYSTEM,
            organization_id=found["commerce"].pk,
            jurisdiction="US",
            name="Bureau of Model Exports",
            mark="BME",
            time_zone="America/New_York",
        )
    return found


def _people(organizations: dict[str, Organization]) -> dict[str, str]:
    kept = json.loads(PASSWORDS.read_text(encoding="utf-8")) if PASSWORDS.exists() else {}
    passwords = {member.email: kept.get(member.email) or secrets.token_urlsafe(9) for member in PEOPLE}
    with transaction.atomic():
        for member in PEOPLE:
            person = Person.objects.filter(email=member.email).first()
            if person is None:
                person = create_person(
                    actor=SYSTEM, email=member.email, name=member.name, password=passwords[member.email]
                )
                for organization, role, unit in member.roles:
                    grant_membership(
                        actor=SYSTEM,
                        person_id=person.pk,
                        organization_id=organizations[organization].pk,
                        role=role,
                        unit=unit,
                    )
            elif member.email not in kept:
                person.set_password(passwords[member.email])
                person.save(update_fields=["password"])
    _clear_the_first(organizations)
    _keep(passwords)
    return passwords


def _clear_the_first(organizations: dict[str, Organization]) -> None:
    """Only the cleared clear somebody: where an installation has nobody who is, the seed's people are."""
    if Membership.objects.filter(role=CLEARED).exists():
        return
    for member in PEOPLE:
        for organization, role, _ in member.roles:
            if role == CLEARED:
                person = Person.objects.get(email=member.email)
                grant_membership(
                    actor=SYSTEM, person_id=person.pk, organization_id=organizations[organization].pk, role=role
                )


def _keep(passwords: dict[str, str]) -> None:
    PASSWORDS.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(PASSWORDS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(passwords, file, indent=1)
