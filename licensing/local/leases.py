"""How a process comes by an embedded server: it takes a lease, and a keeper starts when there is none yet.

A lease is a shared lock on a file, held until the process ends. The last process to end tells the keeper and
waits until the server is gone; when it could not (it was killed), the keeper finds out by itself.
"""

import atexit
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from licensing.local import leftovers
from licensing.local.keeper import server_of
from licensing.local.places import PlaceRefused, make_private, open_lock, place_of
from licensing.local.servers import ServerFailed, last_lines

KINDS = ("postgres", "redis")
PATIENCE = 30.0  # seconds to wait for a server that is stopping

_leases: dict[Path, IO[str]] = {}
_guard = threading.Lock()


def hold(var_dir: Path, kind: str) -> None:
    """Have the server of this kind ("postgres" or "redis") up, and keep it up until this process ends.

    Cheap when it is up already. Raises `ServerFailed` with the reason when it cannot be started.
    """
    home = place_of(var_dir, kind).home
    with _guard:
        try:
            _make_home(home)
        except (OSError, PlaceRefused) as error:
            raise ServerFailed(str(error)) from error
        if home not in _leases:
            lease = open_lock(home / "users")
            fcntl.flock(lease, fcntl.LOCK_SH)
            _leases[home] = lease
        with _locked(home / "start"):
            _have_up(home, kind, var_dir)


def settle() -> None:
    """Give back this process's leases; wherever nobody else holds one, wait until the server has stopped."""
    with _guard:
        for home, lease in _leases.items():
            with contextlib.suppress(BlockingIOError, FileNotFoundError), lease:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop_keeper(home)
        _leases.clear()


def stop(var_dir: Path) -> list[str]:
    """Stop the embedded servers of this var folder, whoever uses them; gives the kinds that were up."""
    stopped = []
    for kind in KINDS:
        home = place_of(var_dir, kind).home
        if not home.is_dir():
            continue
        with _locked(home / "start"):
            server = leftovers.noted(home / "server.pid")
            if _stop_keeper(home) or server:
                stopped.append(kind)
            leftovers.end(server, signal.SIGINT, PATIENCE)
    return stopped


def wait_until_unused(var_dir: Path) -> None:
    """Wait for servers that nobody uses any more to be gone; returns at once when somebody else uses them."""
    for kind in KINDS:
        home = place_of(var_dir, kind).home
        if not home.is_dir():
            continue
        with open_lock(home / "users") as lease, contextlib.suppress(BlockingIOError):
            fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _stop_keeper(home)


def _make_home(home: Path) -> None:
    if home.is_dir():
        return
    passable = 0o711 if os.geteuid() == 0 else 0o700
    make_private(home.parent, passable)
    make_private(home, passable)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with open_lock(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _kept(home: Path) -> bool:
    """Whether a keeper is at work; ask only while holding the `start` lock."""
    with open_lock(home / "keeper") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _have_up(home: Path, kind: str, var_dir: Path) -> None:
    """Return when the server answers: a keeper that is at work may just be replacing one that was killed."""
    server = server_of(kind, var_dir)
    deadline = time.monotonic() + PATIENCE
    while not _kept(home) or not any(server.answers(found.pid) for found in leftovers.noted(home / "server.pid")):
        if not _kept(home):
            _start_keeper(home, kind, var_dir)
        elif time.monotonic() > deadline:
            raise ServerFailed(f"The embedded {kind} does not answer; its log says: {last_lines(home / 'server.log')}")
        else:
            time.sleep(0.02)


def _start_keeper(home: Path, kind: str, var_dir: Path) -> None:
    with open(home / "keeper.log", "wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "licensing.local.keeper", kind, str(var_dir)],
            cwd=leftovers.SOURCE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C is for those who use the server, not for the server
        )
    said = keeper.communicate()[0].strip()  # the pipe closes when the keeper, which has left us, is ready
    if said != "ready":
        raise ServerFailed(said or f"The keeper of {kind} failed: {last_lines(home / 'keeper.log')}")


def _stop_keeper(home: Path) -> bool:
    """Tell the keeper to stop its server and wait until both are gone; False when there was none."""
    if not _kept(home):
        return False
    keepers = leftovers.noted(home / "keeper.pid")
    leftovers.end(keepers, signal.SIGTERM, PATIENCE)
    return bool(keepers)


def _forget_in_child() -> None:
    """A fork's child takes leases of its own: what it inherited belongs to its parent."""
    global _guard
    _guard = threading.Lock()
    for lease in _leases.values():
        lease.close()
    _leases.clear()


os.register_at_fork(after_in_child=_forget_in_child)
atexit.register(settle)
