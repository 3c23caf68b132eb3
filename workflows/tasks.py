"""What beat calls: due timers, and the sweep that makes up for lost messages."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

import structlog
from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone

from workflows import engine, outbox
from workflows.models import Timer

Due = tuple[uuid.UUID, str]
log = structlog.get_logger(__name__)
TIMERS_AT_ONCE = 1000
TOGETHER = 20  # cases whose timers share a transaction: few, for what they lock is locked until all are done


@shared_task(name="workflows.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Ring again for work that is due and that nobody is at, and fire timers that have come due. Beat calls it every 10 s."""
    outbox.ring_again()
    fire_due_timers()


def fire_due_timers() -> int:
    """Fire every timer that is due, the earliest of each case first; returns how many. Two sweepers do no harm: a fired timer is gone."""
    rows = Timer.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
    return sum(
        _fire(turn[place : place + TOGETHER]) for turn in _turns(rows) for place in range(0, len(turn), TOGETHER)
    )


def _turns(rows: QuerySet[Timer]) -> list[list[Due]]:
    """The due timers in turns, no case twice in one."""
    by_case: dict[uuid.UUID, list[Due]] = defaultdict(list)
    for instance_id, key in rows.values_list("instance_id", "key")[:TIMERS_AT_ONCE]:
        by_case[instance_id].append((instance_id, key))
    turns: list[list[Due]] = []
    for timers in by_case.values():
        for turn, timer in enumerate(timers):
            if turn == len(turns):
                turns.append([])
            turns[turn].append(timer)
    return turns


def _fire(due: Sequence[Due]) -> int:
    """Fire some together; when that fails, one by one, so that a case that cannot go on holds up no other."""
    try:
        return engine.expire(due)
    except Exception:
        if len(due) > 1:
            return sum(_fire([timer]) for timer in due)
        log.exception("workflow.timer_failed", instance=str(due[0][0]), timer=due[0][1])
        return 0
