"""What this room brings to the others, done once when the applications are ready."""

from licensing.audit import wording
from licensing.catalog.events import WORDING, CatalogEvent

wording.register(CatalogEvent, WORDING)
