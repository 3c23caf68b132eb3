"""Celery's way in."""

from celery import shared_task

from licensing.audit import commands


@shared_task(name="licensing.audit.tasks.seal_checkpoint", ignore_result=True)
def seal_checkpoint() -> int:
    """Seal one checkpoint, each minute; gives its number, or 0 when nothing had moved.

    A lost run costs nothing: the next one seals what this one would have.
    """
    checkpoint = commands.seal_checkpoint()
    return checkpoint.number if checkpoint else 0
