"""Celery's way in."""

from celery import shared_task
from django.utils import timezone

from licensing.licenses.commands.watching import try_to_watch
from licensing.licenses.queries import due_for_screening

AT_ONCE = 100


@shared_task(name="licensing.licenses.tasks.rescreen", ignore_result=True)
def rescreen() -> int:
    """Screen again what is due, the longest waiting first; returns how many were screened.

    Which cases are due is a question to the database, so a lost run loses nothing. One that fails stays due, and is logged.
    """
    now = timezone.now()
    due = list(due_for_screening(now).values_list("pk", flat=True)[:AT_ONCE])
    return sum(try_to_watch(case_id=case_id, at=now) for case_id in due)
