"""The site of `make run` under violence: whatever is killed, nothing stays behind and the next start is whole."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from licensing.local import leases, leftovers, processes
from licensing.local.places import place_of, roots

pytestmark = pytest.mark.servers
REPOSITORY = Path(__file__).resolve().parents[3]
LONGEST = 120  # seconds that anything may take on a machine that is busy with other tests: none of these is about speed
RUN_SITE = """
import sys
import django
django.setup()
from django.conf import settings
from licensing.celery import app
from licensing.local.processes import Site, SiteFailed
try:
    with Site(app=app, var_dir=settings.SERVERS_DIR) as site:
        print(site.url, flush=True)
        site.wait()
except SiteFailed as error:
    sys.exit(str(error))
except KeyboardInterrupt:
    pass
"""
Start = Callable[[], subprocess.Popen[str]]


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("site") / "var"
    yield folder
    processes.end_all(folder)
    leases.stop(folder)
    for root in roots(folder):
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def start(var_dir: Path) -> Iterator[Start]:
    """Start the site in a process of its own, and return when all its parts are healthy."""
    started: list[subprocess.Popen[str]] = []

    def run() -> subprocess.Popen[str]:
        environment = os.environ | {"ENTENTE_VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "licensing.settings"}
        caller = subprocess.Popen(
            [sys.executable, "-c", RUN_SITE],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(caller)
        return caller

    yield run
    for caller in started:
        caller.kill()
        caller.communicate()


def url_of(caller: subprocess.Popen[str]) -> str:
    assert caller.stdout is not None
    assert caller.stderr is not None
    line = caller.stdout.readline().strip()
    assert line, caller.stderr.read()
    return line


def serves(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def left_of(var_dir: Path) -> list[psutil.Process]:
    """Living processes of this var folder: parts of the site by their environment, servers by their command."""
    marks = [str(var_dir), *(str(root) for root in roots(var_dir))]
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), process.environ().get("ENTENTE_VAR_DIR", "")]
            if process.status() != psutil.STATUS_ZOMBIE and any(mark in word for mark in marks for word in words):
                found.append(process)
        except psutil.Error:
            continue
    return found


def parts_of(var_dir: Path) -> dict[str, psutil.Process]:
    """The leaders of the running site's parts by name."""
    (file,) = (var_dir / "run").glob("site-*.parts")
    return dict(zip(processes.parts(), leftovers.noted(file), strict=True))


def wait_until(holds: Callable[[], bool], patience: float = LONGEST) -> bool:
    deadline = time.monotonic() + patience
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return held


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_is_whole(start: Start, var_dir: Path) -> None:
    first = start()
    url = url_of(first)
    assert {part.name() for part in parts_of(var_dir).values()} == {"gunicorn", "celery"}
    first.kill()
    first.wait()
    assert wait_until(lambda: not left_of(var_dir)), left_of(var_dir)
    assert not serves(url)

    second = start()
    assert serves(url_of(second))
    parts_of(var_dir)["worker"].kill()  # only one site is on paper: what the first left there is gone
    _, said = second.communicate(timeout=LONGEST)
    assert second.returncode == 1
    assert said.startswith("worker ended with exit code -9")
    assert left_of(var_dir) == []


def test_killed_servers_come_back_and_ctrl_c_leaves_nothing(start: Start, var_dir: Path) -> None:
    caller = start()
    url = url_of(caller)
    for kind in leases.KINDS:
        (server,) = leftovers.noted(place_of(var_dir, kind).home / "server.pid")
        server.kill()
    assert wait_until(lambda: serves(url))
    assert caller.poll() is None
    caller.send_signal(signal.SIGINT)
    assert caller.wait(LONGEST) == 0
    assert left_of(var_dir) == []
    assert list((var_dir / "run").iterdir()) == []


def test_parts_orphaned_on_a_system_that_keeps_them_are_ended_by_the_next_start(var_dir: Path) -> None:
    """Where the kernel does not end children with their parent, the next start does: here one is left on purpose."""
    orphan = subprocess.Popen(["sleep", "600"], cwd=REPOSITORY, start_new_session=True)
    try:
        folder = var_dir / "run"
        folder.mkdir(parents=True, exist_ok=True)
        leftovers.note(folder / "site-1.parts", [orphan.pid])
        processes.end_leftovers(var_dir)
        assert orphan.wait(10) == -signal.SIGTERM
        assert list(folder.iterdir()) == []
    finally:
        orphan.kill()
        orphan.wait()
