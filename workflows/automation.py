"""Automated stages: an effect of the application runs in a worker and reports its outcome to the case."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import transaction

from workflows import engine, outbox
from workflows.kernel import Refused
from workflows.models import Instance, OutboxRow

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Result:
    """What an effect says: one of the outcomes that its stage routes, and facts that the definition declares."""

    outcome: str
    facts: Mapping[str, Any] = field(default_factory=dict)


Run = Callable[[uuid.UUID, str], Result]


def register(effect: str, run: Run, queue: str) -> None:
    """`run(instance_id, key)` does the work of a stage; it is safe to repeat under the same key.

    An error is tried again; `outbox.PermanentFailure`, or the last attempt, opens an incident in the case.
    """
    outbox.register(effect, _Stage(run), queue, on_death=_report_failure)


class _Stage:
    def __init__(self, run: Run) -> None:
        self._run = run

    def __call__(self, key: str, payload: Mapping[str, Any]) -> None:
        instance_id = uuid.UUID(payload["instance"])
        if not _wanted(instance_id, key):
            log.info("workflow.effect_not_wanted", instance=str(instance_id), key=key)
            return
        result = self._run(instance_id, key)
        _report(instance_id, "complete", {"key": key, "outcome": result.outcome, "facts": dict(result.facts)})


def _wanted(instance_id: uuid.UUID, key: str) -> bool:
    """Whether the case still waits for this: it may have been withdrawn, or moved on by hand, meanwhile."""
    return Instance.objects.get(pk=instance_id).state.effect == key


def _report_failure(row: OutboxRow, error: str) -> None:
    _report(uuid.UUID(row.payload["instance"]), "fail", {"key": row.key, "reason": error[:1000] or "it failed"})


def _report(instance_id: uuid.UUID, kind: str, data: Mapping[str, Any]) -> None:
    """Tell the case. It may have gone on without us, or have heard it from another worker: then there is nothing to say."""
    try:
        with transaction.atomic():
            engine.execute(instance_id=instance_id, kind=kind, actor=engine.SYSTEM, data=data)
    except Refused as refused:
        log.info("workflow.report_refused", instance=str(instance_id), kind=kind, code=refused.code)
