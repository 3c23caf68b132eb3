"""What may stand in the trail of a model, and one sentence for each."""

from enum import StrEnum


class CatalogEvent(StrEnum):
    MODEL_REGISTERED = "catalog:model:registered"
    VERSION_REGISTERED = "catalog:version:registered"
    CLASSIFIED = "catalog:version:classified"


WORDING: dict[CatalogEvent, str] = {
    CatalogEvent.MODEL_REGISTERED: "Model {name} registered",
    CatalogEvent.VERSION_REGISTERED: "Version {version} registered",
    CatalogEvent.CLASSIFIED: "Version {version} classified: {reason}",
}
