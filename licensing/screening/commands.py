"""Loading lists, screening parties, deciding hits."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.screening import fingerprints, listfile, match
from licensing.screening.events import ScreeningEvent
from licensing.screening.match import ScreeningQuery
from licensing.screening.models import (
    FALSE_MATCH_REASONS,
    INCONCLUSIVE_REASONS,
    TRUE_MATCH_REASONS,
    CheckOutcome,
    Disposition,
    Hit,
    HitStatus,
    ListCheck,
    ListedParty,
    ListSnapshot,
    ListState,
    RestrictedList,
    RunState,
    ScreeningRun,
)
from licensing.screening.queries import SEPARATOR, current_snapshots, index_of

MIN_SENTENCE = 10
DECISION_HOLDS = timedelta(days=365)
REASONS: Mapping[str, dict[str, str]] = {
    HitStatus.FALSE_MATCH: dict(FALSE_MATCH_REASONS),
    HitStatus.TRUE_MATCH: dict(TRUE_MATCH_REASONS),
    HitStatus.INCONCLUSIVE: dict(INCONCLUSIVE_REASONS),
}


@refusals_logged(ScreeningEvent.LIST_LOADED)
def import_list(*, actor: Actor, key: str, name: str, source: str, published_on: date, content: bytes) -> ListSnapshot:
    """Load a list from its file (`listfile.read`). The same file again changes nothing.

    Raises `Invalid` for a file that cannot be read whole; the list before then stays in force.
    """
    digest = hashlib.sha256(content).hexdigest()
    try:
        rows = listfile.read(content)
    except listfile.BadList as bad:
        raise Invalid.one("file", source, f"{key}: {bad}") from None
    with transaction.atomic():
        RestrictedList.objects.get_or_create(key=key, defaults={"name": name})
        restricted = RestrictedList.objects.select_for_update(of=("self",)).get(key=key)
        before = restricted.snapshots.filter(state=ListState.CURRENT).first()
        if before is not None and before.sha256 == digest:
            _check(restricted, actor, source, digest, CheckOutcome.UNCHANGED, before)
            return before
        snapshot = _snapshot(restricted, before, actor, source, published_on, content, digest, rows)
        _check(restricted, actor, source, digest, CheckOutcome.LOADED, snapshot)
        record(restricted, ScreeningEvent.LIST_LOADED, actor=actor, key=key, number=snapshot.number, rows=snapshot.rows)
    return snapshot


def _check(
    restricted: RestrictedList, actor: Actor, source: str, digest: str, outcome: str, snapshot: ListSnapshot
) -> None:
    ListCheck.objects.create(
        restricted_list=restricted, at=timezone.now(), source=source, sha256=digest, outcome=outcome, snapshot=snapshot,
        actor_id=actor.actor_id, actor_label=actor.actor_label,
    )  # fmt: skip


def _snapshot(
    restricted: RestrictedList, before: ListSnapshot | None, actor: Actor, source: str, published_on: date, content: bytes, digest: str,
    rows: list[dict[str, Any]],
) -> ListSnapshot:  # fmt: skip
    """Supersede what is in force: versions that are unchanged run on, the others end, new ones begin."""
    number = (before.number if before else 0) + 1
    standing = {row.entity_id: row for row in ListedParty.objects.filter(restricted_list=restricted, until_number=None)}
    wanted = {row["entity_id"]: (row, fingerprints.of_listed(row)) for row in rows}
    gone = [row for key, row in standing.items() if key not in wanted or wanted[key][1] != row.fingerprint]
    new = [
        (row, mark) for key, (row, mark) in wanted.items() if key not in standing or standing[key].fingerprint != mark
    ]
    changed = len({row.entity_id for row in gone} & wanted.keys())
    ListedParty.objects.filter(pk__in=[row.pk for row in gone]).update(until_number=number)
    ListedParty.objects.bulk_create(
        ListedParty(restricted_list=restricted, fingerprint=mark, from_number=number, **row) for row, mark in new
    )
    if before is not None:
        before.state = ListState.SUPERSEDED
        before.save(update_fields=["state"])
    snapshot = ListSnapshot.objects.create(
        restricted_list=restricted, number=number, sha256=digest, source=source, published_on=published_on, fetched_at=timezone.now(),
        state=ListState.CURRENT, rows=len(rows), added=len(new) - changed, removed=len(gone) - changed, changed=changed, data=content,
        loaded_by_id=actor.actor_id, loaded_by_label=actor.actor_label,
    )  # fmt: skip
    restricted.current = snapshot
    restricted.save(update_fields=["current"])
    return snapshot


def screen(*, actor: Actor, subject_kind: str, subject_id: str, queries: Sequence[ScreeningQuery]) -> ScreeningRun:
    """Screen everybody of a subject against every list in force, and keep what is needed to repeat it.

    Decisions made before hold where neither side has changed. A failure is kept as a failed run and raised: it is never "no match".
    """
    snapshots = current_snapshots()
    run = ScreeningRun.objects.create(
        subject_kind=subject_kind, subject_id=subject_id, at=timezone.now(), engine_version=match.ENGINE,
        snapshots=[{"list": row.restricted_list.key, "number": row.number, "sha256": row.sha256} for row in snapshots],
        thresholds={"score": match.THRESHOLD, "limit": match.LIMIT}, queries=[_plain(query) for query in queries],
        actor_id=actor.actor_id, actor_label=actor.actor_label,
    )  # fmt: skip
    try:
        if not snapshots:
            raise NotNow("no_lists", "No restricted-party list is in force: an administrator has to load one.")
        found = _search(queries, snapshots)
    except Exception as error:
        _fail(run, actor, f"{type(error).__name__}: {error}")
        raise
    with transaction.atomic():
        _keep(run, found, snapshots)
        run.state, run.finished_at = RunState.DONE, timezone.now()
        run.save(update_fields=["state", "finished_at"])
        record(run, ScreeningEvent.RUN_DONE, actor=actor, names=len(queries), hits=len(found))
    return run


def _plain(query: ScreeningQuery) -> dict[str, Any]:
    return {**vars(query), "aliases": list(query.aliases), "identifiers": list(query.identifiers)}


def _search(
    queries: Sequence[ScreeningQuery], snapshots: list[ListSnapshot]
) -> list[tuple[ScreeningQuery, match.Match]]:
    index = index_of(snapshots)
    return [(query, hit) for query in queries for hit in index.search(query)]


def _fail(run: ScreeningRun, actor: Actor, error: str) -> None:
    with transaction.atomic():
        run.state, run.error, run.finished_at = RunState.FAILED, error[:2000], timezone.now()
        run.save(update_fields=["state", "error", "finished_at"])
        record(run, ScreeningEvent.RUN_FAILED, actor=actor, error=run.error)


def _keep(
    run: ScreeningRun, found: Sequence[tuple[ScreeningQuery, match.Match]], snapshots: list[ListSnapshot]
) -> None:
    listed = {}
    for snapshot in snapshots:
        key = snapshot.restricted_list.key
        named = {
            hit.entity_id.split(SEPARATOR, 1)[1] for _, hit in found if hit.entity_id.startswith(f"{key}{SEPARATOR}")
        }
        for row in ListedParty.objects.on(snapshot).filter(entity_id__in=named):
            listed[f"{key}{SEPARATOR}{row.entity_id}"] = row
    Hit.objects.bulk_create(_hit(run, query, hit, listed[hit.entity_id]) for query, hit in found)


def _hit(run: ScreeningRun, query: ScreeningQuery, hit: match.Match, listed: ListedParty) -> Hit:
    list_key, entity_id = hit.entity_id.split(SEPARATOR, 1)
    row = Hit(
        run=run, party_ref=query.ref, party_role=query.role, party=_plain(query), party_fingerprint=fingerprints.of_query(query),
        query_name=hit.query_name, listed_party=listed, list_key=list_key, entity_id=entity_id, listed_name=hit.listed_name,
        score=hit.score, features=hit.features,
    )  # fmt: skip
    before = (
        Disposition.objects.filter(party_ref=query.ref, list_key=list_key, entity_id=entity_id).order_by("-id").first()
    )
    if before is not None:
        stale = _stale(before, row, listed)
        if stale:
            row.reopened_because = stale
        else:
            row.status, row.disposition = before.status, before
    return row


def _stale(before: Disposition, hit: Hit, listed: ListedParty) -> str:
    if before.party_fingerprint != hit.party_fingerprint:
        return "What is known of the party has changed since the decision."
    if before.listed_fingerprint != listed.fingerprint:
        return "The list has changed its entry since the decision."
    if before.expires_on is not None and before.expires_on < timezone.localdate():
        return f"The decision held until {before.expires_on.isoformat()}."
    return ""


def _require_officer(actor: Person) -> None:
    if not actor.reviews_for_authority():
        raise NotPermitted("not_an_officer", "Only officers of the licensing authority decide screening hits.")


@refusals_logged(ScreeningEvent.HIT_DECIDED)
def decide_hit(*, actor: Person, hit_id: int, status: str, reason: str, sentence: str) -> Hit:
    """Decide on a hit, with a reason of the list and a sentence of one's own. A true match waits for a second person."""
    _require_officer(actor)
    if status not in REASONS:
        raise Invalid.one("status", status, f"Choose one of {', '.join(REASONS)}.")
    if reason not in REASONS[status]:
        raise Invalid.one("reason", reason, f"Choose one of {', '.join(REASONS[status])}.")
    if len(sentence.strip()) < MIN_SENTENCE:
        raise Invalid.one("sentence", sentence, f"Say why, in at least {MIN_SENTENCE} characters.")
    with transaction.atomic():
        hit = Hit.objects.select_for_update(of=("self",)).select_related("listed_party").get(pk=hit_id)
        if hit.status not in (HitStatus.POTENTIAL, HitStatus.INCONCLUSIVE):
            raise NotNow("already_decided", f"This hit is decided already: {hit.get_status_display()}.")
        kept = HitStatus.AWAITING_SECOND if status == HitStatus.TRUE_MATCH else HitStatus(status)
        _dispose(hit, kept, reason, sentence.strip(), actor)
        record(
            hit,
            ScreeningEvent.HIT_DECIDED,
            actor=actor,
            listed_name=hit.listed_name,
            status=kept.label,
            sentence=sentence.strip(),
        )
    return hit


def _dispose(
    hit: Hit, status: HitStatus, reason: str, sentence: str, reviewer: Person, second: Person | None = None
) -> None:
    hit.disposition = Disposition.objects.create(
        party_ref=hit.party_ref, list_key=hit.list_key, entity_id=hit.entity_id, party_fingerprint=hit.party_fingerprint,
        listed_fingerprint=hit.listed_party.fingerprint, status=status, reason=reason, sentence=sentence, decided_at=timezone.now(),
        expires_on=timezone.localdate() + DECISION_HOLDS, reviewer_id=reviewer.actor_id, reviewer_label=reviewer.actor_label,
        second_reviewer_id=second.actor_id if second else "", second_reviewer_label=second.actor_label if second else "",
    )  # fmt: skip
    hit.status = status
    hit.save(update_fields=["status", "disposition"])


@refusals_logged(ScreeningEvent.HIT_CONFIRMED)
def confirm_hit(*, actor: Person, hit_id: int) -> Hit:
    """Confirm a true match as the second person."""
    _require_officer(actor)
    with transaction.atomic():
        hit = Hit.objects.select_for_update(of=("self",)).select_related("listed_party").get(pk=hit_id)
        first = hit.disposition
        if hit.status != HitStatus.AWAITING_SECOND or first is None:
            raise NotNow("nothing_to_confirm", "This hit does not wait for a second person.")
        if first.reviewer_id == actor.actor_id:
            raise NotPermitted("four_eyes", "You made this decision; somebody else has to confirm it.")
        reviewer = Person.objects.get(pk=first.reviewer_id)
        _dispose(hit, HitStatus.TRUE_MATCH, first.reason, first.sentence, reviewer, actor)
        record(hit, ScreeningEvent.HIT_CONFIRMED, actor=actor, listed_name=hit.listed_name)
    return hit
