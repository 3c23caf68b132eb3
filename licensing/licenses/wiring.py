"""What this room brings to the others, done once when the applications are ready."""

import uuid

from licensing.audit import wording
from licensing.cases.models import Case
from licensing.licenses.commands import GateClosed, issue
from licensing.licenses.events import WORDING, LicenseEvent
from licensing.licenses.invariants import one_license_after_the_decision
from workflows import automation, registry


def issue_effect(instance_id: uuid.UUID, key: str) -> automation.Result:
    """The effect `issue_license`: issued, or back to the officer when a gate has shut."""
    try:
        issue(case_id=Case.objects.values_list("pk", flat=True).get(workflow=instance_id))
    except GateClosed:
        return automation.Result("gate_closed")
    return automation.Result("issued")


wording.register(LicenseEvent, WORDING)
automation.register("issue_license", issue_effect, "documents")
registry.invariants.register(one_license_after_the_decision)
