"""What this room brings to the others, done once when the applications are ready."""

import uuid
from collections.abc import Mapping
from typing import Any

from licensing.audit import wording
from licensing.cases.models import Case
from licensing.licenses import register
from licensing.licenses.authorizations import catalog
from licensing.licenses.authorizations.checks import Authorizations
from licensing.licenses.commands import looking_back
from licensing.licenses.commands.conditions import SEND_LINK, send_link
from licensing.licenses.commands.issuing import GateClosed, issue, sign
from licensing.licenses.commands.revising import SIGN
from licensing.licenses.commands.standing import TURNED, note_turn
from licensing.licenses.commands.watching import SCREEN_AGAIN, screen_again_effect
from licensing.licenses.events import WORDING, LicenseEvent
from licensing.licenses.invariants import one_license_after_the_decision
from licensing.publishing import observers
from licensing.screening.commands.loading import LOOK_BACK
from licensing.screening.match import UnusableName
from workflows import automation, outbox, registry


def issue_effect(instance_id: uuid.UUID, key: str) -> automation.Result:
    """The effect `issue_license`: issued, or back to the officer when a gate has shut."""
    try:
        issue(case_id=Case.objects.values_list("pk", flat=True).get(workflow=instance_id))
    except GateClosed:
        return automation.Result("gate_closed")
    except UnusableName as unusable:
        raise outbox.PermanentFailure(str(unusable)) from None  # as in the checks: an incident of the case at once
    return automation.Result("issued")


def note_effect(key: str, payload: Mapping[str, Any]) -> None:
    note_turn(key)


def sign_effect(key: str, payload: Mapping[str, Any]) -> None:
    sign(license_id=uuid.UUID(key.removeprefix("license:")))


def link_effect(key: str, payload: Mapping[str, Any]) -> None:
    send_link(key)


wording.register(LicenseEvent, WORDING)
automation.register("issue_license", issue_effect, "documents")
outbox.register(TURNED, note_effect, "timers")
outbox.register(SIGN, sign_effect, "documents")
outbox.register(SEND_LINK, link_effect, "notices")
outbox.register(LOOK_BACK, looking_back.look_back_effect, "checks", seconds=looking_back.SECONDS)
outbox.register(SCREEN_AGAIN, screen_again_effect, "checks")
registry.invariants.register(one_license_after_the_decision)
observers.register(catalog.KIND, Authorizations(), desk="Open authorizations")
observers.register(register.KIND, register.Publicities(), desk="Publicity of licenses")
