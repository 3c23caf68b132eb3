"""The policy and control list that an installation starts with, from `fixtures`. Loading again changes nothing."""

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from licensing.audit.actors import Actor
from licensing.audit.canonical import plain
from licensing.policy.queries import CONTROL_LIST, KIND
from licensing.policy.rulesets import instant
from licensing.publishing.commands import seed_published

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


@transaction.atomic
def load(*, proposer: Actor, publisher: Actor, jurisdiction: str) -> None:
    """The control list and policy of a jurisdiction, such as `us`."""
    for kind, folder in ((CONTROL_LIST, "control"), (KIND, "policies")):
        path = FIXTURES / folder / f"{jurisdiction}.yaml"
        content: dict[str, Any] = plain(yaml.safe_load(path.read_text(encoding="utf-8")))
        seed_published(
            proposer=proposer, publisher=publisher, kind=kind, key=jurisdiction, content=content,
            note=f"From {path.name}", source=content["source"], effective_at=instant(content["holds_from"]),
        )  # fmt: skip
