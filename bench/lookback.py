"""A list changes while 100,000 cases are open: how long until it is known whom it concerns, on the live path, out of the database.

`BENCH_PARTIES=10 python -m bench lookback` gives each case ten parties of its own: a million.
"""

import os
import shutil
import time
from collections.abc import Callable
from datetime import date

import psutil
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from bench.screening.data import FOLDER, crowd
from bench.table import Row
from licensing.audit.actors import SYSTEM
from licensing.cases.models import Case
from licensing.licenses.commands import looking_back
from licensing.licenses.commands.looking_back import look_back
from licensing.screening import formats
from licensing.screening.commands import import_list
from licensing.screening.models import ListSnapshot
from tests.examples.many import copy_rows
from tests.examples.story import Story, seed

EACH = int(os.environ.get("BENCH_PARTIES", "1"))
CROWD = 100_000
MEDIAN, LARGEST = (
    7,
    "2024-02-23",
)  # entities of a median update; the day of the largest one that has been seen, 561 entities
BEFORE = "2024-02-20"
KEY = "ofac-sdn"


def measure() -> list[Row]:
    if not FOLDER.is_dir():
        return [Row("left out", note=f"needs {FOLDER.parent.name}/{FOLDER.name} of the shared data")]
    shutil.rmtree(settings.VAR_DIR / "screening", ignore_errors=True)
    with transaction.atomic():  # leaves the database as it was to the workload that comes next
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        seed()
        before, after = (_files(day) for day in (BEFORE, LARGEST))
        _load(before)
        _crowd(Story().checked())
        rows = [
            _timed(f"which cases there are: {CROWD:,} rows", lambda: len(looking_back._marks(timezone.now()))),
            _looked(f"the first lookup, which indexes {CROWD * EACH:,} parties", _load(_partly(before, after, 1))),
            _looked(f"a median update, {MEDIAN} entities", _load(_partly(before, after, 1 + MEDIAN))),
            _looked("the same again", _newest()),
            _looked("the largest real update", _load(after)),
        ]
        folder = settings.VAR_DIR / "screening"
        size = sum(file.stat().st_size for file in folder.rglob("*.segment")) / 2**20
        memory = psutil.Process().memory_info().rss / 2**20
        rows.append(
            Row("the index", note=f"{size:,.0f} MB in the var folder, mapped; the process has {memory:,.0f} MB")
        )
        rows.append(_screened(_newest()))
        transaction.set_rollback(True)
    return rows


def _timed(what: str, act: Callable[[], int], note: str = "") -> Row:
    began, busy = time.perf_counter(), time.process_time()
    found = act()
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    return Row(what, mean_ms=1000 * seconds, note=note or f"{found:,}; {busy:.1f} s of its own")


def _looked(what: str, snapshot: ListSnapshot) -> Row:
    row = _timed(what, lambda: len(look_back(snapshot_id=snapshot.pk, at=timezone.now())))
    row.rate = f"{snapshot.added + snapshot.changed:,} entities"
    return row


def _screened(snapshot: ListSnapshot) -> Row:
    """The first of the cases that a lookup names, screened forward as the worker does."""
    some = looking_back.look_back(snapshot_id=snapshot.pk, at=timezone.now())[: looking_back.TOGETHER]

    def screen() -> int:
        looking_back.screen_first(case_ids=some, at=timezone.now())
        return len(some)

    return _timed(f"{len(some)} of the cases it names, screened forward", screen)


def _files(day: str) -> list[bytes]:
    content = (FOLDER / "ofac" / f"sdn_{day}.csv").read_bytes()
    return content.rstrip(b"\x1a\r\n").splitlines()


def _partly(before: list[bytes], after: list[bytes], count: int) -> list[bytes]:
    """The list of the day before with so many entities as they were after."""
    number = {line.split(b",", 1)[0]: line for line in before}
    changed = [line for line in after if number.get(line.split(b",", 1)[0]) != line][:count]
    return list({**number, **{line.split(b",", 1)[0]: line for line in changed}}.values())


def _load(lines: list[bytes]) -> ListSnapshot:
    content = formats.pack({"sdn.csv": b"\r\n".join(lines) + b"\r\n"})
    return import_list(
        actor=SYSTEM, key=KEY, name="SDN", source="bench", published_on=date(2024, 2, 20), content=content, format_="ofac"
    )  # fmt: skip


def _newest() -> ListSnapshot:
    return ListSnapshot.objects.filter(restricted_list__key=KEY).select_related("restricted_list").latest("number")


def _crowd(case: Case) -> None:
    """The case many times over, each with parties of its own: invented names, addresses and registration numbers."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE crowd (g int, n int, kind text, name text)")
        with cursor.copy("COPY crowd FROM STDIN") as rows:
            for number, query in enumerate(crowd(CROWD * EACH)):
                rows.write_row((number // EACH + 1, number, query.kind, query.name))
        cursor.execute("CREATE INDEX ON crowd (g)")
    said = (
        "jsonb_build_object('ref', (1000000 + n)::text, 'kind', kind, 'name', name, 'registration_number', 'NO-' || 100000000 + n, "
        "'address', 1 + n %% 97 || ' Harbor Street ' || n %% 1013 || ', 0250 Oslo')"
    )
    own = f"SELECT jsonb_agg(old.as_filed->'parties'->0 || {said}) FROM crowd WHERE crowd.g = g.g"  # noqa: S608 - words of our own
    filed = f"jsonb_set(old.as_filed, '{{parties}}', ({own}))"
    copy_rows(case.application, CROWD, id="md5('application' || g)::uuid", audit_head="''", audit_sequence="0")
    copy_rows(case.workflow, CROWD, id="md5('instance' || g)::uuid", reference="'B' || lpad((g - 1)::text, 6, '0')")
    copy_rows(
        case, CROWD, id="md5('case' || g)::uuid", application_id="md5('application' || g)::uuid", audit_head="''", audit_sequence="0",
        workflow_id="md5('instance' || g)::uuid", control_number="'B' || lpad((g - 1)::text, 6, '0')", as_filed=filed,
        transaction_digest="md5('a' || g) || md5('b' || g)",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
