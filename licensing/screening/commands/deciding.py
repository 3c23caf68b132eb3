"""What people decide about hits: a false match by one officer, a true match by two."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted, Problem
from licensing.screening.commands.running import may_be_listed
from licensing.screening.events import ScreeningEvent
from licensing.screening.models import (
    FALSE_MATCH_REASONS,
    INCONCLUSIVE_REASONS,
    OF_OWNERS,
    OWNER_NOT_LISTED,
    TRUE_MATCH_REASONS,
    Disposition,
    Hit,
    HitStatus,
    Scope,
)
from licensing.screening.ownership import still_owned
from licensing.screening.queries import latest_run
from licensing.screening.replaying import stakes_of

MIN_SENTENCE = 10
FALSE_MATCH_HOLDS = timedelta(days=365)  # who is behind a name changes
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
    match holds for its `scope` until `expires_on`, a year when not given. `question` is what an inconclusive one leaves to ask.
    """
    _require_officer(actor)
    _require_reasoned(status, reason, sentence)
    _require_bounded(status, scope, expires_on)
    with transaction.atomic():
        hit = _locked(hit_id)
        if status not in MAY_FOLLOW.get(hit.status, ()):
            raise NotNow("already_decided", f"This hit is decided already: {hit.get_status_display()}.")
        if status == HitStatus.FALSE_MATCH and "rule" in hit.features and reason not in OF_OWNERS:
            raise Invalid.one("reason", reason, f"Listed parties may own it, whatever it is called: {_OF_OWNERS}.")
        kept = HitStatus.AWAITING_SECOND if status == HitStatus.TRUE_MATCH else HitStatus(status)
        _dispose(
            hit, kept, actor, reason=reason, sentence=sentence.strip(), scope=scope, expires_on=expires_on, question=question.strip()
        )  # fmt: skip
        record(
            hit,
            ScreeningEvent.HIT_DECIDED,
            actor=actor,
            listed_name=hit.listed_name,
            status=kept.label,
            sentence=sentence.strip(),
        )
        if kept == HitStatus.FALSE_MATCH:
            _clear_owned(hit, actor)
    return hit


def _clear_owned(hit: Hit, actor: Person) -> None:
    """What is owned by nobody who may still be listed needs no decision of its own."""
    run = hit.run
    waiting = run.hits.select_for_update(of=("self",)).filter(status=HitStatus.POTENTIAL, features__has_key="rule")
    rows = [
        row
        for row in waiting.select_related("listed_party")
        if hit.party_ref in row.features["owners"] and not row.by_itself
    ]
    listed = may_be_listed(run, run.hits.all()) if rows else set()
    for row in rows:
        if not still_owned(row.party_ref, stakes_of(run.stakes), listed, Decimal(row.features["limit"])):
            sentence = "No owner that counts is a listed party, by the decisions about them."
            _dispose(row, HitStatus.FALSE_MATCH, actor, reason=OWNER_NOT_LISTED, sentence=sentence)
            record(
                row, ScreeningEvent.HIT_DECIDED, actor=actor, listed_name=row.listed_name, status=HitStatus.FALSE_MATCH.label,
                sentence=sentence,
            )  # fmt: skip


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
    if len(sentence.strip()) < MIN_SENTENCE:
        problems.append(Problem("sentence", sentence, f"Say why, in at least {MIN_SENTENCE} characters."))
    if problems:
        raise Invalid(problems)


def _locked(hit_id: int) -> Hit:
    """The hit, locked; `NotNow` when its parties have been screened again since."""
    hit = Hit.objects.select_for_update(of=("self",)).select_related("listed_party", "run").get(pk=hit_id)
    newest = latest_run(hit.run.subject_kind, hit.run.subject_id)
    if newest is None or newest.pk != hit.run_id:
        raise NotNow(
            "superseded", "The parties have been screened again since: decide the hit of the newest screening."
        )
    return hit


def _dispose(
    hit: Hit, status: HitStatus, reviewer: Person, *, reason: str, sentence: str, scope: str = Scope.PARTY,
    expires_on: date | None = None, question: str = "", second: Person | None = None,
) -> None:  # fmt: skip
    if status == HitStatus.FALSE_MATCH and expires_on is None:
        expires_on = timezone.localdate() + FALSE_MATCH_HOLDS
    hit.disposition = Disposition.objects.create(
        party_ref=hit.party_ref, list_key=hit.list_key, entity_id=hit.entity_id, party_fingerprint=hit.party_fingerprint,
        listed_fingerprint=hit.listed_party.fingerprint, status=status, reason=reason, sentence=sentence, question=question,
        scope=scope, subject_kind=hit.run.subject_kind, subject_id=hit.run.subject_id, decided_at=timezone.now(),
        expires_on=expires_on, reviewer_id=reviewer.actor_id, reviewer_label=reviewer.actor_label,
        second_reviewer_id=second.actor_id if second else "", second_reviewer_label=second.actor_label if second else "",
    )  # fmt: skip
    hit.status = status
    hit.save(update_fields=["status", "disposition"])


@refusals_logged(ScreeningEvent.HIT_CONFIRMED)
def confirm_hit(*, actor: Person, hit_id: int) -> Hit:
    """Confirm a true match as the second person."""
    _require_officer(actor)
    with transaction.atomic():
        hit = _locked(hit_id)
        first = hit.disposition
        if hit.status != HitStatus.AWAITING_SECOND or first is None:
            raise NotNow("nothing_to_confirm", "This hit does not wait for a second person.")
        if first.reviewer_id == actor.actor_id:
            raise NotPermitted("four_eyes", "You made this decision; somebody else has to confirm it.")
        reviewer = Person.objects.get(pk=first.reviewer_id)
        _dispose(
            hit,
            HitStatus.TRUE_MATCH,
            reviewer,
            reason=first.reason,
            sentence=first.sentence,
            scope=first.scope,
            second=actor,
        )
        record(hit, ScreeningEvent.HIT_CONFIRMED, actor=actor, listed_name=hit.listed_name)
    return hit
