"""Countries and special territories, what their codes meant before, and the lists that there are."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Country(models.Model):
    """A country of ISO 3166-1, or a territory that controls treat apart (`UA-43`), as the code is used today.

    `names` are what else people call it; `valid_from` is the day since when the code means it, where that is later than 1974.
    """

    code = models.CharField(max_length=10, primary_key=True)
    name = models.CharField(max_length=120)
    official_name = models.CharField(max_length=200, blank=True)
    alpha3 = models.CharField(max_length=3, blank=True)
    numeric = models.CharField(max_length=3, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="territories")
    names = ArrayField(models.CharField(max_length=200), default=list)
    valid_from = models.DateField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"), name="country_code_form"),
            models.UniqueConstraint(fields=["alpha3"], condition=~Q(alpha3=""), name="country_alpha3_once"),
        ]

    def __str__(self) -> str:
        return self.name


class PastMeaning(models.Model):
    """What a code meant until a day: a country that is no more (`YU`), or one that had another name (`TR`).

    `iso` is the code of ISO 3166-3, empty for a mere change of name. `successors` are codes as they are used today. One code may have
    meant several things (`CS`), so the code alone names none of them.
    """

    code = models.CharField(max_length=2)
    name = models.CharField(max_length=120)
    alpha3 = models.CharField(max_length=3, blank=True)
    iso = models.CharField(max_length=4, blank=True)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField()
    successors = ArrayField(models.CharField(max_length=10))
    source = models.CharField(max_length=200)

    class Meta:
        ordering = ["code", "valid_until"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_until"], name="past_meaning_once"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_from__lt=F("valid_until")),
                name="past_meaning_ends_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} until {self.valid_until}: {self.name}"


class CountryList(models.Model):
    """A list that policies may ask for, such as `EAR_D5`: one that has been published. Who is on it stands in its versions.

    A projection: the name and the description are those of the version published last.
    """

    key = models.CharField(max_length=60, primary_key=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name
