"""Licenses among many: what expires at one minute among 100,000 live ones, and a page of the officers' desk."""

import time
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.table import Row, queries_of, timed
from licensing.licenses.models import License
from tests.examples.many import copy_licenses
from tests.examples.story import Story, person, seed, work_off
from workflows import outbox
from workflows.models import OutboxRow
from workflows.tasks import sweep

CROWD = 100_000
DUE = 500  # what one sweep rings for


def measure() -> list[Row]:
    seed()
    Story().decided()
    work_off()
    copy_licenses(License.objects.get(), CROWD)
    return [_desk(), *_expiry()]


def _expiry() -> list[Row]:
    """500 of the crowd have expired; the sweep finds them and rings, and one worker tells trail and licensee of each."""
    now = timezone.now()
    ids = list(License.objects.filter(number__startswith="BENCH").values_list("pk", flat=True)[:DUE])
    License.objects.filter(pk__in=ids).update(valid_from=now - timedelta(days=2), valid_until=now - timedelta(days=1))
    OutboxRow.objects.filter(key__in=[f"license:{pk}" for pk in ids]).update(due_at=now)
    began = time.perf_counter()
    sweep()
    swept = time.perf_counter() - began
    rows = [row for row, effect in outbox.due() if effect == "note_license_turn"]
    began = time.perf_counter()
    for row in rows:
        outbox.work(row)
    told = time.perf_counter() - began
    began = time.perf_counter()
    live = License.objects.live_at(now).count()
    counted = time.perf_counter() - began
    assert (len(rows), live) == (DUE, CROWD + 1 - DUE), (len(rows), live)
    return [
        Row(f"sweep with {DUE} expired among {CROWD:,} live licenses", rate=f"{swept:.2f} s", note="target: 5 s"),
        Row(f"trail and licensee told of {DUE}, one worker", rate=f"{told:.2f} s", note="the status was so before"),
        Row(f"counting those in force of {CROWD:,}, by their records", rate=f"{counted:.2f} s"),
    ]


def _desk() -> Row:
    client = Client()
    client.force_login(person("omar.haddad"), "allauth.account.auth_backends.AuthenticationBackend")
    path = reverse("reviewer:licenses")
    row = timed(f"officers' list of {CROWD:,} licenses, 50 with their status", lambda number: client.get(path), 20)
    row.queries = str(queries_of(lambda: client.get(path)))
    return row
