"""The process that holds one embedded server up for as long as any process uses it.

`python -m licensing.local.keeper postgres /path/of/var` prepares and starts the server, says `ready` on its
standard output, and then watches. Every user of the server holds a shared lock on the file `users`; the
kernel drops that lock however the user ends. When the keeper gets the lock for itself nobody is left: it
stops the server and leaves. Should the keeper itself be killed, the kernel stops the server (Linux), and the
next start replaces whatever was left.
"""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from licensing.local import leftovers
from licensing.local.broker import Broker
from licensing.local.orphans import ends_with_parent
from licensing.local.places import open_lock, place_of
from licensing.local.postgres import Postgres
from licensing.local.servers import Server, ServerFailed, last_lines

GLANCE = 0.2  # seconds between two looks at the users' lock
START_PATIENCE = 60.0
STOP_PATIENCE = 20.0
TRIES = 10


def server_of(kind: str, var_dir: Path) -> Server:
    """The server of this kind ("postgres" or "redis") for this var folder."""
    place = place_of(var_dir, kind)
    return Postgres(place) if kind == "postgres" else Broker(place)


class Keeper:
    """One server under watch."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.home = server.place.home
        self.asked_to_stop = False
        self.process: subprocess.Popen[bytes] | None = None
        self._awake, self._wake = os.pipe()

    def keep(self) -> None:
        """Start, say so, watch until nobody uses the server, stop. Raises `ServerFailed`."""
        with open_lock(self.home / "keeper") as keeper_lock, open_lock(self.home / "users") as users_lock:
            fcntl.flock(keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._listen_to_signals()
            leftovers.note(self.home / "keeper.pid", [os.getpid()])
            try:
                self._start()
                say("ready")
                self._watch(users_lock)
            finally:
                self._stop()
                fcntl.flock(keeper_lock, fcntl.LOCK_UN)  # before the users' lock: who waits for it may start anew

    def _listen_to_signals(self) -> None:
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._asked)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _asked(self, *_: object) -> None:
        self.asked_to_stop = True

    def _start(self) -> None:
        leftovers.end(leftovers.noted(self.home / "server.pid"), self.server.stop_signal, STOP_PATIENCE)
        self.server.prepare()
        deadline = time.monotonic() + START_PATIENCE
        for _ in range(TRIES):
            self.process = self._spawn()
            leftovers.note(self.home / "server.pid", [self.process.pid])
            while self.process.poll() is None and not self.asked_to_stop and time.monotonic() < deadline:
                if self.server.answers(self.process.pid):
                    return
                self._nap(0.02)
            time.sleep(0.3)  # an earlier server that was killed may still be on its way out
        raise ServerFailed(
            f"The embedded {self.server.place.kind} server does not start; its log says: "
            f"{last_lines(self.home / 'server.log')}"
        )

    def _spawn(self) -> subprocess.Popen[bytes]:
        account = self.server.account()
        with open(self.home / "server.log", "wb") as log:
            return subprocess.Popen(
                self.server.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env={"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"},
                user=account.user,
                group=account.group,
                extra_groups=account.groups,
                preexec_fn=ends_with_parent(self.server.stop_signal),
            )

    def _watch(self, users_lock: IO[str]) -> None:
        while not self.asked_to_stop:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if self.process is not None and self.process.poll() is not None:
                self._start()  # it crashed or was killed: its users connect again
            self._nap(GLANCE)

    def _nap(self, seconds: float) -> None:
        """Sleep, but wake at once when a signal comes (a child's end, or the word to stop)."""
        if select.select([self._awake], [], [], seconds)[0]:
            os.read(self._awake, 1024)

    def _stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.server.stop_signal)
            try:
                self.process.wait(STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for name in ("server.pid", "keeper.pid"):
            (self.home / name).unlink(missing_ok=True)


def say(word: str) -> None:
    """Tell the process that waits at the other end of standard output, and close that end."""
    os.write(1, word.encode())
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.close(silence)


def main(kind: str, var_dir: str) -> int:
    if os.fork():  # nobody's child, so that whoever happened to start it need not collect it
        os._exit(0)
    os.umask(0o077)
    try:
        Keeper(server_of(kind, Path(var_dir))).keep()
    except (ServerFailed, OSError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
