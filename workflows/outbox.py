"""Work that must happen: a row in the transaction that owes it, a Celery message as a doorbell, a lease while somebody is at it.

A lost message delays, never loses: `sweep` rings again for every row that is due and not leased.
"""

import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import Task, current_app, shared_task
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from workflows.models import Incident, OutboxRow, OutboxState

LEASE = timedelta(seconds=40)  # above the time limit of a task
MARGIN = timedelta(seconds=10)  # by which a lease is above the time limit that an effect has of its own
MOST_ATTEMPTS = 8
LONGEST_WAIT = timedelta(hours=1)

Handler = Callable[[str, Mapping[str, Any]], None]
Mourner = Callable[[OutboxRow, str], None]
log = structlog.get_logger(__name__)

_handlers: dict[str, Handler] = {}
_mourners: dict[str, Mourner] = {}
_tasks: dict[str, "Task[..., None]"] = {}
_queues: dict[str, str] = {}
_leases: dict[str, timedelta] = {}


class PermanentFailure(Exception):
    """Trying again would not help; the row dies now and somebody has to look at it."""


def register(
    effect: str, handler: Handler, queue: str, *, on_death: Mourner | None = None, seconds: int | None = None
) -> None:
    """`handler(key, payload)` does the work in a Celery task of the effect's own name; it may run more than once per key.

    `seconds` is the time limit of an effect that takes longer than others; its lease is longer too.
    """
    _handlers[effect] = handler
    _queues[effect] = queue
    _mourners[effect] = on_death or _open_incident
    if seconds is not None:
        _leases[effect] = timedelta(seconds=seconds) + MARGIN
    if effect not in _tasks:
        declare: Callable[..., Any] = shared_task  # its types do not know that a limit of None is the common one
        _tasks[effect] = declare(name=f"workflows.{effect}", ignore_result=True, time_limit=seconds)(_task_body(effect))


def _task_body(effect: str) -> Callable[[str], None]:
    def body(row_id: str) -> None:
        work(uuid.UUID(row_id))

    body.__name__ = effect
    return body


def put(*, effect: str, key: str, payload: Mapping[str, Any] | None = None, due_at: datetime | None = None) -> None:
    """Owe an effect, once per key, in the caller's transaction; the bell rings when that commits. One query."""
    if effect not in _handlers:
        raise LookupError(f"nobody has registered the effect {effect!r}")
    now = timezone.now()
    row = OutboxRow(
        effect=effect, key=key, payload=dict(payload or {}), queue=_queues[effect], due_at=due_at or now, created_at=now
    )  # fmt: skip
    OutboxRow.objects.bulk_create([row], ignore_conflicts=True)
    if row.due_at <= now:
        transaction.on_commit(lambda: ring(row.pk, effect))


def ring(row_id: uuid.UUID, effect: str) -> bool:
    """Send the message that says there is work; whether it was sent. A broker that is down is no error: the sweeper rings again."""
    try:
        _tasks[effect].apply_async(args=(str(row_id),), queue=_queues[effect])
    except Exception as error:  # noqa: BLE001 - whatever the transport raises; the row is safe
        log.warning("outbox.bell_unheard", effect=effect, row=row_id, error=str(error))
        return False
    return True


def ring_again(limit: int = 500) -> None:
    """Ring for work that is due and that nobody is at, the oldest first. Messages that still wait in a queue count: a backlog is not
    rung for over and over, and what it has lost is made up for when it has shrunk.
    """
    owed: dict[str, list[tuple[uuid.UUID, str]]] = defaultdict(list)
    for row_id, effect in due(limit):
        owed[_queues[effect]].append((row_id, effect))
    for queue, rows in owed.items():
        for row_id, effect in rows[: max(0, len(rows) - _waiting(queue))]:
            if not ring(row_id, effect):
                return  # the broker is away: the next sweep is soon enough for all of them


def _waiting(queue: str) -> int:
    """Messages in a queue that no worker has taken; none where the broker does not say."""
    try:
        with current_app.connection_or_acquire() as connection:
            return int(connection.default_channel.client.llen(queue))
    except Exception as error:  # noqa: BLE001 - whatever the transport raises; at worst a bell rings twice
        log.warning("outbox.queue_unseen", queue=queue, error=str(error))
        return 0


def work(row_id: uuid.UUID) -> bool:
    """Claim a row, do its work, finish it. Returns whether there was anything to do here."""
    claimed = _claim(row_id)
    if claimed is None:
        return False
    try:
        _handlers[claimed.effect](claimed.key, claimed.payload)
    except PermanentFailure as failure:
        _die(claimed, str(failure))
    except Exception as error:
        log.exception("outbox.attempt_failed", effect=claimed.effect, key=claimed.key, attempt=claimed.attempts)
        _try_later(claimed, f"{type(error).__name__}: {error}")
    else:
        _ours(claimed).update(state=OutboxState.DONE, finished_at=timezone.now(), leased_until=None, error="")
    return True


def _claim(row_id: uuid.UUID) -> OutboxRow | None:
    """Take the lease and count the attempt, committed before the work begins: what kills its worker is counted too."""
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    with transaction.atomic():
        row = (
            OutboxRow.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(free, pk=row_id, state=OutboxState.DUE, due_at__lte=now)
            .first()
        )
        if row is None:
            return None
        if row.attempts >= MOST_ATTEMPTS:
            _die(row, row.error or f"its worker was lost {row.attempts} times")
            return None
        row.attempts += 1
        row.leased_until = now + _leases.get(row.effect, LEASE)
        row.save(update_fields=["attempts", "leased_until"])
    return row


def _ours(row: OutboxRow) -> Any:
    """The row, as long as our lease is the one that stands; the number of the attempt is the fence."""
    return OutboxRow.objects.filter(pk=row.pk, attempts=row.attempts, state=OutboxState.DUE)


def _try_later(row: OutboxRow, error: str) -> None:
    if row.attempts >= MOST_ATTEMPTS:
        _die(row, error)
        return
    wait = min(timedelta(seconds=2**row.attempts), LONGEST_WAIT)
    jitter = timedelta(seconds=random.uniform(0, 1))  # noqa: S311 - spreads retries, guards nothing
    _ours(row).update(due_at=timezone.now() + wait + jitter, leased_until=None, error=error[:2000])


def _die(row: OutboxRow, error: str) -> None:
    with transaction.atomic():
        died = _ours(row).update(
            state=OutboxState.DEAD, finished_at=timezone.now(), leased_until=None, error=error[:2000]
        )
        if died:
            _mourners[row.effect](row, error)


def _open_incident(row: OutboxRow, error: str) -> None:
    Incident.objects.create(
        row=row, what="effect_failed", why=f"{row.effect}: {error}"[:2000], opened_at=timezone.now()
    )


def revive(row_id: uuid.UUID) -> None:
    """Owe a dead row again: for a person who has mended what killed it."""
    with transaction.atomic():
        row = OutboxRow.objects.select_for_update(of=("self",)).get(pk=row_id, state=OutboxState.DEAD)
        row.state, row.attempts, row.finished_at, row.due_at = OutboxState.DUE, 0, None, timezone.now()
        row.save(update_fields=["state", "attempts", "finished_at", "due_at"])
        Incident.objects.filter(row=row, resolved_at__isnull=True).update(resolved_at=timezone.now())
        transaction.on_commit(lambda: ring(row.pk, row.effect))


def due(limit: int = 500) -> list[tuple[uuid.UUID, str]]:
    """Rows that are due and that nobody is at: id and effect, the oldest first."""
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    rows = OutboxRow.objects.filter(free, state=OutboxState.DUE, due_at__lte=now, effect__in=_handlers)
    return list(rows.order_by(F("due_at").asc()).values_list("pk", "effect")[:limit])
