"""How a command of a case moves the workflow, and how the case follows what the workflow does."""

from collections.abc import Mapping
from typing import Any

from licensing.accounts.models import Person
from licensing.audit.refusals import NotNow, NotPermitted
from licensing.cases.models import Case
from workflows import engine
from workflows.kernel import Actor as KernelActor
from workflows.kernel import Refused

FORBIDDING = frozenset({"not_in_pool", "separation_of_duties", "recused", "claimed_by_another", "not_permitted"})


def move(case: Case, kind: str, actor: Person, data: Mapping[str, Any]) -> engine.Outcome:
    """Execute a workflow command for a case whose instance the caller has locked. The engine's refusals become ours."""
    try:
        outcome = engine.execute(
            instance_id=case.workflow_id,
            kind=kind,
            actor=KernelActor(person=actor.actor_id, label=actor.actor_label),
            data=data,
        )
    except Refused as refused:
        kind_of = NotPermitted if refused.code in FORBIDDING else NotNow
        raise kind_of(refused.code, refused.sentence) from refused
    case.refresh_from_db(fields=["audit_sequence", "audit_head", "closed_at", "outcome"])
    case.workflow = outcome.instance
    return outcome
