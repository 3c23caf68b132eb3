"""What a keeper must know of a server: how to prepare it, start it, see that it answers, and stop it."""

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from licensing.local.places import Place


class ServerFailed(Exception):
    """An embedded server cannot be had; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """The user and groups that a server runs as; None is the caller's own."""

    user: int | None = None
    group: int | None = None
    groups: list[str | int] | None = None


CALLER = Account()


class Server(Protocol):
    """One embedded server in its place."""

    @property
    def place(self) -> Place:
        """Its folders."""

    @property
    def stop_signal(self) -> signal.Signals:
        """The word on which it ends what it does and leaves."""

    def prepare(self) -> None:
        """Make folders and first data; does nothing the second time. Raises `ServerFailed`."""

    def account(self) -> Account:
        """Who runs it."""

    def command(self) -> list[str]:
        """The command line that runs it in the foreground."""

    def answers(self, pid: int) -> bool:
        """Whether the process `pid` takes connections by now."""


def last_lines(path: Path, count: int = 5) -> str:
    """The end of a log, for the sentence that says why a server did not start."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return " | ".join(line.strip() for line in lines[-count:])
