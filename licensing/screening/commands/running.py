"""Screening everybody of a subject. What goes wrong ends the run as failed and is raised: it is never "no match"."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import NotNow
from licensing.parties.rules import Stake
from licensing.screening import fingerprints
from licensing.screening.events import ScreeningEvent
from licensing.screening.match import Match, ScreeningQuery
from licensing.screening.models import (
    OWNER_NOT_LISTED,
    Disposition,
    Hit,
    HitStatus,
    ListedParty,
    ListSnapshot,
    RunState,
    ScreeningRun,
)
from licensing.screening.ownership import Found, still_owned
from licensing.screening.queries import SEPARATOR, Basis, basis
from licensing.screening.replaying import once_each, result_digest, searched, stakes_of

NOT_NEAR = "The party is near this entry no longer; nobody has decided that it is another."


@refusals_logged(ScreeningEvent.RUN_FAILED)
def screen(
    *,
    actor: Actor,
    subject_kind: str,
    subject_id: str,
    queries: Sequence[ScreeningQuery],
    stakes: Sequence[Stake] = (),
) -> ScreeningRun:
    """Screen everybody of a subject against every list in force, and keep what is needed to repeat it.

    `stakes` say who owns how much of whom, by the references of the queries. Decisions made before hold where neither side has
    changed. Raises `NotNow` when no list is in force, `Invalid` when there is nobody to screen, `match.UnusableName` for a name
    that says nothing. Whatever is raised, the run stays behind as failed (unless the caller rolls back a transaction of its own):
    it is never "no match".
    """
    now = basis(timezone.now())
    run = ScreeningRun.objects.create(
        subject_kind=subject_kind, subject_id=subject_id, at=timezone.now(), engine_version=now.engine, snapshots=now.named,
        thresholds=now.thresholds, queries=[plain_query(query) for query in queries],
        stakes=[[stake.owner, stake.owned, None if stake.percent is None else str(stake.percent)] for stake in stakes],
        actor_id=actor.actor_id, actor_label=actor.actor_label,
    )  # fmt: skip
    try:
        with transaction.atomic():
            return _screened(run, actor, once_each(queries), stakes, now)
    except Exception as error:
        _fail(run.pk, actor, f"{type(error).__name__}: {error}")
        raise


def _screened(
    run: ScreeningRun, actor: Actor, queries: Sequence[ScreeningQuery], stakes: Sequence[Stake], now: Basis
) -> ScreeningRun:
    if not now.snapshots:
        raise NotNow("no_lists", "No restricted-party list is in force: an administrator has to load one.")
    found = searched(queries, now.snapshots, run.thresholds, stakes)
    _keep(run, found, now.snapshots)
    _carry_over(run, queries)
    run.state, run.finished_at, run.result_sha256 = RunState.DONE, timezone.now(), result_digest(found)
    run.save(update_fields=["state", "finished_at", "result_sha256"])
    record(run, ScreeningEvent.RUN_DONE, actor=actor, names=len(queries), hits=len(found))
    return run


def plain_query(query: ScreeningQuery) -> dict[str, Any]:
    """A query as JSON."""
    return {name: list(value) if isinstance(value, tuple | list) else value for name, value in vars(query).items()}


def _fail(run_id: int, actor: Actor, error: str) -> None:
    with transaction.atomic():
        run = ScreeningRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        run.state, run.error, run.finished_at = RunState.FAILED, error[:2000], timezone.now()
        run.save(update_fields=["state", "error", "finished_at"])
        record(run, ScreeningEvent.RUN_FAILED, actor=actor, error=run.error)


def _keep(run: ScreeningRun, found: Found, snapshots: list[ListSnapshot]) -> None:
    listed = {}
    for snapshot in snapshots:
        key = snapshot.restricted_list.key
        wanted = {
            match.entity_id.split(SEPARATOR, 1)[1]
            for _, match in found
            if match.entity_id.startswith(f"{key}{SEPARATOR}")
        }
        for row in ListedParty.objects.on(snapshot).filter(entity_id__in=wanted):
            listed[f"{key}{SEPARATOR}{row.entity_id}"] = row
    before = _decided_before(run, {query.ref for query, _ in found})
    hits = [_hit(run, query, match, listed[match.entity_id]) for query, match in found]
    for hit in hits:
        decision = before.get((hit.party_ref, hit.list_key, hit.entity_id))
        if decision is not None:
            _apply(hit, decision)
    _reopen_owned(run, hits)
    Hit.objects.bulk_create(hits)


def _hit(run: ScreeningRun, query: ScreeningQuery, match: Match, listed: ListedParty) -> Hit:
    list_key, entity_id = match.entity_id.split(SEPARATOR, 1)
    owned = "rule" in match.features
    return Hit(
        run=run, party_ref=query.ref, party_role=query.role, party=plain_query(query),
        party_fingerprint=fingerprints.of_holding(query, match.features) if owned else fingerprints.of_query(query),
        query_name=match.query_name, listed_party=listed, list_key=list_key, entity_id=entity_id, listed_name=match.listed_name,
        score=match.score, features=match.features,
    )  # fmt: skip


def _decided_before(run: ScreeningRun, refs: set[str]) -> dict[tuple[str, str, str], Disposition]:
    """The newest decision about each party and listed entity that reaches this subject. One query."""
    reaches = Q(scope="party") | Q(subject_kind=run.subject_kind, subject_id=run.subject_id)
    rows = Disposition.objects.filter(reaches, party_ref__in=refs).order_by("pk")
    return {(row.party_ref, row.list_key, row.entity_id): row for row in rows}


def _apply(row: Hit, before: Disposition) -> None:
    stale = _stale(before, row, timezone.localdate())
    if stale:
        row.reopened_because = stale
    else:
        row.status, row.disposition = before.status, before


def _reopen_owned(run: ScreeningRun, hits: Sequence[Hit]) -> None:
    """What was cleared for its owners' sake is open again when they are: the decisions about them hold no longer, or not here."""
    cleared = [hit for hit in hits if hit.disposition is not None and hit.disposition.reason == OWNER_NOT_LISTED]
    listed = may_be_listed(run, hits)
    for hit in cleared:
        if still_owned(hit.party_ref, stakes_of(run.stakes), listed, Decimal(hit.features["limit"])):
            hit.status, hit.disposition = HitStatus.POTENTIAL, None
            hit.reopened_because = "The decisions about its owners hold no longer, or not here."


def may_be_listed(run: ScreeningRun, hits: Iterable[Hit]) -> set[str]:
    """Parties that came near a name on a list that counts owners, and were not cleared of it."""
    lists = run.thresholds["ownership"]["lists"]
    found = (hit for hit in hits if hit.list_key in lists and hit.status != HitStatus.FALSE_MATCH)
    return {hit.party_ref for hit in found if hit.by_itself}


def _stale(before: Disposition, hit: Hit, today: date) -> str:
    if before.party_fingerprint != hit.party_fingerprint:
        return "What is known of the party has changed since the decision."
    if before.listed_fingerprint != hit.listed_party.fingerprint:
        return "The list has changed its entry since the decision."
    if before.expires_on is not None and before.expires_on <= today:
        return f"The decision held until {before.expires_on.isoformat()}."
    return ""


def _carry_over(run: ScreeningRun, queries: Sequence[ScreeningQuery]) -> None:
    """Hits that were not false stay for a person to settle when their entry has left its list, and when people took them for more
    than chance: that the two are near no longer closes nothing by itself.
    """
    before = (
        ScreeningRun.objects.filter(subject_kind=run.subject_kind, subject_id=run.subject_id, state=RunState.DONE)
        .order_by("-pk")
        .first()
    )
    if before is None:
        return
    there = set(run.hits.values_list("party_ref", "list_key", "entity_id"))
    roles = {query.ref: query.role for query in queries}
    left = before.hits.exclude(status=HitStatus.FALSE_MATCH).filter(party_ref__in=roles).select_related("listed_party")
    rows = [row for row in left if (row.party_ref, row.list_key, row.entity_id) not in there]
    still = _still_listed(rows)
    for row in rows:
        because = _stays_because(row, still)
        if because:
            row.pk, row.run, row.party_role = None, run, roles[row.party_ref]
            row.status, row.disposition, row.audit_sequence, row.audit_head = HitStatus.POTENTIAL, None, 0, ""
            row.reopened_because = because
            row.save(force_insert=True)


def _stays_because(row: Hit, still_listed: set[tuple[str, str]]) -> str:
    if (row.list_key, row.entity_id) not in still_listed:
        return f"The list has removed its entry, with number {row.listed_party.until_number}."
    taken_seriously = row.status != HitStatus.POTENTIAL or row.reopened_because == NOT_NEAR
    return NOT_NEAR if taken_seriously else ""


def _still_listed(rows: Sequence[Hit]) -> set[tuple[str, str]]:
    """Entities of these hits that are on their list, in this version or a newer one."""
    current = ListedParty.objects.filter(until_number=None, entity_id__in={row.entity_id for row in rows})
    return set(current.values_list("restricted_list__key", "entity_id"))
