"""The library that an installation starts with, from `fixtures/texts`. Loading again changes nothing."""

from pathlib import Path

import yaml
from django.conf import settings
from django.db import transaction

from licensing.audit.actors import Actor
from licensing.publishing.commands import seed_published
from licensing.texts.queries import KIND

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "texts"


@transaction.atomic
def load(*, proposer: Actor, publisher: Actor) -> None:
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for key, text in content["texts"].items():
            seed_published(
                proposer=proposer, publisher=publisher, kind=KIND, key=key, content=text, note=f"From {path.name}",
                source=text.get("source", content["source"]),
            )  # fmt: skip
