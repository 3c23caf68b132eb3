"""The practice that an installation starts with, from `fixtures/practice`. Loading again changes nothing."""

from pathlib import Path

import yaml
from django.conf import settings
from django.db import transaction

from licensing.audit.actors import Actor
from licensing.cases.practice import KIND
from licensing.publishing.commands import seed_published

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "practice"


@transaction.atomic
def load(*, proposer: Actor, publisher: Actor) -> None:
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        source = content.pop("source")
        seed_published(
            proposer=proposer, publisher=publisher, kind=KIND, key=path.stem, content=content, note=f"From {path.name}", source=source
        )  # fmt: skip
