"""What a reviewer has screened besides cases: a few parties at once, or a file of them in parts that workers do."""

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_review
from licensing.audit.commands import access, record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.screening import batch
from licensing.screening.commands.running import plain_query, screen
from licensing.screening.engine.names import usable
from licensing.screening.events import ScreeningEvent
from licensing.screening.match import Index, ScreeningQuery, UnusableName
from licensing.screening.models import Batch, BatchPart, ListSnapshot, ScreeningRun
from licensing.screening.models.batches import PART
from licensing.screening.queries import SEPARATOR, basis, index_of
from licensing.screening.replaying import above, query_of
from workflows import outbox

CHECK = "check"  # the kind of subject of an ad-hoc run
SCREEN_PART = "screen_part"
MOST_PARTIES = 20_000
MOST_AT_ONCE = 100


def _require_reviewer(actor: Person) -> None:
    if not may_review(actor):
        raise NotPermitted("not_a_reviewer", "Only reviewers screen parties besides those of a case.")


@refusals_logged(ScreeningEvent.RUN_FAILED)
def check_parties(*, actor: Person, parties: Sequence[Any]) -> ScreeningRun:
    """Screen up to `MOST_AT_ONCE` parties now, as a run of its own that can be repeated; who asked is written down.

    Each party is a mapping with `id`, `name` and, where known, `type`, `birth_date`, `country`, `identifiers`, `aliases`. A hit of
    such a run is decided by nobody. Raises `Invalid` that names the party and the field.
    """
    _require_reviewer(actor)
    if not 1 <= len(parties) <= MOST_AT_ONCE:
        raise Invalid.one("parties", len(parties), f"Give 1 to {MOST_AT_ONCE} parties; upload more as a file.")
    queries, problems = [], []
    for number, row in enumerate(parties):
        try:
            query = batch.query_of(f"parties.{number}", row)
        except batch.BadInput as bad:
            problems.append(Problem(f"parties.{number}", str(row)[:80], str(bad)))
            continue
        mute = [name for name in (query.name, *query.aliases) if not usable(name)]
        problems += [
            Problem(f"parties.{number}.name", name[:80], "Give a name with letters that can be compared.")
            for name in mute
        ]
        queries.append(query)
    if problems:
        raise Invalid(problems)
    run = screen(actor=actor, subject_kind=CHECK, subject_id=str(uuid.uuid4()), queries=queries)
    access(actor, run, "screening of parties")
    return run


@refusals_logged(ScreeningEvent.BATCH_STARTED)
def start_batch(*, actor: Person, filename: str, content: bytes) -> Batch:
    """Take a file of parties (JSON lines, or CSV with a heading) and owe its screening, against the lists in force now.

    Raises `Invalid` with the line and the mend for a file that cannot be used whole, `NotNow` when no list is in force.
    """
    _require_reviewer(actor)
    try:
        queries = _parsed(filename, content)
    except batch.BadInput as bad:
        raise Invalid.one("file", filename, str(bad)) from None
    now = basis(timezone.now())
    if not now.snapshots:
        raise NotNow("no_lists", "No restricted-party list is in force: an administrator has to load one.")
    with transaction.atomic():
        started = Batch.objects.create(
            filename=filename[:200], queries=[plain_query(query) for query in queries], snapshots=now.named,
            engine_version=now.engine, thresholds=now.thresholds, at=timezone.now(), actor_id=actor.actor_id,
            actor_label=actor.actor_label,
        )  # fmt: skip
        record(started, ScreeningEvent.BATCH_STARTED, actor=actor, filename=started.filename, parties=len(queries))
        for number in range(started.parts_owed):
            outbox.put(
                effect=SCREEN_PART, key=f"{started.pk}:{number}", payload={"batch": str(started.pk), "part": number}
            )
    return started


def _parsed(filename: str, content: bytes) -> list[ScreeningQuery]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise batch.BadInput(f"{filename}: byte {error.start} is not UTF-8: save the file as UTF-8") from None
    if filename.casefold().endswith(".csv"):
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        try:
            found = [batch.query_of(f"{filename}, line {rows.line_num}", _cells(row)) for row in rows]
        except csv.Error as error:
            raise batch.BadInput(f"{filename}, line {rows.line_num}: {error}: correct the quotes") from None
    else:
        found = [
            batch.query_of_line(f"{filename}, line {number}", line)
            for number, line in enumerate(text.split("\n"), start=1)
            if line.strip()
        ]
    if not 1 <= len(found) <= MOST_PARTIES:
        raise batch.BadInput(f"{filename}: it has {len(found)} parties; give 1 to {MOST_PARTIES}")
    if len({query.ref for query in found}) != len(found):
        raise batch.BadInput(f"{filename}: an id stands twice: give each party its own")
    return found


def _cells(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A row of CSV as one of JSON: several values in a column stand apart with `|`."""
    many = ("identifiers", "aliases")
    return {
        name: [part.strip() for part in value.split("|") if part.strip()] if name in many and value else value or None
        for name, value in row.items()
    }


def screen_part_effect(key: str, payload: Mapping[str, Any]) -> None:
    """The outbox's handler."""
    screen_part(batch_id=uuid.UUID(payload["batch"]), number=payload["part"])


def screen_part(*, batch_id: uuid.UUID, number: int) -> None:
    """Screen one part of a batch, against the lists as they stood when it came. A part that is there already is left alone.

    A party that cannot be screened has `error` in its answer: it is never without hits.
    """
    found = Batch.objects.get(pk=batch_id)
    if found.parts.filter(number=number).exists():
        return
    digests = [row["sha256"] for row in found.snapshots]
    snapshots = ListSnapshot.objects.filter(sha256__in=digests).select_related("restricted_list").defer("data")
    wanted = {(row["list"], row["number"]) for row in found.snapshots}
    index = index_of([row for row in snapshots if (row.restricted_list.key, row.number) in wanted])
    answers = [
        _answer(index, query_of(row), found.thresholds) for row in found.queries[number * PART : (number + 1) * PART]
    ]
    BatchPart.objects.bulk_create([BatchPart(batch=found, number=number, answers=answers)], ignore_conflicts=True)


def _answer(index: Index, query: ScreeningQuery, thresholds: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = above(index, query, thresholds)
    except UnusableName as unusable:
        return {"id": query.ref, "name": query.name, "error": str(unusable)}
    hits = []
    for hit in found:
        key, _, entity_id = hit.entity_id.partition(SEPARATOR)
        hits.append(
            {
                "list": key,
                "entity_id": entity_id,
                "listed_name": hit.listed_name,
                "score": hit.score,
                "features": hit.features,
            }
        )
    return {"id": query.ref, "name": query.name, "hits": hits}
