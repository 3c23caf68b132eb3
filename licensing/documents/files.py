"""Where documents and uploads lie: a storage in which a file's name is the SHA-256 of what is in it."""

import hashlib
import os
import tempfile
from pathlib import Path

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

STORAGE = "documents"  # its name in settings.STORAGES


class ContentStorage(FileSystemStorage):
    """Files that appear whole or not at all, whatever kills the process, and whose names are never taken by other content."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: "File[bytes]") -> str:
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft, draft_name = tempfile.mkstemp(dir=place.parent, prefix=".draft-")
        try:
            with os.fdopen(draft, "wb") as file:
                file.writelines(content.chunks())
                file.flush()
                os.fsync(file.fileno())
            Path(draft_name).replace(place)
        except BaseException:
            Path(draft_name).unlink(missing_ok=True)
            raise
        return name


def storage() -> Storage:
    return storages[STORAGE]


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def keep(content: bytes) -> str:
    """Put the content into the storage, once, and return its name there (`ab/cd/abcd...`)."""
    digest = sha256_of(content)
    name = f"{digest[:2]}/{digest[2:4]}/{digest}"
    place = storage()
    if place.exists(name) and place.size(name) == len(content):
        return name
    return place.save(name, ContentFile(content))
