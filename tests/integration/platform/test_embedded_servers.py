"""The embedded servers: shared, ended with their last user, replaced after a kill. Real processes."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from licensing.local import leases
from licensing.local.places import place_of, roots

pytestmark = pytest.mark.servers
REPOSITORY = Path(__file__).resolve().parents[3]
USE_POSTGRES = """
import sys
from pathlib import Path
import psycopg
from licensing.local import leases
from licensing.local.places import place_of
var = Path(sys.argv[1])
leases.hold(var, "postgres")
host = str(place_of(var, "postgres").sockets)
with psycopg.connect(host=host, dbname="entente", user="entente") as connection:
    connection.execute("SELECT pg_advisory_xact_lock(1)")
    connection.execute("CREATE TABLE IF NOT EXISTS visits (at timestamptz DEFAULT now())")
    connection.execute("INSERT INTO visits DEFAULT VALUES")
    count = connection.execute("SELECT count(*) FROM visits").fetchone()[0]
print(count, flush=True)
sys.stdin.read()
"""
Use = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def var_dir(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "var"
    yield folder
    leases.stop(folder)
    for root in roots(folder):
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def use(var_dir: Path) -> Iterator[Use]:
    """Start a process that visits the database and then waits until its standard input is closed."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", USE_POSTGRES, str(var_dir)]
        process = subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def visits(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def processes_of(var_dir: Path) -> list[psutil.Process]:
    """Keepers and servers of this var folder that live."""
    marks = [str(var_dir), *(str(root) for root in roots(var_dir))]
    alive = []
    for process in psutil.process_iter():
        try:
            words = " ".join(process.cmdline())
            if process.status() != psutil.STATUS_ZOMBIE and USE_POSTGRES not in words:
                alive += [process for mark in marks if mark in words][:1]
        except psutil.Error:
            continue
    return alive


def wait_for_none(var_dir: Path) -> None:
    psutil.wait_procs(processes_of(var_dir), timeout=20)
    assert processes_of(var_dir) == []


def test_two_processes_that_start_at_once_share_one_server(use: Use, var_dir: Path) -> None:
    first, second = use(), use()
    assert sorted([visits(first), visits(second)]) == [1, 2]
    assert len([p for p in processes_of(var_dir) if "licensing.local.keeper" in p.cmdline()]) == 1


def test_the_server_stays_for_others_and_ends_with_the_last(use: Use, var_dir: Path) -> None:
    first, second = use(), use()
    visits(first), visits(second)
    first.communicate()
    assert processes_of(var_dir)
    second.communicate()
    assert processes_of(var_dir) == []  # the last one waits for the server's end


def test_a_user_that_is_killed_leaves_nothing(use: Use, var_dir: Path) -> None:
    process = use()
    visits(process)
    process.kill()
    wait_for_none(var_dir)


@pytest.mark.parametrize("victim", ["keeper.pid", "server.pid"])
def test_after_a_kill_the_next_start_finds_the_data(use: Use, var_dir: Path, victim: str) -> None:
    visits(use())
    home = place_of(var_dir, "postgres").home
    (killed,) = leases.leftovers.noted(home / victim)
    killed.kill()
    killed.wait(10)
    assert visits(use()) == 2


def test_after_everything_is_killed_the_next_start_replaces_it(use: Use, var_dir: Path) -> None:
    first = use()
    visits(first)
    first.kill()
    for process in processes_of(var_dir):
        process.kill()
    assert visits(use()) == 2


def test_stop_ends_what_others_still_use(use: Use, var_dir: Path) -> None:
    visits(use())
    assert leases.stop(var_dir) == ["postgres"]
    assert processes_of(var_dir) == []


def test_a_forked_child_does_not_give_back_its_parents_lease(var_dir: Path) -> None:
    leases.hold(var_dir, "redis")
    child = os.fork()
    if child == 0:
        leases.settle()
        os._exit(0)
    os.waitpid(child, 0)
    assert leases.leftovers.noted(place_of(var_dir, "redis").home / "server.pid")


def test_sockets_are_private_and_short(use: Use, tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 90) / "var"
    for kind in leases.KINDS:
        place = place_of(deep, kind)
        assert len(os.fsencode(place.sockets / ".s.PGSQL.5432.lock")) <= 107
    leases.hold(deep, "redis")
    try:
        assert place_of(deep, "redis").sockets.stat().st_mode & 0o777 == 0o700
    finally:
        leases.stop(deep)
        for root in roots(deep):
            shutil.rmtree(root, ignore_errors=True)


def test_ctrl_c_in_a_terminal_spares_the_server(use: Use, var_dir: Path) -> None:
    process = use()
    visits(process)
    (keeper,) = leases.leftovers.noted(place_of(var_dir, "postgres").home / "keeper.pid")
    keeper.send_signal(signal.SIGINT)
    assert visits(use()) == 2
    assert keeper.is_running()
