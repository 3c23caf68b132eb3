"""PostgreSQL, Redis, web, worker and beat as processes of the test's own, to be stopped, frozen, killed and started again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import redis
from django.conf import settings

from licensing.local import leftovers
from licensing.local.keeper import server_of
from licensing.local.orphans import ends_with_parent
from licensing.local.places import make_private, place_of
from licensing.local.servers import Server

APP = "tests.faults.workflows.app"
PATIENCE = 60.0
CHILDREN = 2


class NotUp(Exception):
    """A process did not come up, or did not go; the message says which."""


def wait_until(holds: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise NotUp(what)
        time.sleep(0.02)


class Machine:
    """One process that runs until it is told otherwise; what it says goes to a log in the var folder."""

    def __init__(self, name: str, command: list[str], passed: tuple[int, ...] = ()) -> None:
        self.name, self.command, self.passed = name, command, passed
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = os.environ | {"PYTHONWARNINGS": "ignore", "LOG_LEVEL": "warning"}
        with open(settings.VAR_DIR / "log" / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=leftovers.SOURCE,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.passed,
                start_new_session=True,
                preexec_fn=ends_with_parent(signal.SIGTERM),
            )

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self._running().pid).children(recursive=True)

    def stop(self, word: signal.Signals = signal.SIGTERM, patience: float = 20) -> None:
        """Send a word and wait; whatever is left of it, and its children, is killed."""
        if self.process is None:
            return
        family = self.children() if self.process.poll() is None else []
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(word)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        leftovers.end(family, signal.SIGKILL, 5)
        self.process.kill()
        self.process.wait()
        self.process = None

    def kill(self) -> None:
        """kill -9 of the process and of its children, at once."""
        family = [*self.children(), psutil.Process(self._running().pid)]
        leftovers.end(family, signal.SIGKILL, 5)
        self._running().wait()
        self.process = None

    def freeze(self) -> None:
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._running().send_signal(signal.SIGCONT)

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise NotUp(f"{self.name} does not run")
        return self.process


class ServerMachine(Machine):
    """An embedded server without its keeper, who would start it again at once."""

    def __init__(self, kind: str) -> None:
        self.server: Server = server_of(kind, settings.SERVERS_DIR)
        super().__init__(kind, [])

    def start(self) -> None:
        home = self.server.place.home
        passable = 0o711 if os.geteuid() == 0 else 0o700
        make_private(home.parent, passable)
        make_private(home, passable)
        leftovers.end(leftovers.noted(home / "server.pid"), self.server.stop_signal, 20)
        self.server.prepare()
        account = self.server.account()
        with open(settings.VAR_DIR / "log" / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(
                self.server.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home,
                env={"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"},
                user=account.user,
                group=account.group,
                extra_groups=account.groups,
                preexec_fn=ends_with_parent(self.server.stop_signal),
            )
        pid = self.process.pid
        leftovers.note(home / "server.pid", [pid])
        wait_until(lambda: self.server.answers(pid), f"{self.name} does not answer")

    def stop(self, word: signal.Signals | None = None, patience: float = 20) -> None:
        super().stop(word or self.server.stop_signal, patience)


class Plant:
    """Everything that runs. `web` takes many connections, so that one that is killed is not missed."""

    def __init__(self) -> None:
        binaries = Path(sys.executable).parent
        celery = [str(binaries / "celery"), "--app", APP]
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(128)
        self.address: tuple[str, int] = self._socket.getsockname()
        serve = [str(binaries / "gunicorn"), "--config", os.devnull, "--worker-class", "gthread", "--threads", "4"]
        serve += ["--workers", "2", "--bind", f"fd://{self._socket.fileno()}", "tests.faults.workflows.web:application"]
        work = ["worker", "--queues", "checks,documents,notices,timers", "--without-gossip", "--without-mingle"]
        self.postgres, self.redis = ServerMachine("postgres"), ServerMachine("redis")
        self.web = Machine("web", serve, (self._socket.fileno(),))
        self.worker = Machine("worker", [*celery, *work, "--concurrency", str(CHILDREN), "--loglevel", "warning"])
        self.beat = Machine("beat", [*celery, "beat", "--pidfile="])
        self.second_beat = Machine("second-beat", [*celery, "beat", "--pidfile="])

    def start(self) -> None:
        """Start whatever of it does not run; workers are waited for where they are needed, by what they do."""
        for machine in (self.postgres, self.redis, self.web, self.worker, self.beat):
            if machine.process is None:
                machine.start()

    def empty_redis(self) -> None:
        redis.Redis(unix_socket_path=str(place_of(settings.SERVERS_DIR, "redis").sockets / "redis.sock")).flushall()

    def stop(self) -> None:
        for machine in (self.second_beat, self.beat, self.worker, self.web, self.redis, self.postgres):
            machine.stop()
        self._socket.close()


@contextlib.contextmanager
def without(*machines: Machine) -> Iterator[None]:
    """Stop these, and start them again at the end."""
    for machine in machines:
        machine.stop()
    try:
        yield
    finally:
        for machine in machines:
            machine.start()


@contextlib.contextmanager
def frozen(machine: Machine) -> Iterator[None]:
    """Let it do nothing for a while."""
    machine.freeze()
    try:
        yield
    finally:
        machine.thaw()
