"""Many of what there is one of: rows copied by the database itself, for crowds that no story could tell one by one."""

from typing import Any

from django.db import connection, models

from licensing.cases.models import Case
from licensing.documents.models import Document
from licensing.licenses.models import License
from workflows.models import OutboxRow

FIRST = 1_000_000  # serial ids of copies begin here; nothing else comes near


def copy_rows(row: models.Model, count: int, **changed: str) -> None:
    """`count` copies of a row; what differs is an SQL expression of `g`, the number of the copy from 1 on."""
    fields = row._meta.concrete_fields
    quoted = {field.attname: connection.ops.quote_name(str(field.column)) for field in fields}
    table = connection.ops.quote_name(row._meta.db_table)
    values = ", ".join(changed.get(name, f"old.{column}") for name, column in quoted.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(quoted.values())}) SELECT {values} "  # noqa: S608 - names of our own models
            f"FROM {table} old, generate_series(1, {count:d}) g WHERE old.{quoted[_pk(row)]} = %s",
            [row.pk],
        )


def _pk(row: models.Model) -> str:
    return str(row._meta.pk.attname)  # type: ignore[union-attr]


def uuid_of(what: str) -> str:
    return f"md5('{what}' || g)::uuid"


def copy_cases(case: Case, count: int) -> None:
    """Copies of a case with its decisions and whatever its workflow still owes, each with ids of its own."""
    old, new = str(case.workflow_id), f"({uuid_of('instance')})::text"
    number = "'Z' || lpad(g::text, 6, '0')"
    copy_rows(case.application, count, id=uuid_of("application"), audit_head="''", audit_sequence="0")
    copy_rows(
        case.workflow, count, id=uuid_of("instance"), reference=number,
        snapshot=f"replace(replace(old.snapshot::text, '{old}', {new}), '{case.control_number}', {number})::jsonb",
    )  # fmt: skip
    run = case.screening_run
    if run is not None:
        copy_rows(run, count, id=f"{FIRST + run.pk * count} + g", subject_id=f"({uuid_of('case')})::text")
    copy_rows(
        case, count, id=uuid_of("case"), application_id=uuid_of("application"), workflow_id=uuid_of("instance"), control_number=number,
        transaction_digest="md5('a' || g) || md5('b' || g)",
        screening_run_id=f"{FIRST + run.pk * count} + g" if run else "NULL", audit_head="''", audit_sequence="0",
    )  # fmt: skip
    for decision in case.decisions.all():
        copy_rows(decision, count, id=f"{FIRST + decision.pk * count} + g", case_id=uuid_of("case"))
        for item in decision.items.all():
            copy_rows(
                item, count, id=f"{FIRST + item.pk * count} + g", decision_id=f"{FIRST + decision.pk * count} + g"
            )
    for row in OutboxRow.objects.filter(payload__instance=old):
        changed: dict[str, Any] = {"payload": f"replace(old.payload::text, '{old}', {new})::jsonb"}
        copy_rows(
            row, count, id=uuid_of(f"outbox{row.pk}"),
            key=f"replace(replace(old.key, '{old}', {new}), '{case.control_number}', {number})", **changed,
        )  # fmt: skip


def copy_licenses(license_: License, count: int) -> None:
    """Copies of an issued license, each on a case of its own, with its document's row, items, texts and the note of its end."""
    case = Case.objects.select_related("application", "workflow").get(pk=license_.case_id)
    copy_cases(case, count)
    document = Document.objects.get(pk=license_.document_id)
    copy_rows(
        document, count, id=uuid_of("document"), sha256="md5('c' || g) || md5('d' || g)", subject_id=f"({uuid_of('license')})::text"
    )  # fmt: skip
    copy_rows(
        license_, count, id=uuid_of("license"), case_id=uuid_of("case"), document_id=uuid_of("document"),
        number="'BENCH-' || lpad(g::text, 9, '0')", audit_head="''", audit_sequence="0",
    )  # fmt: skip
    for child in (*license_.items.all(), *license_.texts.all()):
        copy_rows(child, count, id=f"{FIRST + child.pk * count} + g", license_id=uuid_of("license"))
    ends = OutboxRow.objects.get(key=f"license:{license_.pk}")
    copy_rows(ends, count, id=uuid_of("end"), key=f"'license:' || ({uuid_of('license')})::text")
