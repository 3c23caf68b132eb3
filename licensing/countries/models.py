"""Countries and special territories, and the lists that they are on."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from licensing.publishing.models import Publication


class Country(models.Model):
    """A country of ISO 3166-1, or a territory that controls treat apart (`UA-43`). `names` are what else people call it."""

    code = models.CharField(max_length=10, primary_key=True)
    name = models.CharField(max_length=120)
    official_name = models.CharField(max_length=200, blank=True)
    alpha3 = models.CharField(max_length=3, blank=True)
    numeric = models.CharField(max_length=3, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="territories")
    names = ArrayField(models.CharField(max_length=200), default=list)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"), name="country_code_form"),
            models.UniqueConstraint(fields=["alpha3"], condition=~Q(alpha3=""), name="country_alpha3_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CountryList(models.Model):
    """A list that policies ask for, such as `EAR_D5`; who is on it stands in its versions."""

    key = models.CharField(max_length=60, primary_key=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class ListMember(models.Model):
    """A projection of a published version: one country that is on it."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="list_members")
    code = models.CharField(max_length=10)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(fields=["code"])]
        constraints = [models.UniqueConstraint(fields=["publication", "code"], name="list_member_once")]

    def __str__(self) -> str:
        return self.code
