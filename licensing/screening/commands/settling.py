"""What decisions settle: the hits of a new run, the same party and entity in other applications, and what a party owns."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.commands import record
from licensing.audit.refusals import NotNow
from licensing.screening.events import ScreeningEvent
from licensing.screening.models import OWNER_NOT_LISTED, Disposition, Hit, HitStatus, Scope, ScreeningRun
from licensing.screening.ownership import still_owned
from licensing.screening.queries import earlier_decisions, latest_run
from licensing.screening.replaying import stakes_of

FALSE_MATCH_HOLDS = timedelta(days=365)  # who is behind a name changes
OF_OWNERS_NO_MORE = "The decisions about its owners hold no longer, or not here."
NO_OWNER_LISTED = "No owner that counts is a listed party, by the decisions about them."
OWNER_TAKEN_BACK = "What was decided about its owner has been taken back."


def hold(refs: Iterable[str]) -> None:
    """Until the transaction ends nobody else decides about these parties, and no run applies what was decided about them."""
    with connection.cursor() as cursor:
        for ref in sorted(set(refs)):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 5))", [ref])


def locked(hit_id: int) -> Hit:
    """The hit, locked with its party and whatever that may own; `NotNow` when its parties have been screened again since."""
    asked = Hit.objects.get(pk=hit_id)
    runs = [asked.run_id, *_elsewhere(asked).values_list("run", flat=True)]
    owned = Hit.objects.filter(run__in=runs, features__has_key="rule").values_list("party_ref", flat=True)
    hold([asked.party_ref, *owned])
    hit = Hit.objects.select_for_update(of=("self",)).select_related("listed_party", "run").get(pk=hit_id)
    newest = latest_run(hit.run.subject_kind, hit.run.subject_id)
    if newest is None or newest.pk != hit.run_id:
        raise NotNow(
            "superseded", "The parties have been screened again since: decide the hit of the newest screening."
        )
    return hit


def dispose(
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


def stand(hit: Hit) -> Disposition:
    """Give a locked hit the true match that was decided last once more, as it was decided then."""
    said = earlier_decisions(hit).filter(status=HitStatus.TRUE_MATCH)[0]
    said.pk = None
    said.save(force_insert=True)
    hit.status, hit.disposition = HitStatus.TRUE_MATCH, said
    hit.save(update_fields=["status", "disposition"])
    return said


def settle(hit: Hit, actor: Person) -> None:
    """What follows from the decision that a locked hit has now: the same pair in every other subject, and what the party owns in each."""
    decision = hit.disposition
    _settle_owned(hit, actor)
    if decision is None or decision.scope != Scope.PARTY:
        return
    for row in _elsewhere(hit).select_for_update(of=("self",)).select_related("listed_party", "run"):
        if _settled(row, decision):
            row.save(update_fields=["status", "disposition", "reopened_because"])
            record_status(row, actor, decision.sentence)
            _settle_owned(row, actor)


def record_status(hit: Hit, actor: Person, sentence: str) -> None:
    record(
        hit, ScreeningEvent.HIT_DECIDED, actor=actor, listed_name=hit.listed_name, status=hit.get_status_display(), sentence=sentence
    )  # fmt: skip


def _elsewhere(hit: Hit) -> QuerySet[Hit]:
    """The same party and entity in the newest run of every other subject."""
    newer = ScreeningRun.objects.filter(
        subject_kind=OuterRef("run__subject_kind"), subject_id=OuterRef("run__subject_id"), pk__gt=OuterRef("run")
    )
    pair = Hit.objects.filter(party_ref=hit.party_ref, list_key=hit.list_key, entity_id=hit.entity_id)
    return pair.filter(~Exists(newer)).exclude(pk=hit.pk).order_by("run")


def _settled(row: Hit, decision: Disposition) -> bool:
    """Apply a decision made elsewhere: one about other data opens only what was taken for false, and no single officer's a true match."""
    stale = _stale(decision, row, timezone.localdate())
    if row.status == HitStatus.TRUE_MATCH and decision.status not in (HitStatus.TAKING_BACK, HitStatus.POTENTIAL):
        return False
    if not stale:
        row.status, row.disposition, row.reopened_because = decision.status, decision, ""
    elif decision.status != HitStatus.FALSE_MATCH and row.status == HitStatus.FALSE_MATCH:
        row.status, row.disposition, row.reopened_because = HitStatus.POTENTIAL, None, stale
    else:
        return False
    return True


def apply_earlier(run: ScreeningRun, hits: Sequence[Hit]) -> None:
    """Give new hits of a run what was decided before, where it reaches this subject and neither side has changed. Two queries."""
    refs = {hit.party_ref for hit in hits}
    hold(refs)
    decided: dict[tuple[str, str, str], list[Disposition]] = {}
    for row in Disposition.objects.filter(party_ref__in=refs).order_by("-pk"):
        if row.scope == Scope.PARTY or (row.subject_kind, row.subject_id) == (run.subject_kind, run.subject_id):
            decided.setdefault((row.party_ref, row.list_key, row.entity_id), []).append(row)
    for hit in hits:
        rows = decided.get((hit.party_ref, hit.list_key, hit.entity_id))
        if rows:
            _apply(hit, rows)
    _reopen_owned(run, hits, _may_be_listed(run, hits))


def _apply(hit: Hit, decided: Sequence[Disposition]) -> None:
    """The newest decision counts; that another application was cleared with other data takes nothing from what was decided on these."""
    newest = decided[0]
    about_these = [row for row in decided if not _changed(row, hit)]
    before = about_these[0] if about_these and newest.status == HitStatus.FALSE_MATCH else newest
    stale = _stale(before, hit, timezone.localdate())
    if stale:
        hit.reopened_because = stale
    else:
        hit.status, hit.disposition = before.status, before


def _changed(before: Disposition, hit: Hit) -> str:
    if before.party_fingerprint != hit.party_fingerprint:
        return "What is known of the party has changed since the decision."
    if before.listed_fingerprint != hit.listed_party.fingerprint:
        return "The list has changed its entry since the decision."
    return ""


def _stale(before: Disposition, hit: Hit, today: date) -> str:
    expired = before.expires_on is not None and before.expires_on <= today
    return _changed(before, hit) or (f"The decision held until {before.expires_on}." if expired else "")


def _may_be_listed(run: ScreeningRun, hits: Iterable[Hit]) -> set[str]:
    """Parties that came near a name on a list that counts owners, and were not cleared of it."""
    lists = run.thresholds["ownership"]["lists"]
    found = (hit for hit in hits if hit.list_key in lists and hit.status != HitStatus.FALSE_MATCH)
    return {hit.party_ref for hit in found if hit.by_itself}


def _reopen_owned(run: ScreeningRun, hits: Iterable[Hit], listed: set[str]) -> list[Hit]:
    """What was cleared for its owners' sake is open again when they are: the decisions about them hold no longer, or not here."""
    cleared = [hit for hit in hits if hit.disposition is not None and hit.disposition.reason == OWNER_NOT_LISTED]
    reopened = [hit for hit in cleared if _still_owned(hit, run, listed)]
    for hit in reopened:
        hit.status, hit.disposition, hit.reopened_because = HitStatus.POTENTIAL, None, OF_OWNERS_NO_MORE
    return reopened


def _still_owned(hit: Hit, run: ScreeningRun, listed: set[str]) -> bool:
    return still_owned(hit.party_ref, stakes_of(run.stakes), listed, Decimal(hit.features["limit"]))


def _settle_owned(owner: Hit, actor: Person) -> None:
    """What is owned by nobody who may still be listed needs no decision of its own; what rests on a decision that is gone needs one."""
    run = owner.run
    rows = run.hits.select_for_update(of=("self",)).select_related("listed_party", "disposition", "run")
    owned = [hit for hit in rows.filter(features__owners__contains=[owner.party_ref]) if not hit.by_itself]
    if not owned:
        return
    listed = _may_be_listed(run, run.hits.all())
    for hit in _reopen_owned(run, owned, listed):
        hit.save(update_fields=["status", "disposition", "reopened_because"])
        record_status(hit, actor, hit.reopened_because)
    for hit in owned:
        if owner.status == HitStatus.POTENTIAL and hit.status == HitStatus.TRUE_MATCH:
            dispose(hit, HitStatus.POTENTIAL, actor, reason="", sentence=OWNER_TAKEN_BACK)
            record_status(hit, actor, OWNER_TAKEN_BACK)
        elif hit.status == HitStatus.POTENTIAL and not _still_owned(hit, run, listed):
            dispose(hit, HitStatus.FALSE_MATCH, actor, reason=OWNER_NOT_LISTED, sentence=NO_OWNER_LISTED)
            record_status(hit, actor, NO_OWNER_LISTED)
