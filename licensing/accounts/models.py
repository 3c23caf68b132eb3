"""People and the organizations they act for."""

import uuid
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from licensing.audit.models import Chained
from licensing.statements import prepared

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, name: str, password: str | None = None) -> "Person":
        person = self.model(email=self.normalize_email(email).lower(), name=name)
        person.set_password(password)
        person.save()
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person who signs in as this, however they write their address."""
        return self.get(email=(username or "").strip().lower())


class Person(Chained, AbstractBaseUser):
    """One human being, with one account, whatever they do and for whom."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    if TYPE_CHECKING:
        memberships: RelatedManager["Membership"]

    def __str__(self) -> str:
        return self.name

    @property
    def actor_id(self) -> str:
        return str(self.pk)

    @property
    def actor_label(self) -> str:
        return self.name

    def standing(self) -> list["Membership"]:
        """The memberships that hold today; read once for each object, so once for each request."""
        if not hasattr(self, "_standing"):
            self._standing = _held(person=self.pk, day=timezone.localdate())
        return self._standing

    def acts_for(self, organization_id: int) -> bool:
        """Whether a membership of the organization holds today, in whatever role."""
        return any(row.organization_id == organization_id for row in self.standing())

    def has_role(self, *roles: str, organization: "Organization | None" = None) -> bool:
        return any(
            row.role in roles and (organization is None or row.organization_id == organization.pk)
            for row in self.standing()
        )

    def applicant_organizations(self) -> models.QuerySet["Organization"]:
        """The applicants for which the person prepares or certifies."""
        ids = [row.organization_id for row in self.standing() if row.role in (Role.PREPARER, Role.CERTIFYING_OFFICIAL)]
        return Organization.objects.filter(pk__in=ids)

    def pools(self) -> set[str]:
        """The workflow pools in which the person reviews."""
        return {row.unit.pool for row in self.standing() if row.role == Role.REVIEWER and row.unit is not None}

    def reviews_for_authority(self) -> bool:
        """Whether the person is an officer of the licensing authority."""
        return any(
            row.role == Role.REVIEWER and row.organization.kind == OrganizationKind.AUTHORITY for row in self.standing()
        )


class OrganizationKind(models.TextChoices):
    APPLICANT = "applicant", "Applicant"
    AGENCY = "agency", "Reviewing agency"
    AUTHORITY = "authority", "Licensing authority"


class Organization(Chained):
    """A company that applies, an agency that reviews, or the authority that decides. `key` names its workflow pools."""

    kind = models.CharField(max_length=20, choices=OrganizationKind.choices)
    name = models.CharField(max_length=300)
    aliases = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    key = models.CharField(max_length=60, unique=True)
    country = models.CharField(max_length=10)
    address = models.CharField(max_length=300, blank=True)
    website = models.CharField(max_length=200, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z][a-z0-9_]*$"), name="organization_key_is_a_word"),
            models.UniqueConstraint(
                F("kind"), condition=Q(kind=OrganizationKind.AUTHORITY.value), name="organization_one_authority"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A part of an organization that has seats in workflows."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="units")
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    pool = models.CharField(max_length=121, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="unit_once_per_organization"),
            models.CheckConstraint(
                condition=Q(pool__regex=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"), name="unit_pool_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    PREPARER = "preparer", "Prepares applications"
    CERTIFYING_OFFICIAL = "certifying_official", "Certifies applications"
    ACCOUNT_ADMINISTRATOR = "account_administrator", "Manages the organization's accounts"
    REVIEWER = "reviewer", "Reviews cases"
    ADMINISTRATOR = "administrator", "Keeps lists, policies and workflows"
    ALLY = "ally", "Acts for an allied government"
    CLEARED = "cleared", "Is cleared for confidential control orders"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, day: date) -> "MembershipQuerySet":
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


class Membership(models.Model):
    """That a person acts for an organization, in a role, from a day to a day (both count).

    One that ends on the day before it starts was taken back on the day on which it was granted, and never held.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on") - timedelta(days=1)),
                name="membership_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.REVIEWER.value) | Q(unit__isnull=False), name="membership_reviewer_has_a_unit"
            ),
            models.UniqueConstraint(
                fields=["person", "organization", "unit", "role"], condition=Q(ends_on__isnull=True),
                name="membership_once", nulls_distinct=False,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person_id}: {self.role}"


@prepared
def _held(person: int, day: date) -> models.QuerySet[Membership]:
    return Membership.objects.in_force(day).filter(person=person).select_related("organization", "unit")


class Authority(models.Model):
    """The licensing authority of this installation: one row.

    `mark` is the short mark on its documents; `time_zone`, such as `America/New_York`, is that of its people's clocks.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    organization = models.OneToOneField(Organization, on_delete=models.PROTECT, related_name="authority")
    jurisdiction = models.CharField(max_length=2)
    name = models.CharField(max_length=200)
    mark = models.CharField(max_length=5)
    time_zone = models.CharField(max_length=60, default="UTC")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="authority_one_row")]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A token for machines: it acts for one person in one organization. Only its SHA-256 is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="api_tokens")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="api_tokens")
    label = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"
