"""The applicant's half: an application with its parties, items, sites, attachments and certification.

The fields follow the blocks of form BIS-748P (15 CFR part 748, supplement 1), with what an AI model adds to block 22.
"""

import uuid
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from licensing.audit.models import Chained

if TYPE_CHECKING:
    from licensing.accounts.models import Person


class TransactionKind(models.TextChoices):
    """What happens in law (15 CFR 734.13-734.16)."""

    EXPORT = "export", "Export"
    REEXPORT = "reexport", "Reexport"
    IN_COUNTRY_TRANSFER = "in_country_transfer", "In-country transfer"
    DEEMED_EXPORT = "deemed_export", "Deemed export (release to a foreign person at home)"
    DEEMED_REEXPORT = "deemed_reexport", "Deemed reexport"


DEEMED = frozenset({TransactionKind.DEEMED_EXPORT, TransactionKind.DEEMED_REEXPORT})


class DeliveryMode(models.TextChoices):
    """How the model reaches the recipient."""

    WEIGHTS_TRANSFER = "weights_transfer", "Transfer of the weights"
    HOSTING_ABROAD = "hosting_abroad", "Hosting abroad, under the exporter's control"
    API_ACCESS = "api_access", "Access through an interface (inference)"
    FINE_TUNING_ACCESS = "fine_tuning_access", "Access for fine-tuning"
    IAAS_TRAINING = "iaas_training", "Training on rented infrastructure"
    ON_PREM_APPLIANCE = "on_prem_appliance", "Appliance on the customer's premises"
    TECHNICAL_ASSISTANCE = "technical_assistance", "Technical assistance"


class PartyRole(models.TextChoices):
    """The roles of 15 CFR 748.5, and the foreign person that a deemed export names."""

    LICENSE_RECIPIENT = "license_recipient", "Other party authorized to receive the license"
    PURCHASER = "purchaser", "Purchaser"
    INTERMEDIATE_CONSIGNEE = "intermediate_consignee", "Intermediate consignee"
    ULTIMATE_CONSIGNEE = "ultimate_consignee", "Ultimate consignee"
    END_USER = "end_user", "End user"
    ORIGINAL_ULTIMATE_CONSIGNEE = "original_ultimate_consignee", "Original ultimate consignee"
    FOREIGN_PERSON = "foreign_person", "Foreign person"


class Sector(models.TextChoices):
    """Where the model will be used; the first eight are the areas of Annex III of Regulation (EU) 2024/1689."""

    BIOMETRICS = "biometrics", "Biometrics"
    CRITICAL_INFRASTRUCTURE = "critical_infrastructure", "Critical infrastructure"
    EDUCATION = "education", "Education"
    EMPLOYMENT = "employment", "Employment"
    HEALTH_CARE = "health_care", "Health care"
    FINANCE = "finance", "Finance and insurance"
    CRIMINAL_JUSTICE = "criminal_justice", "Law enforcement and criminal justice"
    MIGRATION = "migration", "Migration and border control"
    PUBLIC_SERVICES = "public_services", "Other public services"
    DEFENSE = "defense", "Defense and security"
    RESEARCH = "research", "Research"
    SOFTWARE = "software", "Software development"
    GENERAL = "general", "General use, no single sector"


class AttachmentKind(models.TextChoices):
    """Documents that may come with an application (block 6)."""

    LETTER_OF_EXPLANATION = "letter_of_explanation", "Letter of explanation"
    END_USER_STATEMENT = "end_user_statement", "Statement by the end user"
    TECHNICAL_SPECIFICATION = "technical_specification", "Technical specification"
    MODEL_CARD = "model_card", "Model card"
    SAFETY_EVALUATION = "safety_evaluation", "Safety evaluation"
    POWER_OF_ATTORNEY = "power_of_attorney", "Power of attorney"
    TRANSLATION = "translation", "Translation"
    ANSWER = "answer", "Answer to a question"
    OTHER = "other", "Other"


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, person: "Person") -> "ApplicationQuerySet":
        """Applications of the organizations for which the person may act today."""
        return self.filter(organization__in=person.applicant_organizations())

    def drafts(self) -> "ApplicationQuerySet":
        return self.filter(case__isnull=True)


class Application(Chained):
    """One application. It is a draft until a `Case` refers to it; `edition` counts its edits.

    A yes-or-no answer that is null has not been given yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="applications")
    name = models.CharField("your reference", max_length=120)
    prepared_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="prepared_applications")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(auto_now=True)
    edition = models.PositiveIntegerField(default=1)

    transaction_kind = models.CharField(max_length=30, choices=TransactionKind.choices, blank=True)
    delivery_modes = ArrayField(models.CharField(max_length=30, choices=DeliveryMode.choices), default=list, blank=True)
    destination = models.CharField(max_length=10, blank=True)

    end_use_statement = models.TextField(blank=True)
    sector = models.CharField(max_length=30, choices=Sector.choices, blank=True)
    decides_about_people = models.BooleanField(null=True)
    human_oversight = models.TextField(blank=True)
    military_end_use = models.BooleanField(null=True)
    wmd_end_use = models.BooleanField(null=True)
    human_rights_concern = models.BooleanField(null=True)
    nuclear_relevant = models.BooleanField(null=True)

    contact_name = models.CharField(max_length=200, blank=True)
    contact_phone = models.CharField(max_length=50, blank=True)
    contact_email = models.EmailField(blank=True)
    special_purpose = models.CharField(max_length=100, blank=True)
    additional_information = models.TextField(blank=True)
    requested_months = models.PositiveSmallIntegerField(null=True, blank=True)
    all_or_nothing = models.BooleanField(default=False)
    emergency = models.BooleanField(default=False)
    resubmission_of = models.CharField(max_length=7, blank=True)
    replaces_license = models.CharField(max_length=40, blank=True)
    prior_authorization = models.CharField(max_length=40, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organization", "-edited_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(requested_months__isnull=True) | Q(requested_months__range=(1, 120)),
                name="application_requested_months_range",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        return not hasattr(self, "case")


class ApplicationParty(models.Model):
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="parties")
    role = models.CharField(max_length=40, choices=PartyRole.choices)
    party = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["application", "role", "party"], name="application_party_once_per_role")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.party_id}"


class ApplicationSite(models.Model):
    """A place where the weights will be stored or the model run."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="sites")
    site = models.ForeignKey("parties.Site", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["application", "site"], name="application_site_once")]

    def __str__(self) -> str:
        return str(self.site_id)


class Item(models.Model):
    """A line of block 22: one version of a model, and what may be done with it."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    model_version = models.ForeignKey("catalog.ModelVersion", on_delete=models.PROTECT, related_name="+")
    technical_description = models.TextField(blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    value = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    seats = models.PositiveIntegerField(null=True, blank=True)
    fine_tuning = models.BooleanField(null=True)
    sublicensing = models.BooleanField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="item_number_once"),
            models.UniqueConstraint(fields=["application", "model_version"], name="item_version_once"),
        ]

    def __str__(self) -> str:
        return f"Item {self.number}"


class AttachmentManager(models.Manager["Attachment"]):
    def get_queryset(self) -> models.QuerySet["Attachment"]:
        """With the file and what was found in it, which every page shows."""
        return super().get_queryset().select_related("file__scan")


class Attachment(models.Model):
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="attachments")
    question = models.ForeignKey("cases.Question", on_delete=models.PROTECT, null=True, related_name="attachments")
    kind = models.CharField(max_length=40, choices=AttachmentKind.choices)
    title = models.CharField(max_length=200)
    file = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT, related_name="+")
    attached_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(auto_now_add=True)

    objects = AttachmentManager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class Certification(models.Model):
    """An authorized official vouches for one edition of the application (15 CFR 748.4(b), block 25).

    It binds the version of the certification text and the SHA-256 of the application, attachments included.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="certifications")
    official = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    official_title = models.CharField(max_length=120)
    text_key = models.CharField(max_length=100)
    text_version = models.PositiveIntegerField()
    statement = models.TextField()
    application_sha256 = models.CharField(max_length=64)
    certified_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(voided_at__isnull=True), name="certification_one_standing"
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} certified at {self.certified_at:%Y-%m-%d %H:%M}"


class ControlNumberSeries(models.Model):
    """The last application control number given out; one row, locked to count."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="control_number_series_one_row")]

    def __str__(self) -> str:
        return str(self.last)
