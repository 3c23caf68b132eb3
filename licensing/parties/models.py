"""Who takes part in a transaction, and where: kept once by each applicant, named in many applications."""

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from licensing.audit.models import Chained

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from licensing.accounts.models import Organization


class PartyKind(models.TextChoices):
    COMPANY = "company", "Company"
    PERSON = "person", "Person"
    GOVERNMENT = "government", "Government body"


class Gender(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"


class PartyQuerySet(models.QuerySet["Party"]):
    def for_organization(self, organization: "Organization") -> "PartyQuerySet":
        return self.filter(organization=organization).order_by("name")


class Party(Chained):
    """A company, person or government body, as the applicant describes it. Countries are ISO 3166-1 alpha-2 codes."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="parties")
    kind = models.CharField(max_length=20, choices=PartyKind.choices)
    name = models.CharField(max_length=300)
    aliases = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    country = models.CharField(max_length=10)
    address = models.CharField(max_length=300, blank=True)
    city = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    website = models.CharField(max_length=200, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)
    lei = models.CharField("legal entity identifier", max_length=20, blank=True)
    headquarters = models.CharField("country of headquarters", max_length=10, blank=True)
    ultimate_parent_name = models.CharField(max_length=300, blank=True)
    ultimate_parent_country = models.CharField(max_length=10, blank=True)
    independent = models.BooleanField("nobody else owns it", default=False)
    birth_date = models.DateField(null=True, blank=True)
    gender = models.CharField(
        max_length=6, choices=Gender.choices, blank=True
    )  # as in the passport: it tells people of one name apart
    citizenships = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    permanent_residence = models.CharField(max_length=10, blank=True)
    employer = models.CharField("employer of a person", max_length=300, blank=True)
    contact_name = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=50, blank=True)

    objects = PartyQuerySet.as_manager()

    if TYPE_CHECKING:
        owners: RelatedManager["OwnershipStake"]

    class Meta:
        indexes = [models.Index(fields=["organization", "name"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=PartyKind.PERSON.value) | Q(birth_date__isnull=True, citizenships=[], gender=""),
                name="party_only_persons_are_born",
            ),
            models.CheckConstraint(
                condition=Q(independent=False) | Q(ultimate_parent_country="", ultimate_parent_name=""),
                name="party_independent_or_owned",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Identifier(models.Model):
    """A number by which a register knows a party: `scheme` such as `LEI`, `DUNS`, `passport`."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=40)
    value = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party", "scheme", "value"], name="identifier_once")]

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}"


class OwnershipStake(models.Model):
    """That one party owns a share of another, or of the organization itself; `percent` is null when it is not known."""

    owner = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="holdings")
    owned = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="owners")
    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="owners"
    )
    percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    as_of = models.DateField()
    evidence = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "owned"], name="ownership_once"),
            models.UniqueConstraint(fields=["owner", "organization"], name="ownership_of_organization_once"),
            models.CheckConstraint(
                condition=Q(owned__isnull=True) ^ Q(organization__isnull=True), name="ownership_of_one"
            ),
            models.CheckConstraint(condition=~Q(owner=F("owned")), name="ownership_not_of_oneself"),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__range=(0, 100)), name="ownership_percent_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} owns {self.percent} % of {self.owned_id or self.organization}"


class KeyCustody(models.TextChoices):
    """Who holds the keys that protect the weights."""

    EXPORTER = "exporter", "The exporter"
    LOCAL = "local", "The operator of the site"
    THIRD_PARTY = "third_party", "A third party"
    VENDOR = "vendor", "The cloud provider"


class SiteQuerySet(models.QuerySet["Site"]):
    def for_organization(self, organization: "Organization") -> "SiteQuerySet":
        return self.filter(organization=organization).order_by("name")


class Site(Chained):
    """A place where weights are stored or a model runs. Location, operator's home and key custody are three separate facts."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=10)
    address = models.CharField(max_length=300, blank=True)
    operator = models.CharField(max_length=300, blank=True)
    headquarters_country = models.CharField(max_length=10, blank=True)
    ultimate_parent_country = models.CharField(max_length=10, blank=True)
    independent = models.BooleanField("nobody else owns the operator", default=False)
    key_custody = models.CharField(max_length=20, choices=KeyCustody.choices, blank=True)
    security_level = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    objects = SiteQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organization", "name"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(security_level__isnull=True) | Q(security_level__range=(1, 5)),
                name="site_security_level_range",
            ),
            models.CheckConstraint(
                condition=Q(independent=False) | Q(ultimate_parent_country=""), name="site_independent_or_owned"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.country})"
