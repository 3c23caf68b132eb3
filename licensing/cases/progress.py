"""Where a case stands, in the applicant's words: no votes, no names, no agencies."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from licensing.cases.models import Case
from workflows import reports

OUTCOMES = {
    "approved": (
        "approved",
        "Your license has been issued.",
        "Read its conditions, and tell the other parties about them.",
    ),
    "denied": ("denied", "The application was denied.", "The letter says why and how to appeal."),
    "no_license_required": (
        "no license required",
        "No license is required for this transaction.",
        "Nothing more to do.",
    ),
    "returned_without_action": (
        "returned",
        "The application was returned without action.",
        "You may file a new application that cites this number.",
    ),
    "stopped": ("stopped", "The application was stopped.", "You may file a new application that cites this number."),
}
STAGES = {
    "checks": (
        "registered",
        "Your application is being checked.",
        "An officer reads it and decides who has to review it.",
    ),
    "intake": ("registered", "An officer is reading your application.", "Agencies review it, or the officer decides."),
    "triage": ("registered", "An officer is reading your application.", "Advisers review it, or the officer decides."),
    "replacement": (
        "registered",
        "An officer compares your application with the license that it is to replace.",
        "The officer decides, or it is reviewed in full.",
    ),
    "decision": (
        "being decided",
        "The reviews are in; a decision is being prepared.",
        "You get the decision by e-mail.",
    ),
    "issuance": ("being decided", "The license is being prepared.", "You get it by e-mail."),
    "rebuttal": ("intent to deny", "The authority intends to deny the application.", "Answer before the deadline."),
}
REVIEW = (
    "in review",
    "Government agencies are reviewing your application.",
    "The authority decides when they are done.",
)


@dataclass(frozen=True)
class Clock:
    """Days of the case clock: used, allowed, and whether it runs now."""

    elapsed_days: int
    limit_days: int
    running: bool
    due_at: datetime | None


@dataclass(frozen=True)
class Progress:
    status: str
    sentence: str
    next: str
    clock: Clock | None


def progress(case: Case, at: datetime | None = None) -> Progress:
    """Status, one sentence, what comes next, and the clock of the whole case."""
    clock = case_clock(case, at or timezone.now())
    if case.closed_at is not None:
        status, sentence, coming = OUTCOMES.get(case.outcome, ("closed", "The case is closed.", "Nothing more to do."))
        return Progress(status, sentence, coming, clock)
    if any(question.closed_at is None for question in case.questions.all()):
        return Progress(
            "waiting for you",
            "The authority has a question, and the clock is stopped until you answer.",
            "Answer the question; the review goes on from there.",
            clock,
        )
    status, sentence, coming = STAGES.get(case.workflow.stage, REVIEW)
    return Progress(status, sentence, coming, clock)


def case_clock(case: Case, at: datetime) -> Clock | None:
    """The clock that counts the whole case (15 CFR 750.4(a)(1)); None when the definition has none."""
    for reading in reports.clocks(case.workflow, at):
        if reading.stage is None:
            return Clock(int(reading.elapsed), int(reading.limit), reading.running, reading.due_at)
    return None
