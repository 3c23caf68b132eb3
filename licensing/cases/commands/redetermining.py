"""Determining a case again when the rules have moved on since: the gate asks for the answer of today."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from licensing.audit.actors import SYSTEM
from licensing.cases.models import Case
from licensing.cases.standing import Rules
from licensing.catalog.commands import record_classification
from licensing.catalog.models import Classification
from licensing.policy.changes import Answer
from licensing.policy.commands.determining import record_determination
from licensing.policy.models import DeterminationRecord


def determine_again(*, case: Case, kept: Mapping[str, Any], rules: Rules, at: datetime) -> DeterminationRecord | None:
    """Make today's answer that of the case; None when it says what the `kept` one says already.

    The caller has locked the case, and does what follows in the same transaction. Raises what `record_determination` raises.
    """
    if Answer.of(rules.determine(case.as_filed)) == Answer.kept(kept):
        return None
    _classify_again(case, rules)
    case.determination = record_determination(
        subject_kind="case", subject_id=str(case.pk), facts=rules.facts(case.as_filed), at=at, actor=SYSTEM,
        applicant=case.application.organization_id,
    )  # fmt: skip
    case.save(update_fields=["determination"])
    return case.determination


def _classify_again(case: Case, rules: Rules) -> None:
    """Record what the items are now, where that was last recorded under another control list."""
    if rules.ruleset.control_list is None:
        return
    versions = set(case.application.items.values_list("model_version", flat=True))
    newest = Classification.objects.filter(model_version__in=versions).order_by("model_version_id", "-at")
    for row in newest.distinct("model_version_id"):
        if row.control_list_version != rules.ruleset.control_list.version:
            record_classification(actor=SYSTEM, model_version_id=row.model_version_id)
