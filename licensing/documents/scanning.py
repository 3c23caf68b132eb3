"""Looking for malware in what people hand in, through clamd where one is configured (`ENTENTE_CLAMD`).

The protocol is clamd's own: `zINSTREAM`, chunks with their length before them, an empty chunk, and one line of an answer.
"""

import socket
import struct
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from licensing.audit.refusals import NotNow
from licensing.documents.models import FileScan, StoredFile
from licensing.documents.queries import content_of
from workflows import outbox

SCAN = "scan_file"
PATIENCE = 30.0  # seconds; below the lease of the outbox
CHUNK = 65_536  # bytes
LONGEST_ANSWER = 4096


class ScannerSilent(Exception):
    """clamd did not say whether the file is clean; it is asked again later."""


def scan(content: bytes, address: str) -> str:
    """The name of what was found, or "" for a clean file. Raises ScannerSilent, OSError when clamd cannot be reached."""
    with _connect(address) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
        answer = _line(connection)
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ScannerSilent(f"clamd answered {answer[:200]!r}")


def _connect(address: str) -> socket.socket:
    place = urlsplit(address)
    if place.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        connection.connect(place.path)
        return connection
    return socket.create_connection((place.hostname or "", place.port or 3310), timeout=PATIENCE)


def _line(connection: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < LONGEST_ANSWER and (part := connection.recv(LONGEST_ANSWER)):
        answer += part
    return answer.split(b"\0")[0].decode("utf-8", "replace").strip()


def owe(file: StoredFile) -> None:
    """Have a file looked at, in the caller's transaction; without a scanner nothing is owed."""
    if settings.CLAMD:
        outbox.put(effect=SCAN, key=str(file.pk), payload={"file_id": str(file.pk)})


def scan_effect(key: str, payload: Mapping[str, Any]) -> None:
    """The outbox's handler. An infected file fails for good, which opens an incident: an administrator is told and sees its name."""
    file = StoredFile.objects.get(pk=uuid.UUID(payload["file_id"]))
    done = FileScan.objects.filter(file=file).first()
    if done is None:
        found = scan(content_of(file), settings.CLAMD)
        done = FileScan.objects.create(file=file, found=found, scanned_at=timezone.now())
    if done.found:
        raise outbox.PermanentFailure(f"{file.filename} (SHA-256 {file.sha256}) is infected: {done.found}")


def state(file: StoredFile) -> str:
    """`clean`, `infected`, `being_scanned`, or `not_scanned` where no scanner is configured."""
    scan = getattr(file, "scan", None)
    if scan is not None:
        return "infected" if scan.found else "clean"
    return "being_scanned" if settings.CLAMD else "not_scanned"


def require_safe(file: StoredFile) -> None:
    """Raises `NotNow` for a file that is infected, or that has not been looked at yet."""
    found = state(file)
    if found == "infected":
        raise NotNow("infected", f"{file.filename} is infected and is not given out: {file.scan.found}.")
    if found == "being_scanned":
        raise NotNow("not_scanned_yet", f"{file.filename} is still being looked at for malware: try again in a minute.")
