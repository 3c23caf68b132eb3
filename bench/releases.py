"""The check at the moment of release, through the API, among few and many licenses of one company; and credentials."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from bench.table import Row, queries_of, timed
from licensing.accounts.commands import issue_token
from licensing.entente_check import CREDENTIAL, opened
from licensing.licenses import credential
from licensing.licenses.models import License, ReleaseScope
from tests.examples.story import MANIFEST, Story, person, seed, work_off

TIMES, WARM = 200, 20
PATIENCE = 60  # seconds
ADDRESS = "/api/v1/release-checks/"
Post = Callable[[Mapping[str, str]], dict[str, Any]]
FEW, MANY = 1_000, 100_000
MODALITY = "weights_transfer"
# What differs from the license that all are copies of: every one is of the same company, model and country, the hardest case.
COPIES: Mapping[str, Mapping[str, str]] = {
    "cases_case": {
        "id": "md5('case' || i)::uuid", "application_id": "md5('application' || i)::uuid", "workflow_id": "md5('workflow' || i)::uuid",
        "control_number": "'Z' || lpad(i::text, 6, '0')", "transaction_digest": "encode(sha256(convert_to('t' || i, 'UTF8')), 'hex')",
    },
    "licenses_license": {
        "id": "md5('license' || i)::uuid", "case_id": "md5('case' || i)::uuid", "document_id": "md5('document' || i)::uuid",
        "number": "'AIX-BENCH-' || i",
    },
    "licenses_licenseterms": {
        "license_id": "md5('license' || i)::uuid",
        "scope": "scope || jsonb_build_object('number', 'AIX-BENCH-' || i, 'recipients', jsonb_build_array("
        "encode(sha256(convert_to('NO' || chr(10) || 'recipient ' || i, 'UTF8')), 'hex')))",
    },
    "licenses_releasescope": {
        "id": "nextval('licenses_releasescope_id_seq')", "terms_id": "md5('license' || i)::uuid",
        "recipient": "encode(sha256(convert_to('NO' || chr(10) || 'recipient ' || i, 'UTF8')), 'hex')",
    },
}  # fmt: skip


def measure() -> list[Row]:
    seed()
    Story().decided()
    work_off()
    who = person("noa.feld")
    original = License.objects.latest("issued_at")
    _, token = issue_token(actor=who, person_id=who.pk, organization_id=original.licensee_id, label="bench")
    rows, first = [], 1
    for count in (FEW, MANY):
        _copy(original, first, count)
        first = count + 1
        rows.append(_check(_in_process(token), count, "in process"))
        with _served(token) as post:
            rows.append(_check(post, count, "through gunicorn"))
    rows[2].note = f"{rows[2].p50_ms / rows[0].p50_ms:.2f} times as among {FEW:,} (target: flat)"
    return [*rows, _floor(original), *_credentials(original)]


def _copy(original: License, first: int, last: int) -> None:
    """Copies from one number to another, in the database alone; foreign keys to what is not looked at lead nowhere."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, changed in COPIES.items():
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
                [table],
            )
            columns = [name for (name,) in cursor.fetchall()]
            chosen = ", ".join(changed.get(name, f't."{name}"') for name in columns)
            named = ", ".join(f'"{name}"' for name in columns)
            key, value = _row_of(table, original)
            cursor.execute(
                f"INSERT INTO {table} ({named}) SELECT {chosen} FROM generate_series(%s, %s) AS i, "  # noqa: S608 - our own names
                f"(SELECT * FROM {table} WHERE {key} = %s LIMIT 1) AS t",
                [first, last, value],
            )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(COPIES)}")


def _row_of(table: str, original: License) -> tuple[str, Any]:
    return {
        "cases_case": ("id", original.case_id),
        "licenses_license": ("id", original.pk),
        "licenses_licenseterms": ("license_id", original.pk),
        "licenses_releasescope": ("terms_id", original.pk),
    }[table]


def _check(post: Post, count: int, how: str) -> Row:
    def ask(number: int) -> None:
        told = post({
            "model_hash": MANIFEST, "modality": MODALITY, "destination": "NO", "site": "Oslo North 2",
            "recipient": f"Recipient {abs(number) * 7919 % count + 1}",
        })  # fmt: skip
        assert told["allowed"] is True, told

    spent = time.process_time()
    row = timed(f"release check {how}, {count:,} licenses", ask, TIMES, warm=WARM, note="target: p95 under 15 ms")
    row.note += f"; {1000 * (time.process_time() - spent) / (TIMES + WARM):.1f} ms of CPU here"
    row.queries = str(queries_of(lambda: ask(1)) or "")
    return row


def _in_process(token: str) -> Post:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    return lambda asked: dict(client.post(ADDRESS, json.dumps(asked), "application/json").json())


@contextmanager
def _served(token: str) -> Iterator[Post]:
    """The site as gunicorn serves it, on loopback; questions come one after the other over one connection."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "licensing.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    server = subprocess.Popen(command, env=os.environ | {"BENCH_DATABASE": str(connection.settings_dict["NAME"])})
    headers = {"Host": "testserver", "Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    line = HTTPConnection("127.0.0.1", port, timeout=30)

    def post(asked: Mapping[str, str]) -> dict[str, Any]:
        line.request("POST", ADDRESS, json.dumps(asked), headers)
        return dict(json.loads(line.getresponse().read()))

    try:
        _connect(line, server)
        yield post
    finally:
        line.close()
        server.terminate()
        server.wait()


def _connect(line: HTTPConnection, server: "subprocess.Popen[bytes]") -> None:
    given_up = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < given_up:
        try:
            return line.connect()
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise RuntimeError(f"gunicorn does not answer within {PATIENCE} s")


def _floor(original: License) -> Row:
    """The least that can be done: one look-up by the index, one row of evidence."""

    def look(number: int) -> None:
        with transaction.atomic():
            found = ReleaseScope.objects.filter(
                licensee=original.licensee_id, model_hash=MANIFEST, destination="NO", recipient=f"{number:064x}"
            ).exists()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id(), %s", [found])

    return timed("floor: the look-up and a commit, without HTTP and rules", look, TIMES, warm=20)


def _credentials(original: License) -> list[Row]:
    now, token = timezone.now(), credential.credential(original, timezone.now())
    keys = credential.key_set()
    return [
        timed("credential issued", lambda number: credential.credential(original, now), TIMES),
        timed("credential verified, in plain Python", lambda number: opened(token, keys, CREDENTIAL), TIMES),
    ]
