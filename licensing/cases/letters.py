"""The letters of a case: what each of them is told, and when it is written."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from licensing.accounts.queries import authority
from licensing.audit.actors import SYSTEM, Actor
from licensing.cases.commands.proposals import Proposal
from licensing.cases.grounds import Grounds
from licensing.cases.models import APPROVED, Case, Decision, ItemOutcome
from licensing.cases.practice import AppealRule, Practice, practice
from licensing.cases.queries import as_issued_decision
from licensing.texts.commands import Draft, draft, write_letter
from licensing.texts.letters import WORDS
from licensing.texts.models import Letter
from workflows import engine
from workflows.kernel import Event, clocks

NOT_REQUIRED = "The rules in force ask for no license for what the application describes."
AT_THE_END = {
    "denied": "denial",
    "no_license_required": "no-license",
    "returned_without_action": "return",
    "stopped": "return",
}


def day(at: datetime) -> str:
    return f"{timezone.localdate(at):%B} {timezone.localdate(at).day}, {timezone.localdate(at).year}"


def appeal_until(rule: AppealRule, written_at: datetime) -> datetime:
    """The instant up to which an appeal may be filed: the days count from the date on the letter, and the last one is whole."""
    day_over = timezone.localtime(written_at).replace(hour=23, minute=59, second=59, microsecond=0)
    due = clocks.calendar(rule.unit, rule.calendar or None).due(day_over, rule.within, [])
    assert due is not None  # noqa: S101 - no pause was given
    return due


def appeal_words(manner: Practice, kind: str) -> str:
    """How what a letter of this kind tells is appealed; nothing where it cannot be."""
    rule = manner.appeal
    if rule is None or kind not in (*rule.against, "intent-to-deny"):
        return ""
    return (
        f"{rule.how}, within {rule.within} {rule.unit.replace('_', ' ')} of the date on the letter ({rule.citation})."
    )


def words(case: Case, kind: str, decision: Decision | None, manner: Practice, at: datetime) -> dict[str, str]:
    """What stands for the words of `texts.letters.WORDS` in a letter about this case."""
    grounds = Grounds.read(decision.grounds) if decision else Grounds()
    return {
        "authority": authority().name,
        "applicant": case.as_filed["applicant"]["name"],
        "application": case.as_filed["application"]["name"],
        "control_number": case.control_number,
        "date": day(at),
        "reason": decision.reason if decision else "",
        "statutory_basis": grounds.statutory_basis,
        "regulatory_basis": grounds.regulatory_basis,
        "criteria": "\n".join(str(manner.criteria[code]) for code in grounds.criteria if code in manner.criteria),
        "considerations": grounds.considerations,
        "modifications": grounds.modifications,
        "contact": grounds.contact or manner.contact,
        "return_reason": manner.return_reasons.get(grounds.return_reason, ""),
        "items": _items(case, decision),
        "appeal": appeal_words(manner, kind),
    }


def _items(case: Case, decision: Decision | None) -> str:
    rows = case.as_filed["items"]
    if (
        decision is not None
        and decision.pk
        and (denied := {row.item.number for row in decision.items.all() if row.outcome == ItemOutcome.DENY})
    ):
        rows = [row for row in rows if row["number"] in denied]
    return "\n".join(f"Item {row['number']}: {row['model']} {row['version']}" for row in rows)


def write(
    case: Case,
    kind: str,
    *,
    actor: Actor = SYSTEM,
    at: datetime | None = None,
    source: str = "",
    decision: Decision | None = None,
    more: Mapping[str, str] | None = None,
) -> Letter:
    """Write a letter of this kind to the applicant, from its template or from the officer's version of it."""
    at = at or timezone.now()
    manner = practice(case.workflow.definition.key, at)
    return write_letter(
        actor=actor, kind=kind, subject_kind="case", subject_id=str(case.pk), reference=case.control_number,
        addressee=addressee(case), values=words(case, kind, decision, manner, at) | dict(more or {}), at=at, source=source,
    )  # fmt: skip


def letter_of(case: Case, proposal: Proposal, manner: Practice) -> Draft | None:
    """What the letter about a proposal that is not signed yet would say; None for an act that no letter tells of."""
    kind = manner.acts.get(proposal.action)
    if kind is None:
        return None
    now = timezone.now()
    decision = Decision(reason=proposal.reason, grounds=proposal.grounds.kept)
    dates = {word: f"({WORDS[word]})" for word in ("answer_until", "final_on")}
    return draft(kind, words(case, kind, decision, manner, now) | dates, now, proposal.letter)


def drafted(case: Case, kind: str, reason: str, source: str = "") -> Draft:
    """What a letter that an officer writes of their own accord would say."""
    now = timezone.now()
    manner = practice(case.workflow.definition.key, now)
    return draft(kind, words(case, kind, None, manner, now) | {"reason": reason}, now, source)


def addressee(case: Case) -> Mapping[str, object]:
    applicant = case.as_filed["applicant"]
    return {"name": applicant["name"], "lines": applicant["address"].split("\n") if applicant["address"] else []}


def at_the_end(case: Case, events: Sequence[Event], at: datetime) -> Letter | None:
    """The letter that tells of the end of a case without a license, whoever ended it; none where the practice knows no such end."""
    if case.outcome == "approved":
        return _left_out(case, at)
    kind = AT_THE_END.get(case.outcome)
    manner = practice(case.workflow.definition.key, at)
    decision = case.decisions.filter(returned_at__isnull=True).last()
    meant = manner.acts.get(decision.action, "") if decision else ""
    if kind and decision and (meant == kind or (kind, meant) == ("denial", "intent-to-deny")):
        return write(case, kind, at=at, decision=decision, source=decision.letter if meant == kind else "")
    if kind == "no-license":
        return write(case, kind, at=at, more={"reason": NOT_REQUIRED, "regulatory_basis": _citations(case)})
    reason = manner.by_itself.get(_cause(events), "")
    if kind == "return" and reason:
        return write(case, kind, at=at, more={"return_reason": manner.return_reasons[reason]})
    return None


def _left_out(case: Case, at: datetime) -> Letter | None:
    """What a license leaves out: each item with its outcome, reason and grounds; no letter where it leaves out nothing."""
    manner = practice(case.workflow.definition.key, at)
    rows = as_issued_decision(case).items.select_related("item__model_version__model").exclude(outcome__in=APPROVED)
    told = [
        f"Item {row.item.number}: {row.item.model_version}: {row.get_outcome_display().lower()}. {row.reason}"
        + "".join(f"\n{line}" for line in _grounds(Grounds.read(row.grounds), manner))
        for row in rows
    ]
    return write(case, "items", at=at, more={"items": "\n\n".join(told)}) if told else None


def _grounds(grounds: Grounds, manner: Practice) -> list[str]:
    bases = "; ".join(filter(None, (grounds.statutory_basis, grounds.regulatory_basis)))
    criteria = [str(manner.criteria[code]) for code in grounds.criteria if code in manner.criteria]
    reason = manner.return_reasons.get(grounds.return_reason, "")
    return [line for line in (bases and f"Basis: {bases}", *criteria, reason) if line]


def _cause(events: Sequence[Event]) -> str:
    """What ended a case that nobody decided, as `practice.by_itself` calls it."""
    for event in events:
        if event.kind == "withdrawn":
            return "withdrawn"
        if event.kind == "expired" and event.data["what"] == "rfi":
            return "no_answer"
        if event.kind == "effect_completed":
            return str(event.data["outcome"])
    return ""


def _citations(case: Case) -> str:
    rules = case.determination.answer["rules"] if case.determination else []
    return "; ".join(dict.fromkeys(rule["citation"] for rule in rules if rule.get("citation")))


def intent_to_deny(case: Case, decision: Decision, at: datetime) -> Letter:
    """The notice with its six parts; the days to answer and until it is final are those of the stage that the case has entered."""
    stage = engine.definition_of(case.workflow).stages[case.workflow.stage]
    spans = {"answer_until": stage.rfi, "final_on": stage.clock}
    dates = {}
    for word, span in spans.items():
        due = clocks.calendar(span.unit, span.calendar or None).due(at, span.limit, []) if span else at + timedelta(0)
        dates[word] = day(due or at)
    return write(case, "intent-to-deny", at=at, decision=decision, source=decision.letter, more=dates)
