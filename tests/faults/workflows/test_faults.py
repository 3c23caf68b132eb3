"""The short form of `make faults`, in processes of its own: every fault once or a few times, with short leases."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.servers
REPOSITORY = Path(__file__).resolve().parents[3]


def test_nothing_is_lost_and_nothing_doubled_whatever_fails() -> None:
    table = subprocess.run(
        [sys.executable, "-m", "tests.faults.workflows"],
        cwd=REPOSITORY,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        | {"FAULTS_QUICK": "1"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert table.returncode == 0, table.stdout + table.stderr[-4000:]
    assert table.stdout.count("\n") > 30  # every fault has its line
