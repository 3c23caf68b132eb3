"""Moving running cases to another version of their definition, by an explicit plan that covers every stage in which one stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from workflows import engine, kernel
from workflows.models import Definition, Instance


class BadPlan(ValueError):
    """The plan cannot be carried out; the sentence says what is missing."""


@dataclass(frozen=True)
class Plan:
    """From one version of a definition to another, old stage to new stage."""

    key: str
    old: int
    new: int
    stages: Mapping[str, str]

    @classmethod
    def read(cls, data: Any) -> "Plan":
        """From `{"key", "from", "to", "stages": {old: new}}`. Raises BadPlan."""
        wanted = {"key": str, "from": int, "to": int, "stages": dict}
        for name, kind in wanted.items():
            if not isinstance(data, dict) or not isinstance(data.get(name), kind):
                raise BadPlan(f"the plan needs {name}: {kind.__name__}")
        return cls(data["key"], data["from"], data["to"], data["stages"])


@dataclass(frozen=True)
class Move:
    reference: str
    stage: str
    to: str


def prepare(plan: Plan) -> tuple[Definition, Definition, list[Move]]:
    """The two versions and every case that would move, where to. Raises BadPlan for a stage that the plan leaves out."""
    versions = {row.version: row for row in Definition.objects.filter(key=plan.key, version__in=(plan.old, plan.new))}
    for version in (plan.old, plan.new):
        if version not in versions:
            raise BadPlan(f"{plan.key} {version} is not published")
    target = engine.definition_by_id(versions[plan.new].pk)
    running = Instance.objects.filter(definition=versions[plan.old], closed_at__isnull=True).order_by("opened_at")
    moves = [Move(row.reference, row.stage, plan.stages.get(row.stage, "")) for row in running]
    left_out = sorted({move.stage for move in moves if not move.to})
    if left_out:
        raise BadPlan(f"cases stand in {', '.join(left_out)}: say in `stages` where they go")
    unknown = sorted({move.to for move in moves if move.to not in target.stages})
    if unknown:
        raise BadPlan(f"{plan.key} {plan.new} has no stage {', '.join(unknown)}")
    return versions[plan.old], versions[plan.new], moves


def migrate(plan: Plan, *, actor: kernel.Actor, reason: str) -> list[Move]:
    """Move every running case, all or none; each enters its new stage in a fresh round, and its history says so."""
    if not reason.strip():
        raise BadPlan("say why the cases move")
    with transaction.atomic():
        old, new, _ = prepare(plan)
        references = list(
            Instance.objects.filter(definition=old, closed_at__isnull=True).values_list("pk", flat=True).order_by("pk")
        )
        for instance_id in references:
            engine.locked(instance_id)
        _, _, moves = prepare(plan)
        targets = {move.reference: move.to for move in moves}
        for instance_id in references:
            instance = engine.locked(instance_id)
            if instance.reference in targets:
                engine.move_to(
                    instance, new, targets[instance.reference], actor=actor, reason=reason, at=timezone.now()
                )
    return moves
