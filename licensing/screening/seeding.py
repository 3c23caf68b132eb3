"""The synthetic list and the policy that an installation starts with; an office loads the real lists."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from licensing.audit.actors import Actor
from licensing.audit.canonical import plain
from licensing.publishing.commands import seed_published
from licensing.screening.commands import import_list
from licensing.screening.policies import KEY, KIND

PATH = Path(settings.BASE_DIR) / "fixtures" / "screening" / "synthetic.csv"
POLICY = PATH.with_name("policy.yaml")


def load(*, actor: Actor) -> None:
    import_list(
        actor=actor, key="synthetic", name="Synthetic restricted parties (everybody on it is invented)",
        source="fixtures/screening/synthetic.csv", published_on=date(2026, 11, 23), content=PATH.read_bytes(),
    )  # fmt: skip


def load_policy(*, proposer: Actor, publisher: Actor) -> None:
    """Which lists block, refer or inform."""
    content: dict[str, Any] = plain(yaml.safe_load(POLICY.read_text(encoding="utf-8")))
    seed_published(
        proposer=proposer, publisher=publisher, kind=KIND, key=KEY, content=content, note=f"From {POLICY.name}",
        source=content["source"], effective_at=datetime.fromisoformat(content["holds_from"]),
    )  # fmt: skip
