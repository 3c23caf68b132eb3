"""Screening everybody of a subject. What goes wrong ends the run as failed and is raised: it is never "no match"."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import NotNow
from licensing.parties.rules import Stake
from licensing.screening import fingerprints
from licensing.screening.commands.settling import apply_earlier
from licensing.screening.events import ScreeningEvent
from licensing.screening.match import Match, ScreeningQuery
from licensing.screening.models import (
    Hit,
    HitStatus,
    ListedParty,
    ListSnapshot,
    RunState,
    ScreeningRun,
)
from licensing.screening.ownership import Found
from licensing.screening.queries import SEPARATOR, Basis, basis
from licensing.screening.replaying import once_each, result_digest, searched

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
    hits = [_hit(run, query, match, listed[match.entity_id]) for query, match in found]
    apply_earlier(run, hits)
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
    taken_seriously = row.disposition_id is not None or row.reopened_because == NOT_NEAR
    return NOT_NEAR if taken_seriously else ""


def _still_listed(rows: Sequence[Hit]) -> set[tuple[str, str]]:
    """Entities of these hits that are on their list, in this version or a newer one."""
    current = ListedParty.objects.filter(until_number=None, entity_id__in={row.entity_id for row in rows})
    return set(current.values_list("restricted_list__key", "entity_id"))
