"""What a draft would change in 100,000 pending applications: on one worker, beside reading the same rows and doing nothing with them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from django.db import connection, models, transaction
from django.utils import timezone

from bench.table import Row
from licensing.cases.models import Application, Case
from licensing.oversight import comparing
from licensing.oversight.commands import running
from licensing.oversight.commands.asking import ask_impact
from licensing.publishing.commands import edit_draft, open_draft
from tests.examples.story import Story, person, seed, work_off
from workflows.models import Instance

CROWD = 100_000
COUNTRIES = ["NO", "SE", "FR", "JP", "IN", "BR", "AE", "SG", "KE", "CH"]
WATCHED = ["SE", "FR"]  # so that one in five answers changes


def measure() -> list[Row]:
    with transaction.atomic():  # leaves the database as it was to the workload that comes next
        rows = _measured()
        transaction.set_rollback(True)
    return rows


def _measured() -> list[Row]:
    seed()
    _crowd(Story().checked())
    kim = person("amara.okafor")
    draft = open_draft(actor=kim, kind="country_list", key="AUTHORITY_WATCH", note="Two more are watched")
    members = [{"code": code, "note": ""} for code in WATCHED]
    draft = edit_draft(actor=kim, publication_id=draft.pk, content={**draft.content, "members": members})
    floor = _timed(f"read {CROWD:,} applications, no more", _read_all)
    with _watched() as peaks:
        row = _timed(f"impact of a draft on {CROWD:,} applications", lambda: _preview(kim, draft.pk))
    first, most = peaks[0], max(peaks)
    row.note = f"target: 60 s; {row.note}; memory {first:.0f} MB after the first batch, {most:.0f} MB at most"
    return [row, floor]


def _preview(kim: Any, draft_id: int) -> None:
    run = ask_impact(actor=kim, publication_id=draft_id)
    work_off()
    run.refresh_from_db()
    assert (run.done, run.problem) == (CROWD + 1, "")
    touched = run.affected.count()
    assert touched == CROWD * len(WATCHED) // len(COUNTRIES), touched


def _read_all() -> None:
    cursor, now, read = "", timezone.now(), 0
    while batch := comparing.subjects(cursor, now, running._Preview.size):
        cursor, read = batch[-1].cursor, read + len(batch)
    assert read == CROWD + 1


@contextmanager
def _watched() -> Iterator[list[float]]:
    """The resident memory after each batch, in megabytes."""
    peaks: list[float] = []
    advance, process = running._advance, psutil.Process()

    def noted(*args: Any) -> bool:
        peaks.append(process.memory_info().rss / 2**20)
        return advance(*args)

    running._advance = noted
    try:
        yield peaks
    finally:
        running._advance = advance


def _timed(what: str, act: Callable[[], None]) -> Row:
    began, busy = time.perf_counter(), time.process_time()
    act()
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    return Row(what, mean_ms=1000 * seconds, rate=f"{CROWD / seconds:,.0f}/s", note=f"{busy:.0f} s of its own")


def _crowd(case: Case) -> None:
    """The case many times over: 10,000 mixtures of destination and training operations, each application with words of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(
            "CREATE TEMP TABLE many AS SELECT n, gen_random_uuid() application, gen_random_uuid() workflow, gen_random_uuid() pk "
            "FROM generate_series(1, %s) n",
            [CROWD],
        )
        codes = "(%s::text[])[1 + n %% 10]"
        operations = "'210' || lpad((n / 10 %% 1000)::text, 3, '0') || repeat('0', 21)"
        filed = (
            f"jsonb_set(jsonb_set(jsonb_set(as_filed, '{{transaction,destination}}', to_jsonb({codes})), '{{end_use,statement}}', "
            f"to_jsonb('Letters of ward ' || n)), '{{items,0,operations}}', to_jsonb({operations}))"
        )
        number = "'B' || lpad((n - 1)::text, 6, '0')"
        _copy(cursor, Instance, case.workflow_id, {"id": "many.workflow", "reference": number})
        _copy(cursor, Application, case.application_id, {"id": "many.application"})
        _copy(
            cursor, Case, case.pk,
            {
                "id": "many.pk", "application_id": "many.application", "workflow_id": "many.workflow", "as_filed": filed,
                "control_number": number, "transaction_digest": "md5(n::text)",
            },
            [COUNTRIES],
        )  # fmt: skip
        cursor.execute("ANALYZE")


def _copy(
    cursor: Any, model: type[models.Model], pk: object, instead: dict[str, str], values: list[object] | None = None
) -> None:
    table = model._meta.db_table
    columns = [field.column for field in model._meta.local_concrete_fields]
    chosen = ", ".join(instead.get(column, f'one."{column}"') for column in columns)
    named = ", ".join(f'"{column}"' for column in columns)
    cursor.execute(
        f'INSERT INTO "{table}" ({named}) SELECT {chosen} FROM "{table}" one, many WHERE one.id = %s',  # noqa: S608 - names of our own
        [*(values or []), pk],
    )
