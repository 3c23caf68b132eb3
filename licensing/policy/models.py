"""What was answered, when, on which facts and under which versions; and control orders: who was told of them, and when."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from licensing.accounts.audience import Audience
from licensing.accounts.models import Organization, Person
from licensing.audit.models import Chained
from licensing.policy.rulesets import Requirement
from licensing.publishing.models import Publication


class DeterminationRecord(Chained):
    """A determination that was relied on. `answer` is `Determination.to_json()`; the database refuses to change it.

    It is what anybody may read. Where an order that has not been disclosed makes the answer another, that stands in `confidential`.
    """

    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    requirement = models.CharField(max_length=20, choices=[(value.value, value.value) for value in Requirement])
    exception = models.CharField(max_length=40, blank=True)
    review_policy = models.CharField(max_length=40, blank=True)
    workflow = models.CharField(max_length=80, blank=True)
    facts = models.JSONField()
    answer = models.JSONField()
    policy_key = models.CharField(max_length=80)
    policy_version = models.PositiveIntegerField()
    control_list_version = models.PositiveIntegerField(null=True)
    list_versions = models.JSONField()
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id", "-id"], name="policy_determination_subject")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(requirement="exception") | ~Q(exception=""), name="policy_determination_names_exception"
            )
        ]

    def __str__(self) -> str:
        return (
            f"{self.subject_kind}:{self.subject_id}: {self.requirement} under {self.policy_key} {self.policy_version}"
        )

    @property
    def in_full(self) -> dict[str, Any]:
        """The answer that binds: with the orders that had not been disclosed."""
        confidential: ConfidentialAnswer | None = getattr(self, "confidential", None)
        answer: dict[str, Any] = confidential.answer if confidential else self.answer
        return answer


class ConfidentialAnswer(models.Model):
    """What a determination says with the orders that were confidential when it was made. Rows are only ever added."""

    determination = models.OneToOneField(DeterminationRecord, on_delete=models.PROTECT, related_name="confidential")
    answer = models.JSONField()
    orders = ArrayField(models.CharField(max_length=100))

    def __str__(self) -> str:
        return f"{self.determination_id}: {', '.join(self.orders)}"


class ControlOrderQuerySet(models.QuerySet["ControlOrder"]):
    def told_to(self, audience: Audience, by: datetime) -> "ControlOrderQuerySet":
        """The orders of which the audience had been told by an instant: all of them by their disclosure, a company by service on it."""
        if audience.cleared:
            return self
        served = Service.objects.filter(order__organization__in=audience.organizations, served_at__lte=by)
        return self.filter(Q(disclosure__disclosed_at__lte=by) | Q(pk__in=served.values("order")))

    def undisclosed(self) -> "ControlOrderQuerySet":
        return self.filter(Q(disclosure__isnull=True) | Q(disclosure__disclosed_at__isnull=True))


class ControlOrder(Chained):
    """An order on one company; what it says stands in the versions of its publication. Its trail is for the cleared alone."""

    key = models.CharField(max_length=100, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="control_orders")
    opened_at = models.DateTimeField()

    objects = ControlOrderQuerySet.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9][a-z0-9-]*$"), name="order_key_form")]

    def __str__(self) -> str:
        return self.key

    @property
    def knowledge(self) -> str:
        """Whether everybody may know of it: `confidential` or `disclosed`."""
        disclosure: Disclosure | None = getattr(self, "disclosure", None)
        return "disclosed" if disclosure and disclosure.disclosed_at else "confidential"


class Disclosure(models.Model):
    """That an order may be known by everybody, as two people decide: one proposes it, another one discloses."""

    order = models.OneToOneField(ControlOrder, on_delete=models.PROTECT, related_name="disclosure")
    proposed_by_id = models.CharField(max_length=64)
    proposed_by_label = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    disclosed_by_id = models.CharField(max_length=64, blank=True)
    disclosed_by_label = models.CharField(max_length=200, blank=True)
    disclosed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(disclosed_by_id=F("proposed_by_id")), name="order_disclosure_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(disclosed_by_id="", disclosed_at__isnull=True)
                | (~Q(disclosed_by_id="") & Q(disclosed_at__isnull=False)),
                name="order_disclosure_says_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.disclosed_at or 'proposed'}"


class ServiceMethod(models.TextChoices):
    ELECTRONIC = "electronic", "Through this system, with a message to the company's people"
    IN_PERSON = "in_person", "Handed over in person"
    COURIER = "courier", "By courier"
    REGISTERED_MAIL = "registered_mail", "By registered mail"


class ServiceQuerySet(models.QuerySet["Service"]):
    def served_on(self, organizations: Iterable[Organization]) -> "ServiceQuerySet":
        """What was served on these companies, the newest first, with all that a page shows of it."""
        mine = self.filter(order__organization__in=organizations)
        shown = mine.select_related(
            "publication", "order__organization", "order__disclosure", "acknowledgement__person"
        )
        return shown.order_by("-served_at", "-pk")


class Service(models.Model):
    """That a version of an order was served on its company. Rows are only ever added."""

    order = models.ForeignKey(ControlOrder, on_delete=models.PROTECT, related_name="services")
    publication = models.OneToOneField(Publication, on_delete=models.PROTECT, related_name="service")
    method = models.CharField(max_length=20, choices=ServiceMethod.choices)
    served_at = models.DateTimeField()
    served_by_id = models.CharField(max_length=64)
    served_by_label = models.CharField(max_length=200)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["-publication__version"]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.served_at}"


class Acknowledgement(models.Model):
    """That somebody who may certify for the company has read a version, by the hash of its content. Rows are only ever added."""

    service = models.OneToOneField(Service, on_delete=models.PROTECT, related_name="acknowledgement")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.service_id}: {self.acknowledged_at}"


class Undertaking(models.Model):
    """A duty that a version of an order brings, for those who watch over it: who owes it, and by when. Rows are only ever added."""

    class Owed(models.TextChoices):
        COMPANY = "company", "The company that was served"
        AUTHORIZED = "authorized_parties", "The authorized parties of the relief"

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="undertakings")
    relief = models.CharField(max_length=60, blank=True)
    text = models.TextField()
    owed_by = models.CharField(max_length=20, choices=Owed.choices)
    due_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.text[:60]
