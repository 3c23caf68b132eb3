"""The site on this machine: the processes of `Procfile`, started together, watched, and stopped together.

    with Site(port=0) as site:
        ...  # site.url answers, the worker takes tasks, beat rings
        site.check()

Each part is the leader of a session of its own: Ctrl-C reaches only the caller, who then stops the parts in good
order. When the caller is killed the kernel stops them (Linux), and the next `Site` or `make stop` ends what is left.
"""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from celery import Celery

from licensing.local import leftovers
from licensing.local.orphans import ends_with_parent
from licensing.local.servers import last_lines

PATIENCE = 60.0  # seconds until every part must be healthy
GRACE = 10.0  # seconds that a part may take to stop
TASK_PATIENCE = 1.0


class SiteFailed(Exception):
    """A part did not start, or ended; the message says which, and the end of its log."""


def parts() -> dict[str, list[str]]:
    """The commands of `Procfile` by name: web, worker, beat."""
    lines = (leftovers.SOURCE / "Procfile").read_text().splitlines()
    return {name: shlex.split(command) for name, _, command in (line.partition(": ") for line in lines) if command}


class Site:
    """Web, worker and beat, as a context: entered when all are healthy, left when all are gone.

    `port` 0 takes a free one. With `echo` the parts' lines also appear here, each with its part's name.
    Enter it in the main thread: the kernel ties the parts to the thread that started them.
    """

    def __init__(self, *, app: Celery, var_dir: Path, port: int = 0, echo: bool = False) -> None:
        self.app = app
        self.var_dir = var_dir
        self.echo = echo
        self.logs = var_dir / "log"
        self.node = f"site-{os.getpid()}@localhost"
        self.running: dict[str, subprocess.Popen[str]] = {}
        self._parts_file = var_dir / "run" / f"site-{os.getpid()}.parts"
        self._socket = self._listen(port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._handlers: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for folder in (self.logs, self._parts_file.parent):
            folder.mkdir(parents=True, exist_ok=True)
        end_leftovers(self.var_dir)
        self._stop_on_signals()
        try:
            leftovers.note(self._parts_file.with_suffix(".caller"), [os.getpid()])
            for name, command in parts().items():
                self.running[name] = self._start(name, command)
            leftovers.note(self._parts_file, [part.pid for part in self.running.values()])
            for name, part in self.running.items():
                threading.Thread(target=self._copy, args=(name, part), daemon=True).start()
            self._await_health()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def check(self) -> None:
        """Raise `SiteFailed` when a part has ended."""
        for name, part in self.running.items():
            if part.poll() is not None:
                lines = last_lines(self.logs / f"{name}.log")
                raise SiteFailed(f"{name} ended with exit code {part.returncode}; its log says: {lines}")

    def wait(self) -> None:
        """Stay until Ctrl-C (KeyboardInterrupt) or until a part ends (`SiteFailed`)."""
        while True:
            self.check()
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop every part and whatever it started; harmless when nothing runs."""
        for part in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                part.terminate()
        deadline = time.monotonic() + GRACE
        for part in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                part.wait(max(0.0, deadline - time.monotonic()))
        leftovers.end(leftovers.members(self._parts_file), signal.SIGKILL, GRACE)
        for part in self.running.values():
            part.wait()
        self.running.clear()
        _forget(self._parts_file)
        self._socket.close()
        for word, handler in self._handlers.items():
            signal.signal(word, handler)  # type: ignore[arg-type]
        self._handlers.clear()

    def _listen(self, port: int) -> socket.socket:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError as error:
            listening.close()
            raise SiteFailed(f"Port {port} of this machine is taken: choose another, PORT={port + 1}.") from error
        return listening

    def _stop_on_signals(self) -> None:
        for word in (signal.SIGTERM, signal.SIGHUP):
            self._handlers[word] = signal.signal(word, _interrupt)

    def _start(self, name: str, command: list[str]) -> subprocess.Popen[str]:
        """Start one part; the web part gets the port that is already bound, so nobody can take it first."""
        passed = [self._socket.fileno()] if name == "web" else []
        extra = {"web": [f"--bind=fd://{self._socket.fileno()}"], "worker": [f"--hostname={self.node}"]}
        binaries = Path(sys.executable).parent
        quiet = "ignore:You're running the worker with superuser privileges"
        environment = os.environ | {
            "PATH": os.pathsep.join([str(binaries), *os.get_exec_path()]),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": quiet,
        }
        return subprocess.Popen(
            [str(binaries / command[0]), *command[1:], *extra.get(name, [])],
            cwd=leftovers.SOURCE,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=passed,
            start_new_session=True,
            preexec_fn=ends_with_parent(signal.SIGTERM),
        )

    def _copy(self, name: str, part: subprocess.Popen[str]) -> None:
        """Write what a part says to its log, and with `echo` here too, until it ends."""
        if part.stdout is None:
            return
        with part.stdout, open(self.logs / f"{name}.log", "w", buffering=1) as log:
            for line in part.stdout:
                log.write(line)
                if self.echo:
                    sys.stdout.write(f"{name:<6} | {line}")
                    sys.stdout.flush()

    def _await_health(self) -> None:
        deadline = time.monotonic() + PATIENCE
        ready = {"web": self._web_serves, "worker": self._worker_answers}
        while ready:
            self.check()
            if time.monotonic() > deadline:
                name = next(iter(ready))
                raise SiteFailed(f"{name} is not healthy; its log says: {last_lines(self.logs / f'{name}.log')}")
            ready = {name: ask for name, ask in ready.items() if not ask()}
            time.sleep(0.1)

    def _web_serves(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _worker_answers(self) -> bool:
        try:
            return bool(self.app.control.ping(destination=[self.node], timeout=TASK_PATIENCE))
        except self.app.connection_for_write().connection_errors:
            return False


def end_leftovers(var_dir: Path) -> None:
    """End the parts of callers that are no more."""
    for file in (var_dir / "run").glob("site-*.parts"):
        if not leftovers.noted(file.with_suffix(".caller")):
            _end(file)


def end_all(var_dir: Path) -> int:
    """Stop every site of this var folder, its caller first; gives how many there were."""
    files = list((var_dir / "run").glob("site-*.parts"))
    for file in files:
        leftovers.end(leftovers.noted(file.with_suffix(".caller")), signal.SIGTERM, 3 * GRACE)
        _end(file)
    return len(files)


def _end(file: Path) -> None:
    leftovers.end(leftovers.members(file), signal.SIGTERM, GRACE)
    _forget(file)


def _forget(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_suffix(".caller").unlink(missing_ok=True)


def _interrupt(_word: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
