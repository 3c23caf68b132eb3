"""Secrets and keys of this installation, made on first use."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """What this file holds (mode 0600), made when it is absent; processes that race get the same."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(make())
    try:
        os.link(draft, path)  # atomic: the first process wins, the others read what it wrote
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()


def kept_secret(path: Path) -> str:
    """The secret in this file, made when it is absent."""
    return kept(path, lambda: secrets.token_urlsafe(48).encode()).decode("ascii")
