"""Celery's way in."""

import structlog
from celery import shared_task
from django.utils import timezone

from licensing.licenses.commands.issuing import watch
from licensing.licenses.queries import due_for_screening

log = structlog.get_logger(__name__)
AT_ONCE = 100


@shared_task(name="licensing.licenses.tasks.rescreen", ignore_result=True)
def rescreen() -> int:
    """Screen again what is due, the longest waiting first; returns how many were screened.

    Which cases are due is a question to the database, so a lost run loses nothing. One that fails stays due, and is logged.
    """
    now, done = timezone.now(), 0
    for case_id in list(due_for_screening(now).values_list("pk", flat=True)[:AT_ONCE]):
        try:
            watch(case_id=case_id, at=now)
            done += 1
        except Exception:
            log.exception("screening.failed_again", case=str(case_id))
    return done
