"""What people decide about hits: a false match by one officer, a true match by two."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.screening.commands.settling import dispose, locked, record_status, settle, stand
from licensing.screening.events import ScreeningEvent
from licensing.screening.models import (
    FALSE_MATCH_REASONS,
    INCONCLUSIVE_REASONS,
    OF_OWNERS,
    TRUE_MATCH_REASONS,
    Disposition,
    Hit,
    HitStatus,
    Scope,
)

MIN_SENTENCE = 10
LONGEST_HOLD = timedelta(days=3 * 365)
REASONS: Mapping[str, dict[str, str]] = {
    HitStatus.FALSE_MATCH: dict(FALSE_MATCH_REASONS),
    HitStatus.TRUE_MATCH: dict(TRUE_MATCH_REASONS),
    HitStatus.INCONCLUSIVE: dict(INCONCLUSIVE_REASONS),
}
_OF_OWNERS = f"choose {'; '.join(said for reason, said in FALSE_MATCH_REASONS if reason in OF_OWNERS)}"
# What one person may decide of a hit as it stands. Whoever does not agree that a match is true says that it cannot be told.
MAY_FOLLOW: Mapping[str, tuple[str, ...]] = {
    HitStatus.POTENTIAL: (HitStatus.FALSE_MATCH, HitStatus.TRUE_MATCH, HitStatus.INCONCLUSIVE),
    HitStatus.INCONCLUSIVE: (HitStatus.FALSE_MATCH, HitStatus.TRUE_MATCH, HitStatus.INCONCLUSIVE),
    HitStatus.AWAITING_SECOND: (HitStatus.INCONCLUSIVE,),
}


def _require_officer(actor: Person) -> None:
    if not actor.reviews_for_authority():
        raise NotPermitted("not_an_officer", "Only officers of the licensing authority decide screening hits.")


@refusals_logged(ScreeningEvent.HIT_DECIDED)
def decide_hit(
    *,
    actor: Person,
    hit_id: int,
    status: str,
    reason: str,
    sentence: str,
    scope: str = Scope.PARTY,
    expires_on: date | None = None,
    question: str = "",
) -> Hit:
    """Decide on a hit of the newest run, with a sentence of one's own. A true match waits for a second person.

    `status`: false_match, with a reason of `FALSE_MATCH_REASONS`; true_match or inconclusive, with one of theirs or none. A false
    match holds for its `scope` until `expires_on`, a year when not given; a true one holds everywhere. `question` is what an inconclusive
    one leaves to ask. The same party and entity in other applications are settled with it.
    """
    _require_officer(actor)
    _require_reasoned(status, reason, sentence)
    _require_bounded(status, scope, expires_on)
    with transaction.atomic():
        hit = locked(hit_id)
        if status not in MAY_FOLLOW.get(hit.status, ()):
            raise NotNow("already_decided", f"This hit is decided already: {hit.get_status_display()}.")
        if status == HitStatus.FALSE_MATCH and "rule" in hit.features and reason not in OF_OWNERS:
            raise Invalid.one("reason", reason, f"Listed parties may own it, whatever it is called: {_OF_OWNERS}.")
        kept = HitStatus.AWAITING_SECOND if status == HitStatus.TRUE_MATCH else HitStatus(status)
        dispose(
            hit, kept, actor, reason=reason, sentence=sentence.strip(), expires_on=expires_on, question=question.strip(),
            scope=Scope.PARTY if status == HitStatus.TRUE_MATCH else scope,
        )  # fmt: skip
        record_status(hit, actor, sentence.strip())
        settle(hit, actor)
    return hit


def _require_bounded(status: str, scope: str, expires_on: date | None) -> None:
    if scope not in Scope.values:
        raise Invalid.one("scope", scope, f"Choose one of {', '.join(Scope.values)}.")
    today = timezone.localdate()
    if expires_on is None:
        return
    if status != HitStatus.FALSE_MATCH:
        raise Invalid.one("expires_on", expires_on, "Only a false match holds until a day: leave it empty.")
    if not today < expires_on <= today + LONGEST_HOLD:
        latest = (today + LONGEST_HOLD).isoformat()
        raise Invalid.one("expires_on", expires_on, f"Choose a day after today, and not after {latest}.")


def _require_reasoned(status: str, reason: str, sentence: str) -> None:
    """Raise `Invalid` with every answer that cannot be right."""
    if status not in REASONS:
        raise Invalid.one("status", status, f"Choose one of {', '.join(REASONS)}.")
    problems = []
    if reason not in REASONS[status] and (reason or status == HitStatus.FALSE_MATCH):
        fitting = "; ".join(REASONS[status].values())
        problems.append(Problem("reason", reason, f"Choose a reason that fits the decision: {fitting}."))
    _require(problems + _unsaid(sentence))


def _unsaid(sentence: str) -> list[Problem]:
    if len(sentence.strip()) >= MIN_SENTENCE:
        return []
    return [Problem("sentence", sentence, f"Say why, in at least {MIN_SENTENCE} characters.")]


def _require(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)


@refusals_logged(ScreeningEvent.HIT_CONFIRMED)
def confirm_hit(*, actor: Person, hit_id: int) -> Hit:
    """Confirm a true match as the second person."""
    _require_officer(actor)
    with transaction.atomic():
        hit = locked(hit_id)
        if hit.status != HitStatus.AWAITING_SECOND:
            raise NotNow("nothing_to_confirm", "This hit does not wait for a second person.")
        first, said = _first(hit, actor)
        dispose(hit, HitStatus.TRUE_MATCH, first, reason=said.reason, sentence=said.sentence, second=actor)
        record(hit, ScreeningEvent.HIT_CONFIRMED, actor=actor, listed_name=hit.listed_name)
        settle(hit, actor)
    return hit


def _first(hit: Hit, second: Person) -> tuple[Person, Disposition]:
    """Who said what of a hit that waits for a second person, who must be another."""
    said = hit.disposition
    assert said is not None  # noqa: S101 - the database asks for it (`screening_hit_decided_by_somebody`)
    if said.reviewer_id == second.actor_id:
        raise NotPermitted("four_eyes", "You made this decision; somebody else has to confirm it.")
    return Person.objects.get(pk=said.reviewer_id), said


@refusals_logged(ScreeningEvent.HIT_TAKEN_BACK)
def take_back(*, actor: Person, hit_id: int, sentence: str) -> Hit:
    """Take back what was decided about a hit of the newest run, saying why: it is undecided again, and what rests on it.

    A true match stays one until a second person agrees (`answer_taking_back`).
    """
    _require_officer(actor)
    _require(_unsaid(sentence))
    with transaction.atomic():
        hit = locked(hit_id)
        if hit.status not in (HitStatus.FALSE_MATCH, HitStatus.TRUE_MATCH) or hit.disposition is None:
            raise NotNow("nothing_to_take_back", "Only a false or a true match can be taken back.")
        kept = HitStatus.POTENTIAL if hit.status == HitStatus.FALSE_MATCH else HitStatus.TAKING_BACK
        dispose(hit, kept, actor, reason="", sentence=sentence.strip(), scope=hit.disposition.scope)
        _record_taken_back(hit, actor, sentence.strip())
    return hit


@refusals_logged(ScreeningEvent.HIT_TAKEN_BACK)
def answer_taking_back(*, actor: Person, hit_id: int, agreed: bool) -> Hit:
    """As a second person agree that a true match is taken back, or let it stand; whoever asked may let it stand too."""
    _require_officer(actor)
    with transaction.atomic():
        hit = locked(hit_id)
        if hit.status != HitStatus.TAKING_BACK:
            raise NotNow("nothing_to_take_back", "Nobody has asked to take this match back.")
        if agreed:
            first, said = _first(hit, actor)
            dispose(hit, HitStatus.POTENTIAL, first, reason="", sentence=said.sentence, second=actor)
        else:
            said = stand(hit)
        _record_taken_back(hit, actor, said.sentence)
    return hit


def _record_taken_back(hit: Hit, actor: Person, sentence: str) -> None:
    status = hit.get_status_display()
    record(
        hit, ScreeningEvent.HIT_TAKEN_BACK, actor=actor, listed_name=hit.listed_name, status=status, sentence=sentence
    )
    settle(hit, actor)
