"""The synthetic list that an installation starts with; an office loads the real ones."""

from datetime import date
from pathlib import Path

from django.conf import settings

from licensing.audit.actors import Actor
from licensing.screening.commands import import_list

PATH = Path(settings.BASE_DIR) / "fixtures" / "screening" / "synthetic.csv"


def load(*, actor: Actor) -> None:
    import_list(
        actor=actor, key="synthetic", name="Synthetic restricted parties (everybody on it is invented)",
        source="fixtures/screening/synthetic.csv", published_on=date(2026, 11, 23), content=PATH.read_bytes(),
    )  # fmt: skip
