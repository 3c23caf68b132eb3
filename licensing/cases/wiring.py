"""What this room brings to the others, done once when the applications are ready."""

import uuid
from datetime import datetime

from licensing.accounts.queries import members, stewards
from licensing.audit import wording
from licensing.audit.refusals import Invalid, NotNow
from licensing.cases import document, following, gates
from licensing.cases.commands.checking import run_checks
from licensing.cases.events import WORDING, ApplicationEvent, CaseEvent, WorkEvent
from licensing.cases.gates import CLEAR, Finding, Light
from licensing.cases.invariants import trail_holds_the_history
from licensing.cases.models import Case
from licensing.cases.models.application import DeliveryMode, TransactionKind
from licensing.cases.practice import KIND as PRACTICE
from licensing.cases.practice import Practices, practice
from licensing.cases.standing import binding
from licensing.policy.changes import Answer
from licensing.policy.order_versions import ControlOrders
from licensing.policy.queries import ORDER
from licensing.publishing import observers
from licensing.screening import queries as screening
from licensing.screening.match import UnusableName
from licensing.screening.rules import Standing
from workflows import automation, outbox, registry
from workflows.models import Definition, Event


def _determination_gate(case_id: uuid.UUID, at: datetime) -> Finding:
    """What was determined must be what the rules of this instant say: a change that nobody has worked off yet is seen here first."""
    case = Case.objects.select_related("application", "determination__confidential").get(pk=case_id)
    if case.determination is None:
        return Finding(Light.PENDING, "The determination has not been made yet.")
    try:
        now = binding(case, at).determine(case.as_filed)
    except (NotNow, Invalid) as refused:
        return Finding(Light.PENDING, f"The rules of today give no answer: {refused}")
    kept = case.determination.in_full
    if "prohibited" in (now.requirement, kept["requirement"]):
        return Finding(Light.BLOCKED, "The policy in force prohibits this transaction.")
    if Answer.of(now) != Answer.kept(kept):
        return Finding(Light.PENDING, "The rules have changed since the determination: it is being made again.")
    return CLEAR


def _screening_gate(case_id: uuid.UUID, at: datetime) -> Finding:
    run = screening.latest_run("case", str(case_id))
    if run is None or run.state != "done":
        said = (
            "The screening of the parties has failed." if run and run.error else "The parties have not been screened."
        )
        return Finding(Light.PENDING, said, "#screening")
    found = screening.standing_of("case", str(case_id), at)
    if found.blocked:
        return Finding(
            Light.BLOCKED,
            f"A party is on a restricted-party list, or owned by it: {', '.join(found.blocked)}.",
            "#screening",
        )
    if found.waiting:
        hits = f"{found.waiting} screening hit{'s' * (found.waiting > 1)}"
        return Finding(Light.PENDING, f"{hits} must be decided first.", "#screening")
    return _referred(case_id, found, at) if found.referred else CLEAR


def _referred(case_id: uuid.UUID, found: Standing, at: datetime) -> Finding:
    """A true match on a list that refers needs a full review that ends after it was decided."""
    said = f"On a list whose entries have a requirement of their own: {', '.join(found.referred)}."
    definition = Definition.objects.get(instances__case=case_id)
    stage = practice(definition.key, at).full_review
    if not stage:
        return Finding(Light.PENDING, f"{said} The practice in force names no full review for it.", "#screening")
    votes = Event.objects.filter(kind="stage_left", data__stage=stage, data__has_key="consolidated")
    if votes.filter(instance__case=case_id, at__gte=found.referred_at).exists():
        return Finding(Light.CLEAR, said, "#screening")
    return Finding(Light.PENDING, f"{said} It has to go through the stage {stage} first.", "#screening")


def _questions_gate(case_id: uuid.UUID, at: datetime) -> Finding:
    if following.questions_open(case_id):
        return Finding(Light.PENDING, "A question to the applicant is open.")
    return CLEAR


def _checks_effect(instance_id: uuid.UUID, key: str) -> automation.Result:
    """The effect `run_checks` of the automated stage."""
    try:
        checked = run_checks(case_id=Case.objects.values_list("pk", flat=True).get(workflow=instance_id))
    except UnusableName as unusable:
        raise outbox.PermanentFailure(str(unusable)) from None  # trying again would not help: an incident at once
    return automation.Result(checked.outcome, checked.facts)


wording.register(ApplicationEvent, WORDING)
wording.register(CaseEvent, WORDING)
wording.register(WorkEvent, WORDING)
gates.register("determination", _determination_gate)
gates.register("screening", _screening_gate)
gates.register("questions", _questions_gate)
registry.pools.use(members, stewards=stewards)
registry.listeners.register(following.follow_system)
registry.invariants.register(trail_holds_the_history)
automation.register("run_checks", _checks_effect, "checks")
observers.register(PRACTICE, Practices())
observers.register(ORDER, ControlOrders(kinds=dict(TransactionKind.choices), modes=dict(DeliveryMode.choices)))
outbox.register("render_application", document.render_effect, "documents")
