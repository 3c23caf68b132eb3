"""Celery's way in."""

from celery import shared_task
from django.utils import timezone

from licensing.screening.commands.sources import owe_fetches


@shared_task(name="licensing.screening.tasks.fetch_lists", ignore_result=True)
def fetch_lists() -> int:
    """Owe a fetch of every list whose interval has begun; returns how many lists are fetched at all. A lost run loses nothing."""
    return owe_fetches(timezone.now())
