"""Recording what was determined: the answer, the facts, and every version that it rests on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from licensing.accounts.audience import Audience
from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.policy.events import OrderEvent, PolicyEvent
from licensing.policy.models import ConfidentialAnswer, ControlOrder, DeterminationRecord
from licensing.policy.queries import ruleset
from licensing.policy.rules import Determination, determine
from licensing.policy.rulesets import Ruleset


@refusals_logged(PolicyEvent.DETERMINED)
def record_determination(
    *,
    subject_kind: str,
    subject_id: str,
    facts: Mapping[str, Any],
    at: datetime,
    actor: Actor,
    applicant: int | None = None,
) -> DeterminationRecord:
    """Determine for these facts under the ruleset in force at `at`, and keep it: what anybody may read, and what binds where that is more.

    An order that has not been disclosed binds nobody but the company on which it was served: `applicant` is the organization's id.

    `facts` as in `licensing.cases.facts`. Raises `NotNow` without a policy, or a list that it asks for, in force, and `Invalid` for a
    fact of the wrong type.
    """
    rules = ruleset(at)
    answer, in_full = determine(rules, facts, at), _in_full(rules, facts, at, applicant)
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
        if in_full is not None and in_full[0].to_json() != kept.answer:
            _keep_in_confidence(kept, *in_full, actor)
    return kept


def _in_full(
    rules: Ruleset, facts: Mapping[str, Any], at: datetime, applicant: int | None
) -> tuple[Determination, list[str]] | None:
    """The answer with the orders that only the applicant had been told of, and those that it rests on; None when there are none."""
    if applicant is None:
        return None
    all_rules = ruleset(at, audience=Audience(organizations=frozenset({applicant})))
    hidden = {order.ref.key for order in all_rules.orders} - {order.ref.key for order in rules.orders}
    if not hidden:
        return None
    answer = determine(all_rules, facts, at)
    applied = {rule.id.partition("/")[0] for rule in answer.rules if rule.table == "orders"} & hidden
    return answer, sorted(applied or hidden)


def _keep_in_confidence(kept: DeterminationRecord, answer: Determination, keys: list[str], actor: Actor) -> None:
    for order in ControlOrder.objects.filter(key__in=keys).order_by("pk").select_for_update(of=("self",)):
        subject = f"{kept.subject_kind}:{kept.subject_id}"
        record(order, OrderEvent.APPLIED, actor=actor, subject=subject, determination=kept.pk)
    ConfidentialAnswer.objects.create(determination=kept, answer=answer.to_json(), orders=keys)
