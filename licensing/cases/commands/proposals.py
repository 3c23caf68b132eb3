"""What a licensing officer proposes, item by item, and everything that is checked about it before it is signed."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from licensing.audit.refusals import Invalid, Problem
from licensing.cases import grounds
from licensing.cases.grounds import MIN_SENTENCE, Grounds
from licensing.cases.models import APPROVED, Case, Decision, Item, ItemOutcome
from licensing.cases.practice import Practice, practice
from licensing.cases.queries import classifications, denied_items
from licensing.cases.validity import LATEST_START, MOST_MONTHS, Validity

FAVORABLE = frozenset({"issue", "grant", "approve"})
GATED = FAVORABLE | {"no_license_required"}  # what lets the transaction go ahead


class ItemChoice(NamedTuple):
    """What is decided for one item. Grounds that are not given are those of the whole decision."""

    outcome: str
    reason: str = ""
    grounds: Grounds = Grounds()


@dataclass(frozen=True)
class Proposal:
    """What an officer proposes. `items` maps item numbers to choices; an item left out is approved.

    A license holds for `valid_months` from `valid_from`, or from its issue; an `emergency` one begins at once and ends by law.

    `conditions` and `riders` are `{"key", "parameters"}` of texts in force, conditions of some items only with their numbers as `items`;
    the conditions that agencies asked for are added. `letter` is the officer's version of the letter that tells the applicant.
    """

    action: str
    reason: str
    valid_months: int | None = None
    valid_from: datetime | None = None
    emergency: bool = False
    items: Mapping[int, ItemChoice | tuple[str, str]] = field(default_factory=dict)
    conditions: Sequence[Mapping[str, Any]] = ()
    riders: Sequence[Mapping[str, Any]] = ()
    grounds: Grounds = field(default_factory=Grounds)
    letter: str = ""


ITEM_MEANS = {ItemOutcome.DENY: "denial", ItemOutcome.RETURN: "return", ItemOutcome.NO_LICENSE: "no-license"}


def item_choices(case: Case, proposal: Proposal, manner: Practice) -> list[tuple[Item, ItemChoice]]:
    rows = {item.number: item for item in case.application.items.all()}
    chosen = {number: _with_grounds(ItemChoice(*choice), proposal.grounds) for number, choice in proposal.items.items()}
    problems = [
        Problem("items", str(number), f"The application has no item {number}; its items are {sorted(rows)}.")
        for number in chosen
        if number not in rows
    ]
    for number, choice in chosen.items():
        where = f"items.{number}"
        if choice.outcome not in ItemOutcome.values:
            problems.append(Problem(where, choice.outcome, f"Choose one of {', '.join(ItemOutcome.values)}."))
        elif choice.outcome in ITEM_MEANS:
            if len(choice.reason.strip()) < MIN_SENTENCE:
                problems.append(Problem(f"{where}.reason", choice.reason, "Say why, in at least 10 characters."))
            problems += grounds.problems(ITEM_MEANS[ItemOutcome(choice.outcome)], choice.grounds, manner, f"{where}.")
    bound = {number for condition in proposal.conditions for number in condition.get("items", ())}
    problems += [
        Problem("conditions", str(number), f"A condition binds item {number}, which is not approved.")
        for number in sorted(bound)
        if number not in rows or chosen.get(number, ItemChoice(ItemOutcome.APPROVE)).outcome not in APPROVED
    ]
    problems += [
        Problem(f"items.{number}", choice.outcome, "Choose a condition that binds this item, or approve it without.")
        for number, choice in chosen.items()
        if choice.outcome == ItemOutcome.APPROVE_WITH_CONDITIONS and number not in bound
    ]
    if problems:
        raise Invalid(problems)
    return [(item, chosen.get(number, ItemChoice(ItemOutcome.APPROVE))) for number, item in rows.items()]


def _with_grounds(choice: ItemChoice, whole: Grounds) -> ItemChoice:
    return choice if choice.outcome in APPROVED or choice.grounds != Grounds() else choice._replace(grounds=whole)


def grounded(case: Case, proposal: Proposal, manner: Practice) -> Proposal:
    """The proposal with the grounds that its kind needs; a denial after an intent rests on what the intent said.

    Raises `Invalid` naming every ground that is missing or unknown.
    """
    means = manner.acts.get(proposal.action)
    if means is None:
        return proposal
    intent = intended(case) if means == "denial" and proposal.grounds == Grounds() else None
    if intent is not None:
        proposal = replace(proposal, grounds=Grounds.read(intent.grounds))
    problems = list(grounds.problems(means, proposal.grounds, manner))
    if problems:
        raise Invalid(problems)
    return proposal


def intended(case: Case) -> Decision | None:
    """The intent to deny that stands, countersigned where the stage asks for that."""
    acts = practice(case.workflow.definition.key, timezone.now()).acts
    intents = [act for act, means in acts.items() if means == "intent-to-deny"]
    return case.decisions.filter(action__in=intents, returned_at__isnull=True).last()


def check_favorable(
    case: Case, proposal: Proposal, items: Sequence[tuple[Item, ItemChoice]], manner: Practice, now: datetime
) -> None:
    approved = {item.number for item, choice in items if choice.outcome in APPROVED}
    entries = classifications(case)
    problems = []
    if not approved:
        problems.append(Problem("items", "", "A license needs at least one approved item: deny the case instead."))
    if case.application.all_or_nothing and len(approved) < len(items):
        problems.append(
            Problem("items", "", "The applicant asked for all items or none: approve every item or deny the case.")
        )
    disputed = sorted(approved & denied_items(case))
    if disputed:
        problems.append(
            Problem(
                "items",
                ", ".join(map(str, disputed)),
                "An agency denies this item: it can be approved only through the dispute ladder.",
            )
        )
    problems += _validity_problems(proposal, manner.validity, [entries.get(number, "") for number in approved], now)
    if problems:
        raise Invalid(problems)


def _validity_problems(proposal: Proposal, law: Validity, entries: Collection[str], now: datetime) -> Iterator[Problem]:
    begins, months = proposal.valid_from, proposal.valid_months
    if proposal.emergency:
        if not law.emergency:
            yield Problem("emergency", "yes", "The practice in force knows no emergency license.")
        if months is not None or begins is not None:
            yield Problem("emergency", "yes", "It begins at once and ends by law: give neither months nor a start.")
        return
    period = law.period(entries)
    if months is None or not 1 <= months <= period.most:
        under = f" ({period.citation})" if period.most < MOST_MONTHS else ""
        yield Problem("valid_months", str(months), f"Give a validity between 1 and {period.most} months{under}.")
    if begins is not None and not now < begins <= now + LATEST_START:
        yield Problem(
            "valid_from",
            begins.isoformat(),
            "Give an instant within the coming year, or none: it then begins with its issue.",
        )
