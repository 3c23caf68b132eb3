"""What holds for every test: an empty folder of its worker's own, and no network but this machine."""

import ipaddress
import shutil
import socket
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations

hypothesis.settings.register_profile("patient", deadline=None)  # a busy machine fails no test
hypothesis.settings.load_profile("patient")


class NetworkRefused(AssertionError):
    """A test tried to reach another machine."""


def pytest_sessionstart() -> None:
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)
    settings.VAR_DIR.mkdir(parents=True)


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Every connection that Python opens, and every name it looks up, is of this machine."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        refuse_other_machines(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        refuse_other_machines(self.family, address)
        return connect_ex(self, address)

    def guarded_look_up(host: str | bytes | None, *rest: Any, **options: Any) -> Any:
        if host is not None:
            refuse_other_machines(socket.AF_INET, (host.decode() if isinstance(host, bytes) else host, 0))
        return look_up(host, *rest, **options)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    patch.undo()


def refuse_other_machines(family: int, address: Any) -> None:
    """Raise `NetworkRefused` for an address that is neither a local socket nor loopback."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    try:
        local = ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise NetworkRefused(f"A test tried to reach {host}: tests stay on this machine.")


@pytest.fixture(scope="session", autouse=True)
def tables_that_only_grow_can_be_emptied() -> Iterator[None]:
    """After a test that commits, Django empties every table; the triggers that refuse this look away, once.

    The role of the tests must be a superuser, as it is on the embedded server.
    """
    patch = pytest.MonkeyPatch()
    flush = DatabaseOperations.execute_sql_flush

    def without_triggers(self: DatabaseOperations, statements: list[str]) -> None:
        flush(self, ["SET LOCAL session_replication_role = replica", *statements] if statements else [])

    patch.setattr(DatabaseOperations, "execute_sql_flush", without_triggers)
    yield
    patch.undo()
