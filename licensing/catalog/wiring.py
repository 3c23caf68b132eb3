"""What this room brings to the others, done once when the applications are ready."""

from licensing.audit import wording
from licensing.catalog.control_lists import ControlLists
from licensing.catalog.events import WORDING, CatalogEvent
from licensing.catalog.rules import CONTROL_LIST
from licensing.publishing import observers

wording.register(CatalogEvent, WORDING)
observers.register(CONTROL_LIST, ControlLists(), desk="Control lists")
