"""How a person's command moves the workflow of a case: `move`, then `settle` when what the command writes is written."""

import uuid
from collections.abc import Mapping
from typing import Any

from licensing.accounts.models import Person
from licensing.audit.commands import record
from licensing.audit.refusals import NotNow, NotPermitted
from licensing.cases.events import CaseEvent
from licensing.cases.following import follow
from licensing.cases.models import Case
from workflows import engine
from workflows.kernel import Actor as KernelActor
from workflows.kernel import Refused

FORBIDDING = frozenset(
    {
        "not_in_pool",
        "separation_of_duties",
        "recused",
        "claimed_by_another",
        "not_permitted",
        "not_a_steward",
        "second_person",
    }
)


def move(
    case: Case, kind: str, actor: Person, data: Mapping[str, Any], command_id: uuid.UUID | None = None
) -> engine.Outcome:
    """Execute a workflow command for a case whose instance the caller has locked. The engine's refusals become ours."""
    try:
        outcome = engine.execute(
            instance_id=case.workflow_id,
            kind=kind,
            actor=KernelActor(person=actor.actor_id, label=actor.actor_label),
            data=data,
            command_id=command_id,
        )
    except Refused as refused:
        kind_of = NotPermitted if refused.code in FORBIDDING else NotNow
        raise kind_of(refused.code, refused.sentence) from refused
    case.workflow = outcome.instance
    return outcome


def settle(case: Case, outcome: engine.Outcome, event: CaseEvent | None, actor: Person, **data: Any) -> None:
    """Record what the person did, then what followed from it. Every `move` ends in this."""
    if event is not None:
        record(case, event, actor=actor, workflow_hash=outcome.instance.head, **data)
    follow(case, outcome.instance, outcome.events)
