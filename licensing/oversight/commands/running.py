"""The pass over applications and licenses: in a worker, batch after batch, each kept before the next begins."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from licensing.accounts.permissions import is_cleared
from licensing.audit.refusals import Invalid, NotNow
from licensing.licenses.models import License
from licensing.oversight import comparing
from licensing.oversight.commands.acting import Acting
from licensing.oversight.commands.asking import EFFECT
from licensing.oversight.comparing import Binding, Comparison, Subject
from licensing.oversight.models import Affected, ImpactRun
from workflows import outbox

TURN = 10.0  # seconds that a task works before it lets others have the worker: well below its time limit


def assess(key: str, payload: Mapping[str, Any]) -> None:
    """The effect `assess_impact`, key `<run>:<done so far>`: work for a turn, and owe the next. Safe to repeat and to cut off."""
    run = ImpactRun.objects.select_related("publication", "asked_by").get(pk=uuid.UUID(key.partition(":")[0]))
    if run.finished_at is not None:
        return
    until, now = time.monotonic() + TURN, timezone.now()
    try:
        work = _Preview(run) if run.is_preview else Acting(run, now)
    except (Invalid, NotNow) as refused:
        _finish(run, str(refused))
        return
    if run.started_at is None:
        run.started_at, run.total = now, comparing.pending().count() + License.objects.live_at(max(run.at, now)).count()
        run.save(update_fields=["started_at", "total"])
    while batch := comparing.subjects(run.cursor, max(run.at, now), work.size):
        work.batch(batch)
        if not _advance(run, batch):
            return  # another worker has taken over
        if time.monotonic() > until:
            outbox.put(effect=EFFECT, key=f"{run.pk}:{run.done}")
            return
    _finish(run)


def _advance(run: ImpactRun, batch: list[Subject]) -> bool:
    """Keep how far the run has come; False when somebody else has moved it since."""
    reached, done = batch[-1].cursor, run.done + len(batch)
    moved = ImpactRun.objects.filter(pk=run.pk, cursor=run.cursor, finished_at__isnull=True)
    if not moved.update(cursor=reached, done=done):
        return False
    run.cursor, run.done = reached, done
    return True


def _finish(run: ImpactRun, problem: str = "") -> None:
    ImpactRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), total=F("done"), problem=problem)
    if run.is_preview:  # an older preview of the same draft is of no use to the one who asked again
        older = ImpactRun.objects.filter(publication=run.publication_id, purpose=run.purpose, asked_by=run.asked_by_id)
        older.filter(asked_at__lt=run.asked_at).delete()


class _Preview:
    """Compares what is in force with the draft, as of the instant that was asked for."""

    size = 500
    latest: Comparison | None = None  # in this process: a worker goes on where its last turn ended

    def __init__(self, run: ImpactRun) -> None:
        if run.publication.content_hash != run.content_hash:
            raise NotNow("draft_changed", "The draft has been changed since: ask again.")
        in_full = run.asked_by is not None and is_cleared(run.asked_by)
        drafted = Binding(run.at, instead=run.publication, in_full=in_full)
        self.comparison = Comparison(run, Binding(run.at, in_full=in_full), drafted)
        if _Preview.latest is not None:
            self.comparison.goes_on_from(_Preview.latest)
        _Preview.latest = self.comparison

    def batch(self, subjects: list[Subject]) -> None:
        rows = [row for each in subjects if (row := self.comparison.row(each))]
        with transaction.atomic():
            Affected.objects.bulk_create(rows, ignore_conflicts=True)
