"""Processes of an earlier start: who they are, whether they still live, and how to end them.

A process is known by its number and the instant it began, so a number used again is never mistaken for it.
"""

import contextlib
import json
import os
import signal
import time
from pathlib import Path

import psutil

SOURCE = Path(__file__).resolve().parent.parent.parent


def note(path: Path, pids: list[int]) -> None:
    """Write down these processes of ours; the file appears whole or not at all."""
    known = [[pid, psutil.Process(pid).create_time()] for pid in pids if psutil.pid_exists(pid)]
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(json.dumps(known))
    draft.replace(path)


def noted(path: Path) -> list[psutil.Process]:
    """Those of the processes in the file that still live; none when there is no such file."""
    return [process for pid, began in _read(path) if (process := _alive(pid, began)) is not None]


def _read(path: Path) -> list[tuple[int, float]]:
    try:
        return [(int(pid), float(began)) for pid, began in json.loads(path.read_text())]
    except (FileNotFoundError, json.JSONDecodeError):
        return []


def _alive(pid: int, began: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - began) < 0.1
    except psutil.NoSuchProcess:
        return None
    return process if same and _runs(process) else None


def members(path: Path) -> list[psutil.Process]:
    """Every living process of the sessions whose leaders are in the file, even when a leader is gone.

    A session's number may be used again: only processes that began later, of this account, at work in this
    repository, count.
    """
    began = dict(_read(path))
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            at = began.get(os.getsid(process.pid))
            ours = at is not None and process.create_time() >= at - 0.1 and process.uids().effective == os.geteuid()
            if ours and Path(process.cwd()) == SOURCE and _runs(process):
                found.append(process)
    return found


def end(processes: list[psutil.Process], first: signal.Signals, patience: float) -> None:
    """Send `first` to each, wait up to `patience` seconds in all, and kill those that are left."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(first)
    left = wait(processes, patience)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    wait(left, 5)


def wait(processes: list[psutil.Process], patience: float) -> list[psutil.Process]:
    """Wait until these have ended, up to `patience` seconds; gives those that have not.

    One that has ended but is not yet collected by its parent counts as ended.
    """
    deadline = time.monotonic() + patience
    while (left := [process for process in processes if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
