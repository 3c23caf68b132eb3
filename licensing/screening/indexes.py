"""Indexes of lists in the var folder: built once on a machine, read by each of its processes in half a second."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from licensing.screening import match
from licensing.screening.match import Index

KEPT = 4
WORTH_KEEPING = 2_000  # names: a smaller index is built as quickly as it is read


def kept(folder: Path, basis: str, build: Callable[[], Index]) -> Index:
    """The index of what `basis` names, from the folder or built; a file that cannot be read, or of another engine, is built anew."""
    digest = hashlib.sha256(f"{match.ENGINE}\n{basis}".encode()).hexdigest()
    path = folder / f"{digest}.index"
    with contextlib.suppress(OSError, ValueError):
        return match.from_bytes(path.read_bytes())
    index = build()
    if len(index.names) >= WORTH_KEEPING:
        with contextlib.suppress(OSError):  # without the file the next process builds it, too
            _write(path, match.to_bytes(index))
    return index


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(made).replace(path)
    for old in sorted(path.parent.glob("*.index"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
