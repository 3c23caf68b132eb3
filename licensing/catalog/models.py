"""AI models, their versions, how they were trained, and under which control entry they fall."""

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from licensing.audit.models import Chained
from licensing.catalog.rules import Counted, Training, summed

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from licensing.accounts.models import Organization


class Model(Chained):
    """A model as its developer names it; what is exported is one of its versions."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="models")
    name = models.CharField(max_length=200)
    developer = models.CharField(max_length=300)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="model_name_once")]

    def __str__(self) -> str:
        return self.name


class Weights(models.TextChoices):
    """How the parameters are kept. Published ones are outside the controls (15 CFR 734.7(a))."""

    CLOSED = "closed", "Closed: nobody outside gets them"
    OPEN = "open", "Open to some, under terms"
    PUBLISHED = "published", "Published, for everybody without restriction"


class Derivation(models.TextChoices):
    """How a version came from its parent; a derivative keeps the control status of what it came from."""

    FINE_TUNED = "fine_tuned", "Fine-tuned"
    CONTINUED = "continued", "Trained further"
    QUANTIZED = "quantized", "Quantized"
    DISTILLED = "distilled", "Distilled"
    MERGED = "merged", "Merged"
    ADAPTER = "adapter", "Adapter"


UNTRAINED = frozenset({Derivation.QUANTIZED, Derivation.MERGED})  # made without training of their own


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def for_organization(self, organization: "Organization") -> "ModelVersionQuerySet":
        return self.filter(model__organization=organization).order_by("model__name", "name")


class ModelVersion(models.Model):
    """One set of weights. `model_hash` is the SHA-256 of `manifest` (see `licensing.catalog.manifests`); `security_level` is 1 to 5."""

    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="versions")
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="derivatives")
    derivation = models.CharField(max_length=20, choices=Derivation.choices, blank=True)
    weights = models.CharField(max_length=20, choices=Weights.choices)
    total_parameters = models.PositiveBigIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    active_parameters = models.PositiveBigIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    modalities = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    model_hash = models.CharField(max_length=64, blank=True)
    manifest = models.TextField(blank=True)
    security_level = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    registered_at = models.DateTimeField(auto_now_add=True)

    objects = ModelVersionQuerySet.as_manager()

    if TYPE_CHECKING:
        training_runs: RelatedManager["TrainingRun"]

    class Meta:
        indexes = [models.Index(fields=["model_hash"], condition=~Q(model_hash=""), name="version_by_hash")]
        constraints = [
            models.UniqueConstraint(fields=["model", "name"], name="version_name_once"),
            models.CheckConstraint(
                condition=Q(model_hash="") | Q(model_hash__regex=r"^[0-9a-f]{64}$"), name="version_hash_is_sha256"
            ),
            models.CheckConstraint(
                condition=Q(security_level__isnull=True) | Q(security_level__range=(1, 5)),
                name="version_security_level_range",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, derivation="") | (Q(parent__isnull=False) & ~Q(derivation="")),
                name="version_derived_from_something",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="version_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return f"{self.model.name} {self.name}"

    @property
    def training(self) -> Training | None:
        """Training of this version and of everything it was made from.

        None as soon as one of them is trained and declares nothing: a sum that leaves a part out would read as too little.
        """
        counts: list[Counted] = []
        for version in (self, *self.ancestors):
            if not version.runs and version.derivation not in UNTRAINED:
                return None
            counts += version.runs
        return summed(counts)

    @property
    def training_operations(self) -> Decimal | None:
        training = self.training
        return training.operations if training else None

    @property
    def operations_added(self) -> Decimal:
        """Operations of this version itself, without those of what it was made from."""
        return summed(self.runs).operations

    @cached_property
    def runs(self) -> list[Counted]:
        return [
            Counted(f"{self.pk}:{run.stage}", run.operations, run.method, run.tolerance_percent or Decimal(0))
            for run in self.training_runs.all()
        ]

    @cached_property
    def ancestors(self) -> "list[ModelVersion]":
        """What the version was made from, the nearest first."""
        found: list[ModelVersion] = []
        version = self.parent
        while version is not None and version != self and version not in found:
            found.append(version)
            version = version.parent
        return found


class TrainingStage(models.TextChoices):
    PRETRAINING = "pretraining", "Pre-training"
    CONTINUED = "continued", "Continued pre-training"
    REINFORCEMENT = "reinforcement", "Reinforcement learning"
    FINE_TUNING = "fine_tuning", "Fine-tuning"


class CountingMethod(models.TextChoices):
    """How the operations were counted: from the architecture (about 6 times parameters times tokens), or from the hardware."""

    ARCHITECTURE = "architecture", "From the architecture: parameters and tokens"
    HARDWARE = "hardware", "From the hardware: chips, time and utilization"


class TrainingRun(models.Model):
    """Operations spent on a version. Collecting and curating data does not count."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="training_runs")
    stage = models.CharField(max_length=20, choices=TrainingStage.choices)
    operations = models.DecimalField(max_digits=40, decimal_places=0)
    method = models.CharField(max_length=20, choices=CountingMethod.choices)
    evidence = models.CharField(max_length=500, blank=True)
    tolerance_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(operations__gt=0), name="training_run_counts_something")]

    def __str__(self) -> str:
        return f"{self.stage}: {self.operations:.2E}"


class Classification(models.Model):
    """Which control entry a version fell under, by which version of the control list. Rows are only ever added."""

    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="classifications")
    entry = models.CharField(max_length=20)
    controlled = models.BooleanField()
    reason = models.TextField()
    control_list_key = models.CharField(max_length=60)
    control_list_version = models.PositiveIntegerField()
    operations = models.DecimalField(max_digits=40, decimal_places=0, null=True)
    at = models.DateTimeField()
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["model_version", "-at"])]

    def __str__(self) -> str:
        return f"{self.model_version_id}: {self.entry or 'not controlled'}"
