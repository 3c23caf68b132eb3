"""What beat calls: due timers, and the sweep that makes up for lost messages."""

import uuid

import structlog
from celery import shared_task
from django.db import transaction
from django.utils import timezone

from workflows import engine, outbox
from workflows.kernel import Refused
from workflows.models import Timer

log = structlog.get_logger(__name__)
TIMERS_AT_ONCE = 1000


@shared_task(name="workflows.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Ring again for work that is due and that nobody is at, and fire timers that have come due. Beat calls it every 10 s."""
    fire_due_timers()
    for row_id, effect in outbox.due():
        outbox.ring(row_id, effect)


def fire_due_timers() -> int:
    """Fire every timer that is due, the earliest first; returns how many. Two sweepers do no harm: a fired timer is gone."""
    now = timezone.now()
    rows = Timer.objects.filter(due_at__lte=now).order_by("due_at", "pk").values_list("instance_id", "key")
    fired = 0
    for instance_id, key in rows[:TIMERS_AT_ONCE]:
        fired += _fire(instance_id, key)
    return fired


def _fire(instance_id: uuid.UUID, key: str) -> int:
    try:
        with transaction.atomic():
            engine.execute(instance_id=instance_id, kind="expire", actor=engine.SYSTEM, data={"timer": key})
    except Refused as refused:
        log.info("workflow.timer_refused", instance=str(instance_id), timer=key, code=refused.code)
        return 0
    return 1
