"""Recording what was determined: the answer, the facts, and every version that it rests on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.policy.events import PolicyEvent
from licensing.policy.models import DeterminationRecord
from licensing.policy.queries import ruleset
from licensing.policy.rules import determine


@refusals_logged(PolicyEvent.DETERMINED)
def record_determination(
    *, subject_kind: str, subject_id: str, facts: Mapping[str, Any], at: datetime, actor: Actor
) -> DeterminationRecord:
    """Determine for these facts under the ruleset in force at `at`, and keep it.

    `facts` as in `licensing.cases.facts`. Raises `NotNow` without a policy, or a list that it asks for, in force, and `Invalid` for a
    fact of the wrong type.
    """
    rules = ruleset(at)
    answer = determine(rules, facts, at)
    with transaction.atomic():
        kept = DeterminationRecord.objects.create(
            subject_kind=subject_kind, subject_id=subject_id, at=at, requirement=answer.requirement, exception=answer.exception,
            review_policy=answer.review_policy, workflow=answer.workflow, facts=dict(facts), answer=answer.to_json(),
            policy_key=rules.policy.key, policy_version=rules.policy.version,
            control_list_version=rules.control_list.version if rules.control_list else None,
            list_versions={key: reference.version for key, reference in rules.lists.items()},
            actor_id=actor.actor_id, actor_label=actor.actor_label,
        )  # fmt: skip
        record(
            kept, PolicyEvent.DETERMINED, actor=actor, requirement=str(answer.requirement).replace("_", " "), policy=rules.policy.key,
            version=rules.policy.version, lists=[f"{cited.key} {cited.version}" for cited in answer.lists],
            rules=[fired.id for fired in answer.rules],
        )  # fmt: skip
    return kept
