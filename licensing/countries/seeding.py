"""What an installation starts with, from `fixtures/countries`: countries, what their codes meant before, lists. Again changes nothing."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from licensing.audit.actors import Actor
from licensing.countries import rules
from licensing.countries.models import Country, PastMeaning
from licensing.countries.queries import KIND, forget
from licensing.publishing.commands import seed_published

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "countries"


@transaction.atomic
def load(*, proposer: Actor, publisher: Actor) -> None:
    """Every country, then every list as a published version with its source and its as-of date."""
    _countries()
    _past()
    for key, row in json.loads((FOLDER / "lists.json").read_text(encoding="utf-8")).items():
        since = datetime.fromisoformat(rules.holds_from(row)).replace(tzinfo=UTC)
        seed_published(
            proposer=proposer, publisher=publisher, kind=KIND, key=key, content=rules.content_of(row),
            note=f"As of {row['as_of']}", source=row["source"], effective_at=since,
        )  # fmt: skip


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _countries() -> None:
    countries = [
        Country(
            code=row["code"], name=row["name"], official_name=row["official_name"], alpha3=row["alpha3"], numeric=row["numeric"],
            parent_id=row["parent"] or None, names=[name for name in row["names"].split("|") if name], valid_from=row["from"] or None,
        )
        for row in sorted(_rows("countries.csv"), key=lambda row: bool(row["parent"]))
    ]  # fmt: skip
    Country.objects.bulk_create(
        countries,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "official_name", "alpha3", "numeric", "parent", "names", "valid_from"],
    )
    forget()


def _past() -> None:
    meanings = [
        PastMeaning(
            code=row["code"], name=row["name"], alpha3=row["alpha3"], iso=row["iso"], valid_from=row["from"] or None,
            valid_until=row["until"], successors=row["successors"].split("|"), source=row["source"],
        )
        for row in _rows("past.csv")
    ]  # fmt: skip
    PastMeaning.objects.bulk_create(
        meanings,
        update_conflicts=True,
        unique_fields=["code", "valid_until"],
        update_fields=["name", "alpha3", "iso", "valid_from", "successors", "source"],
    )
