"""Writing the trail. These are called inside other commands, which have locked the subject's row."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, models, transaction
from django.utils import timezone

from licensing.audit import rules, wording
from licensing.audit.actors import Actor
from licensing.audit.canonical import plain
from licensing.audit.models import Access, Chained, Checkpoint, CheckpointHead, Event, Refusal
from licensing.audit.refusals import Refused

P = ParamSpec("P")
R = TypeVar("R")

SEALING = 0x656E7465  # the advisory lock that lets one sealer work at a time
BATCH = 2000


class ChainConflict(RuntimeError):
    """The subject's trail has moved since its row was read: the caller did not hold the row's lock."""


def kind_of(subject: models.Model | type[models.Model]) -> str:
    """What the trail calls a table: `cases.case`."""
    return subject._meta.label_lower


def record(subject: Chained, event: str, /, *, actor: Actor, workflow_hash: str = "", **data: Any) -> Event:
    """Append one event to the trail of a row that the caller has locked, in the caller's transaction.

    `data` is kept as JSON (see `canonical.plain`); `workflow_hash` is the hash of the workflow's own event when there is one.
    Raises ChainConflict when the row's trail has moved since it was read, RuntimeError outside a transaction, and Unworded
    for an event that has no sentence.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded inside the transaction of the change that it tells of")
    if not wording.known(event):
        raise wording.Unworded(f"{event} has no sentence: give it one with licensing.audit.wording.register")
    entry = rules.Entry(
        subject_kind=kind_of(subject),
        subject_id=str(subject.pk),
        sequence=subject.audit_sequence + 1,
        event=str(event),
        at=timezone.now(),
        actor_id=actor.actor_id,
        actor_label=actor.actor_label,
        data=plain(data),
        workflow_hash=workflow_hash,
        previous_hash=subject.audit_head,
    )
    head = entry.hash()
    _advance(subject, entry, head)
    return Event.objects.create(**entry.__dict__, hash=head)


def _advance(subject: Chained, entry: rules.Entry, head: str) -> None:
    moved = (
        type(subject)
        ._base_manager.filter(pk=subject.pk, audit_sequence=subject.audit_sequence, audit_head=subject.audit_head)
        .update(audit_sequence=entry.sequence, audit_head=head)
    )
    if moved != 1:
        raise ChainConflict(
            f"{entry.subject_kind}:{entry.subject_id} is no longer at event {subject.audit_sequence}: "
            "lock the row before recording on it"
        )
    subject.audit_sequence, subject.audit_head = entry.sequence, head


def access(actor: Actor, subject: models.Model, what: str) -> Access:
    """Write down that somebody read something: `access(person, case, "case file")`."""
    return Access.objects.create(
        subject_kind=kind_of(subject),
        subject_id=str(subject.pk),
        what=what,
        actor_id=actor.actor_id,
        actor_label=actor.actor_label,
    )


def refusals_logged(event: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a command so that its refusals are kept: `@refusals_logged("case:refer")`.

    After the command's transaction has rolled back, a `Refusal` is written in one of its own and the exception goes on. The
    subject is the first keyword argument whose name ends in `_id`, or that is a row. Where commands nest, the refusal is
    written by the outermost one: what an inner one writes is rolled back with the outer.
    """

    def decorate(command: Callable[P, R]) -> Callable[P, R]:
        @wraps(command)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return command(*args, **kwargs)
            except Refused as refused:
                if not refused.logged and not connection.needs_rollback:
                    _keep_refusal(event, refused, kwargs)
                raise

        return guarded

    return decorate


def _keep_refusal(event: str, refused: Refused, given: dict[str, Any]) -> None:
    actor = given.get("actor")
    kind, key = _subject_of(given)
    with transaction.atomic():
        Refusal.objects.create(
            event=event,
            subject_kind=kind,
            subject_id=key,
            actor_id=getattr(actor, "actor_id", "") or "anonymous",
            actor_label=getattr(actor, "actor_label", "") or "Nobody signed in",
            code=refused.code,
            sentence=refused.sentence,
        )
    refused.logged = not connection.in_atomic_block


def _subject_of(given: dict[str, Any]) -> tuple[str, str]:
    for name, value in given.items():
        if name == "actor" or value is None:
            continue
        if isinstance(value, models.Model):
            return kind_of(value), str(value.pk)
        if name.endswith("_id"):
            return name.removesuffix("_id"), str(value)[:64]
    return "", ""


def horizon() -> int:
    """The transaction below which every transaction has ended: nothing below it can commit any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


@transaction.atomic
def seal_checkpoint(*, below: int | None = None) -> Checkpoint | None:
    """Seal the heads of all subjects that moved since the last checkpoint; None when nothing moved.

    Takes events of transactions below the horizon only: one that commits late with a lower id than its neighbours is left for the
    next checkpoint instead of being passed over. `below` replaces the horizon where the caller knows of a later one.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING])
    last = Checkpoint.objects.order_by("-number").first()
    limit = horizon() if below is None else below
    moved = _moved_since(last, limit)
    through = moved.aggregate(models.Max("pk"))["pk__max"]
    if through is None:
        return None
    heads = moved.order_by("subject_kind", "subject_id", "-sequence").distinct("subject_kind", "subject_id")
    count = heads.count()
    seal = {
        "number": last.number + 1 if last else 1,
        "at": timezone.now(),
        "horizon": limit,
        "through": max(through, last.through if last else 0),
        "count": count,
        "heads_hash": rules.heads_hash(_as_heads(heads)),
        "previous_hash": last.hash if last else "",
    }
    checkpoint = Checkpoint.objects.create(**seal, hash=rules.checkpoint_hash(**seal))
    _keep_heads(checkpoint, _as_heads(heads))
    return checkpoint


def _moved_since(last: Checkpoint | None, limit: int) -> models.QuerySet[Event]:
    if last is None:
        return Event.objects.filter(xact__lt=limit)
    if limit >= last.horizon:
        return Event.objects.filter(xact__gte=last.horizon, xact__lt=limit)
    # The database was restored into another cluster, whose transactions count from the beginning: the old numbers say nothing,
    # so wait for all who are writing now and go by the events' ids this once.
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {Event._meta.db_table} IN SHARE MODE")
    return Event.objects.filter(pk__gt=last.through)


def _as_heads(events: models.QuerySet[Event]) -> Iterator[rules.Head]:
    fields = events.values_list("subject_kind", "subject_id", "sequence", "hash")
    return (rules.Head(*row) for row in fields.iterator(chunk_size=BATCH))


def _keep_heads(checkpoint: Checkpoint, heads: Iterator[rules.Head]) -> None:
    batch: list[CheckpointHead] = []
    for head in heads:
        batch.append(CheckpointHead(checkpoint=checkpoint, **head.__dict__))
        if len(batch) == BATCH:
            CheckpointHead.objects.bulk_create(batch)
            batch = []
    CheckpointHead.objects.bulk_create(batch)
