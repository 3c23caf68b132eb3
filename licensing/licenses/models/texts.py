"""The texts of a license, as they stood when it was issued."""

from django.db import models

from licensing.licenses.models.license import License


class LicenseText(models.Model):
    """A condition, which binds, or a rider, which explains; the text as it stood when the license was issued."""

    class Kind(models.TextChoices):
        CONDITION = "condition", "Condition"
        RIDER = "rider", "Rider"

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="texts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=100)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField()
    parameters = models.JSONField(default=dict)

    class Meta:
        ordering = ["kind", "number"]
        constraints = [models.UniqueConstraint(fields=["license", "kind", "number"], name="license_text_once")]

    def __str__(self) -> str:
        return self.title
