"""The demo itself: a real web server, worker and beat, from nothing to a signed license."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from pypdf import PdfReader


@pytest.mark.servers
def test_the_demo_goes_from_draft_to_signed_license(tmp_path: Path) -> None:
    environment = {**os.environ, "ENTENTE_VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "licensing.settings"}
    environment.pop("DATABASE_URL", None)
    environment.pop("REDIS_URL", None)

    told = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    number, _, path = told.stdout.strip().splitlines()[-1].partition(" in ")
    license_ = PdfReader(path.partition(": ")[2])
    assert number.startswith("AIX-US-IND-")
    assert number in license_.pages[0].extract_text()
    assert json.loads(license_.attachments["license.json"][0])["license"]["number"] == number
    assert "Fjordhelse" in PdfReader(tmp_path / "demo" / "application.pdf").pages[0].extract_text()
    timeline = json.loads((tmp_path / "demo" / "timeline.json").read_text())
    assert [event["stage"] for event in timeline if event["kind"] == "stage_entered"] == [
        "checks", "intake", "review", "decision", "issuance", "issued",
    ]  # fmt: skip
