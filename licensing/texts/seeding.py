"""The library that an installation starts with, from `fixtures/texts`. Loading again changes nothing."""

from pathlib import Path

import yaml
from django.conf import settings
from django.db import transaction

from licensing.audit.actors import Actor
from licensing.publishing.commands import seed_published
from licensing.texts.queries import KIND, LETTER

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


@transaction.atomic
def load(*, proposer: Actor, publisher: Actor) -> None:
    for kind, folder in ((KIND, "texts"), (LETTER, "letters")):
        for path in sorted((FIXTURES / folder).glob("*.yaml")):
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            for key, text in content["texts"].items():
                seed_published(
                    proposer=proposer, publisher=publisher, kind=kind, key=key, content=text, note=f"From {path.name}",
                    source=text.get("source", content["source"]),
                )  # fmt: skip
