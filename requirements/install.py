"""Set-up: make `.venv`, install what `requirements/*.txt` pin, see that the system libraries are there.

    python3 requirements/install.py app local [dev] [bench] [--for-tests]
    python3 requirements/install.py peers      what benches compare with, in an environment of its own: `.venv-peers`

Needs nothing but Python 3.11. What is missing from the system it installs through apt when it may (root, or sudo
without a password); otherwise it stops with exit code 2 and the one command to type. A second call only compares
a few stamps.
"""

import ctypes
import ctypes.util
import fcntl
import functools
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn

OLDEST = (3, 11)
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = ROOT / (".venv-peers" if "peers" in sys.argv else ".venv")
STAMPS = VENV / ".installed"
GROUPS = ("app", "local", "dev", "bench", "peers")


class Need(NamedTuple):
    """Something of the system: what it is for, how to see that it is there, Debian's package."""

    what: str
    there: Callable[[], bool]
    package: str


def stop(sentence: str, command: str = "") -> NoReturn:
    sys.stderr.write(f"\nSet-up stops: {sentence}\n")
    if command:
        sys.stderr.write(f"Type this, then try again:\n\n    {command}\n\n")
    raise SystemExit(2)


def say(sentence: str) -> None:
    sys.stdout.write(f"set-up: {sentence}\n")
    sys.stdout.flush()


def library(name: str) -> Callable[[], bool]:
    """A check that really loads the shared library."""

    def there() -> bool:
        file = f"lib{name}.so.0" if sys.platform == "linux" else ctypes.util.find_library(name)
        try:
            ctypes.CDLL(file or name)
        except OSError:
            return False
        return True

    return there


def program(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) for name in names)


def has_redis() -> bool:
    """An installed server, or a wheel that brings one (Linux, x86-64, CPython 3.11 and 3.12)."""
    wheel = sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 13)
    return wheel or program("redis-server", "valkey-server")()


def has_chromium() -> bool:
    if given := os.environ.get("CHROMIUM", ""):
        if shutil.which(given):
            return True
        stop(f"CHROMIUM is {given!r}, and there is no such program: give the path of Chromium or leave it out.")
    return program("chromium", "chromium-browser", "google-chrome")()


def can_make_environments() -> bool:
    return importlib.util.find_spec("ensurepip") is not None


def needs(groups: list[str], for_tests: bool) -> list[Need]:
    """What these groups of packages need from the system."""
    found = []
    if not environment_is_whole():
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        found += [Need("Python's virtual environments", can_make_environments, package)]
    if "app" in groups:
        found += [
            Need("Pango, for PDF", library("pango-1.0"), "libpango-1.0-0"),
            Need("Pango's font support, for PDF", library("pangoft2-1.0"), "libpangoft2-1.0-0"),
            Need("HarfBuzz, for PDF fonts", library("harfbuzz"), "libharfbuzz0b"),
            Need("HarfBuzz's subsetter, for PDF fonts", library("harfbuzz-subset"), "libharfbuzz-subset0"),
        ]
    if "local" in groups:
        found += [Need("Redis or Valkey", has_redis, "redis-server")]
    if "peers" in groups:  # PyICU has no wheel
        found += [
            Need("a C++ compiler, for a peer", program("g++"), "g++"),
            Need("pkg-config, for a peer", program("pkg-config"), "pkg-config"),
            Need("ICU, for a peer", Path("/usr/include/unicode/uchar.h").exists, "libicu-dev"),
        ]
    if for_tests:
        found += [
            Need("Chromium, for the browser tests", has_chromium, "chromium"),
            Need("pdfsig, which checks PDF signatures in tests", program("pdfsig"), "poppler-utils"),
            Need("qpdf, which checks PDF files in tests", program("qpdf"), "qpdf"),
        ]
    return found


def provide(found: list[Need]) -> None:
    """Install what is missing when this account may, or stop with the command to type."""
    missing = [need for need in found if not need.there()]
    if not missing:
        return
    packages = " ".join(need.package for need in missing)
    what = "; ".join(need.what for need in missing)
    if sys.platform != "linux" or not shutil.which("apt-get"):
        stop(f"missing: {what}. On Debian the packages are called {packages}; install your system's equivalents.")
    if os.geteuid() == 0:
        allowed: list[str] = []
    elif (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        allowed = ["sudo", "-n"]
    else:
        stop(f"missing: {what}.", f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {packages}")
    say(f"installing {packages}")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages.split()]
    apt = [*allowed, "env", "DEBIAN_FRONTEND=noninteractive"]
    if run([*apt, *install]) != 0 and run([*apt, "apt-get", "update", "-qq"]) + run([*apt, *install]) != 0:
        stop(f"apt-get could not install {packages}: its words are above.", " ".join(install))
    importlib.invalidate_caches()
    if still := [need for need in missing if not need.there()]:
        hint = " (on Ubuntu: install a browser and set CHROMIUM to its path)" if "chromium" in packages else ""
        stop(f"still missing after apt-get: {'; '.join(need.what for need in still)}{hint}.")


def run(command: list[str]) -> int:
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode


@functools.cache
def interpreter() -> str:
    """The Python that is installed, whichever environment this one is called from: `.venv` itself may be active."""
    return f"{sys.base_prefix} {sys.version} {platform.machine()}"


def stamp_of(group: str) -> str:
    """A digest of all that decides what is installed for this group."""
    parts = [interpreter().encode(), (HERE / f"{group}.txt").read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def stamped(name: str, value: str) -> bool:
    file = STAMPS / name
    return file.exists() and file.read_text() == value


def environment_is_whole() -> bool:
    """Whether `.venv` is complete and of this Python; one that is shared by a link is used as it is."""
    return VENV.is_symlink() or (stamped("python", interpreter()) and (VENV / "bin" / "python").exists())


def make_environment() -> None:
    """Make `.venv`; one that is half made or of another Python is made anew."""
    if environment_is_whole():
        return
    say(f"making {VENV.name} with Python {platform.python_version()}")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        stop(f"python3 -m venv failed: {(done.stdout + done.stderr).strip()}")
    STAMPS.mkdir()
    (STAMPS / "python").write_text(interpreter())


def install(groups: list[str]) -> None:
    """Install the pins of these groups, every file checked against its hash."""
    due = [group for group in groups if not stamped(group, stamp_of(group))]
    if not due:
        return
    say(f"installing {', '.join(due)} (a minute or two the first time)")
    began = time.monotonic()
    pins = [word for group in due for word in ("-r", str(HERE / f"{group}.txt"))]
    options = ["--require-hashes", "--no-deps", "--disable-pip-version-check", "--no-input", "--quiet"]
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", *options, *pins]
    if subprocess.run(command, check=False).returncode:
        stop("pip could not install the pinned packages: its words are above. Is the network there?")
    STAMPS.mkdir(exist_ok=True)
    for group in due:
        (STAMPS / group).write_text(stamp_of(group))
    say(f"done in {time.monotonic() - began:.0f} s")


def main(words: list[str]) -> None:
    groups = [word for word in words if not word.startswith("--")]
    unknown = [word for word in words if word not in (*GROUPS, "--for-tests")]
    if unknown:
        stop(f"unknown word {unknown[0]!r}: the groups are {', '.join(GROUPS)}, the option is --for-tests.")
    if sys.version_info < OLDEST:
        stop(f"this is Python {platform.python_version()}: Entente needs 3.11 or later (make PYTHON=python3.12 ...).")
    with open(HERE / "install.py") as lock:  # two calls at once: the second waits, then finds everything done
        fcntl.flock(lock, fcntl.LOCK_EX)
        provide(needs(groups, "--for-tests" in words))
        make_environment()
        install(groups)


if __name__ == "__main__":
    main(sys.argv[1:])
