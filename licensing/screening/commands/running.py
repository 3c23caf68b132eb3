"""Screening everybody of a subject. What goes wrong ends the run as failed and is raised: it is never "no match"."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import NotNow
from licensing.screening import fingerprints, match
from licensing.screening.events import ScreeningEvent
from licensing.screening.match import ScreeningQuery
from licensing.screening.models import Disposition, Hit, ListedParty, ListSnapshot, RunState, ScreeningRun
from licensing.screening.queries import SEPARATOR, current_snapshots, named
from licensing.screening.replaying import once_each, result_digest, searched


@refusals_logged(ScreeningEvent.RUN_FAILED)
def screen(*, actor: Actor, subject_kind: str, subject_id: str, queries: Sequence[ScreeningQuery]) -> ScreeningRun:
    """Screen everybody of a subject against every list in force, and keep what is needed to repeat it.

    Decisions made before hold where neither side has changed. Raises `NotNow` when no list is in force, `Invalid` when there is
    nobody to screen, `match.UnusableName` for a name that says nothing. Whatever is raised, the run stays behind as failed (unless
    the caller rolls back a transaction of its own): it is never "no match".
    """
    snapshots = current_snapshots()
    run = ScreeningRun.objects.create(
        subject_kind=subject_kind, subject_id=subject_id, at=timezone.now(), engine_version=match.ENGINE,
        snapshots=named(snapshots),
        thresholds={"score": match.THRESHOLD}, queries=[_plain(query) for query in queries],
        actor_id=actor.actor_id, actor_label=actor.actor_label,
    )  # fmt: skip
    try:
        with transaction.atomic():
            return _screened(run, actor, once_each(queries), snapshots)
    except Exception as error:
        _fail(run.pk, actor, f"{type(error).__name__}: {error}")
        raise


def _screened(
    run: ScreeningRun, actor: Actor, queries: Sequence[ScreeningQuery], snapshots: list[ListSnapshot]
) -> ScreeningRun:
    if not snapshots:
        raise NotNow("no_lists", "No restricted-party list is in force: an administrator has to load one.")
    found = searched(queries, snapshots, run.thresholds["score"])
    _keep(run, found, snapshots)
    run.state, run.finished_at, run.result_sha256 = RunState.DONE, timezone.now(), result_digest(found)
    run.save(update_fields=["state", "finished_at", "result_sha256"])
    record(run, ScreeningEvent.RUN_DONE, actor=actor, names=len(queries), hits=len(found))
    return run


def _plain(query: ScreeningQuery) -> dict[str, Any]:
    return {**vars(query), "aliases": list(query.aliases), "identifiers": list(query.identifiers)}


def _fail(run_id: int, actor: Actor, error: str) -> None:
    with transaction.atomic():
        run = ScreeningRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        run.state, run.error, run.finished_at = RunState.FAILED, error[:2000], timezone.now()
        run.save(update_fields=["state", "error", "finished_at"])
        record(run, ScreeningEvent.RUN_FAILED, actor=actor, error=run.error)


def _keep(
    run: ScreeningRun, found: Sequence[tuple[ScreeningQuery, match.Match]], snapshots: list[ListSnapshot]
) -> None:
    listed = {}
    for snapshot in snapshots:
        key = snapshot.restricted_list.key
        wanted = {
            hit.entity_id.split(SEPARATOR, 1)[1] for _, hit in found if hit.entity_id.startswith(f"{key}{SEPARATOR}")
        }
        for row in ListedParty.objects.on(snapshot).filter(entity_id__in=wanted):
            listed[f"{key}{SEPARATOR}{row.entity_id}"] = row
    Hit.objects.bulk_create(_hit(run, query, hit, listed[hit.entity_id]) for query, hit in found)


def _hit(run: ScreeningRun, query: ScreeningQuery, hit: match.Match, listed: ListedParty) -> Hit:
    list_key, entity_id = hit.entity_id.split(SEPARATOR, 1)
    row = Hit(
        run=run, party_ref=query.ref, party_role=query.role[:40], party=_plain(query), party_fingerprint=fingerprints.of_query(query),
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
    if before.expires_on is not None and before.expires_on <= timezone.localdate():
        return f"The decision held until {before.expires_on.isoformat()}."
    return ""
