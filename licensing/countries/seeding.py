"""The countries and lists that an installation starts with, from `fixtures/countries`. Loading again changes nothing."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from licensing.audit.actors import Actor
from licensing.countries import rules
from licensing.countries.models import Country, CountryList
from licensing.countries.queries import KIND, forget
from licensing.publishing.commands import seed_published

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "countries"


@transaction.atomic
def load(*, proposer: Actor, publisher: Actor) -> None:
    """Every country, then every list as a published version with its source and its as-of date."""
    _countries()
    for key, row in json.loads((FOLDER / "lists.json").read_text(encoding="utf-8")).items():
        CountryList.objects.update_or_create(
            key=key, defaults={"name": row["name"], "description": row.get("note", "")}
        )
        since = datetime.fromisoformat(rules.holds_from(row)).replace(tzinfo=UTC)
        seed_published(
            proposer=proposer, publisher=publisher, kind=KIND, key=key, content=rules.content_of(row),
            note=f"As of {row['as_of']}", source=row["source"], effective_at=since,
        )  # fmt: skip


def _countries() -> None:
    with (FOLDER / "countries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    countries = [
        Country(
            code=row["code"], name=row["name"], official_name=row["official_name"], alpha3=row["alpha3"], numeric=row["numeric"],
            parent_id=row["parent"] or None, names=[name for name in row["names"].split("|") if name],
        )
        for row in sorted(rows, key=lambda row: bool(row["parent"]))
    ]  # fmt: skip
    Country.objects.bulk_create(
        countries,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "official_name", "alpha3", "numeric", "parent", "names"],
    )
    forget()
