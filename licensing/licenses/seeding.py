"""The authorizations and the publicity that an installation starts with, from `fixtures`. Loading again changes nothing."""

from pathlib import Path

import yaml
from django.conf import settings
from django.db import transaction

from licensing.audit.actors import Actor
from licensing.audit.canonical import plain
from licensing.licenses import register
from licensing.licenses.authorizations import catalog
from licensing.policy.rulesets import instant
from licensing.publishing.commands import seed_published

FIXTURES = Path(settings.BASE_DIR) / "fixtures"


@transaction.atomic
def load(*, proposer: Actor, publisher: Actor, jurisdiction: str) -> None:
    """Those of a jurisdiction, such as `us`."""
    path = FIXTURES / "authorizations" / f"{jurisdiction}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, authorization in content["authorizations"].items():
        seed_published(
            proposer=proposer, publisher=publisher, kind=catalog.KIND, key=key, content=plain(authorization),
            note=f"From {path.name}", source=content["source"], effective_at=instant(content["holds_from"]),
        )  # fmt: skip
    path = FIXTURES / "register" / f"{jurisdiction}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    seed_published(
        proposer=proposer, publisher=publisher, kind=register.KIND, key=jurisdiction, content=content["content"],
        note="What of a license everybody may know", source=content["source"], effective_at=instant(content["holds_from"]),
    )  # fmt: skip
