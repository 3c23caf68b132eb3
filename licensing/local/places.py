"""Where an embedded server keeps its files.

An ordinary user's servers live in the var folder. PostgreSQL refuses to run as root, so root's live under
/var/tmp in a folder of their own, which only root can write and anybody may pass through: the account that
runs the server reaches its data there without opening a single folder of the person who called it.
"""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LONGEST_SOCKET = 107  # bytes in sockaddr_un.sun_path, less the closing zero
WITHIN = ("demo/site", "test")
SOCKET_NAME_ROOM = len("/.s.PGSQL.5432.lock")


class PlaceRefused(Exception):
    """A folder that another account may have prepared; the sentence says which and what to do."""


@dataclass(frozen=True)
class Place:
    """Folders of one embedded server: `home` for its files, `sockets` for its sockets."""

    kind: str
    home: Path
    sockets: Path


def var_dirs(var_dir: Path) -> list[Path]:
    """This var folder, and those of the demo and of the tests, which have servers of their own."""
    return [var_dir, *(var_dir / within for within in WITHIN)]


def roots(var_dir: Path) -> list[Path]:
    """The folders with everything of the embedded servers of this var folder; `make clean` removes them."""
    return [_servers(var_dir), _short_sockets(var_dir)]


def place_of(var_dir: Path, kind: str) -> Place:
    """The place of the server of this kind ("postgres", "redis"); computed, nothing is made."""
    home = _servers(var_dir) / kind
    sockets = home / "sockets"
    if len(os.fsencode(sockets)) + SOCKET_NAME_ROOM > LONGEST_SOCKET:
        sockets = _short_sockets(var_dir) / kind
    return Place(kind, home, sockets)


def _key(var_dir: Path) -> str:
    return hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]


def _servers(var_dir: Path) -> Path:
    return Path("/var/tmp") / f"entente-{_key(var_dir)}" if os.geteuid() == 0 else var_dir / "servers"  # noqa: S108


def _short_sockets(var_dir: Path) -> Path:
    if os.geteuid() == 0:
        return _servers(var_dir)
    return Path(tempfile.gettempdir()) / f"entente-{os.geteuid()}-{_key(var_dir)}"


def make_private(folder: Path, mode: int) -> None:
    """Make a folder that nobody else may write; raises `PlaceRefused` when it was made by somebody else."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise PlaceRefused(f"{folder} belongs to somebody else; remove it, or set ENTENTE_VAR_DIR.") from None
    folder.chmod(mode)


def open_lock(path: Path) -> IO[str]:
    """A file to lock, which only its owner can open; made when it is absent."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+")
