"""Licenses are issued while the workers that issue them are killed: each case gets one, and the numbers have no gap."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.servers
REPOSITORY = Path(__file__).resolve().parents[3]


def test_killed_workers_lose_no_license_and_no_number() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "bench.issuance", "6", "--no-bare"],
        cwd=REPOSITORY, env={**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings", "BENCH_LEASE": "4"},
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr[-4000:]
    assert "6 of 6 licenses issued" in told.stdout
