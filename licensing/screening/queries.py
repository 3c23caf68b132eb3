"""Reads of lists, runs and hits; and the index of all lists in force, built once for a process."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from licensing.screening import fingerprints, formats, match, rules
from licensing.screening.indexes import kept
from licensing.screening.match import Entry, Index
from licensing.screening.models import (
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
from licensing.screening.policies import policy

UNDECIDED = (HitStatus.POTENTIAL, HitStatus.AWAITING_SECOND, HitStatus.INCONCLUSIVE, HitStatus.TAKING_BACK)
SEPARATOR = "/"


def current_snapshots() -> list[ListSnapshot]:
    """The snapshot in force of every list, by key."""
    rows = ListSnapshot.objects.filter(state="current").select_related("restricted_list").defer("data")
    return list(rows.order_by("restricted_list__key"))


def index_of(snapshots: list[ListSnapshot]) -> Index:
    """The names of these snapshots; an entity's id in it is `<list key>/<entity id>`.

    Raises LookupError when parties of a snapshot are missing: half a list clears nobody.
    """
    basis = "\n".join(f"{row.restricted_list.key} {row.number} {row.sha256}" for row in snapshots)
    return _index(tuple(snapshot.pk for snapshot in snapshots), basis)


@lru_cache(maxsize=4)
def _index(snapshot_ids: tuple[int, ...], basis: str) -> Index:
    return kept(settings.VAR_DIR / "screening", basis, lambda: Index.build(_entries(snapshot_ids)))


def _entries(snapshot_ids: tuple[int, ...]) -> list[Entry]:
    entries = []
    for snapshot in ListSnapshot.objects.filter(pk__in=snapshot_ids).select_related("restricted_list").defer("data"):
        rows = list(ListedParty.objects.on(snapshot))
        if len(rows) != snapshot.rows:
            raise LookupError(f"{snapshot} has {snapshot.rows} parties, and {len(rows)} were found")
        entries += [entry(snapshot.restricted_list.key, row) for row in rows]
    return entries


def entry(list_key: str, row: ListedParty) -> Entry:
    return match.listed(f"{list_key}{SEPARATOR}{row.entity_id}", vars(row))


def named(snapshots: Iterable[ListSnapshot]) -> list[dict[str, Any]]:
    """Snapshots as a run keeps them."""
    return [{"list": row.restricted_list.key, "number": row.number, "sha256": row.sha256} for row in snapshots]


@dataclass(frozen=True)
class Basis:
    """What a screening at an instant rests on besides the parties; a run keeps all of it."""

    snapshots: list[ListSnapshot]
    thresholds: dict[str, Any]
    engine: str = match.ENGINE

    @property
    def named(self) -> list[dict[str, Any]]:
        return named(self.snapshots)


def basis(at: datetime) -> Basis:
    """The lists, the thresholds and the engine in force. Two queries."""
    snapshots = current_snapshots()
    keys = [row.restricted_list.key for row in snapshots]
    return Basis(snapshots, policy(at).thresholds(keys, at.date(), match.THRESHOLD))


def is_fresh(run: ScreeningRun | None, at: datetime) -> bool:
    """Whether a run stands: it is done, by this engine, with every list and threshold as it is in force."""
    if run is None or run.state != RunState.DONE:
        return False
    now = basis(at)
    return (run.engine_version, run.snapshots, run.thresholds) == (now.engine, now.named, now.thresholds)


def standing_of(subject_kind: str, subject_id: str, at: datetime) -> rules.Standing:
    """What the hits of a subject's newest run say under the policy in force."""
    rows = hits(subject_kind, subject_id)
    found = [
        rules.Found(
            list_key=hit.list_key, status=hit.status, name=hit.listed_name,
            decided_at=hit.disposition.decided_at if hit.disposition else None,
            requirement=hit.listed_party.license_requirement, policy=hit.listed_party.license_policy,
            owner_alone=hit.of_owner_alone,
        )
        for hit in rows
    ]  # fmt: skip
    return rules.standing(policy(at), found)


def latest_run(subject_kind: str, subject_id: str) -> ScreeningRun | None:
    """The newest run of a subject, whatever became of it."""
    return ScreeningRun.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).order_by("-id").first()


def failures(subject_kind: str, at: datetime) -> QuerySet[ScreeningRun]:
    """Runs that failed or broke off, and after which nothing was screened: of their subjects nothing is known."""
    newer = ScreeningRun.objects.filter(
        subject_kind=OuterRef("subject_kind"), subject_id=OuterRef("subject_id"), pk__gt=OuterRef("pk")
    )
    return ScreeningRun.objects.unfinished(at).filter(~Exists(newer), subject_kind=subject_kind)


def hits(subject_kind: str, subject_id: str) -> QuerySet[Hit]:
    """The hits of a subject's newest run, best first."""
    newest = (
        ScreeningRun.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id))
        .order_by("-id")
        .values("pk")[:1]
    )
    return Hit.objects.filter(run__in=newest).select_related("listed_party__restricted_list", "disposition")


def earlier_decisions(hit: Hit) -> QuerySet[Disposition]:
    """What was decided about this party and this listed entity before, the newest first; not the decision that stands."""
    pair = Disposition.objects.filter(party_ref=hit.party_ref, list_key=hit.list_key, entity_id=hit.entity_id)
    return (pair.exclude(pk=hit.disposition_id) if hit.disposition_id else pair).order_by("-pk")


def undecided(run_id: int | None) -> QuerySet[Hit]:
    """The hits of one run on which nobody has decided, or not finally."""
    return Hit.objects.filter(run=run_id, status__in=UNDECIDED)


def suspected(subject_kind: str, subject_id: str) -> bool:
    """Whether anybody is, or may be, on a list, whatever the list does to a case."""
    return hits(subject_kind, subject_id).exclude(status=HitStatus.FALSE_MATCH).exists()


def open_hits(subject_kind: str, subject_id: str) -> list[Hit]:
    """Those on which nobody has decided, or not finally."""
    return list(hits(subject_kind, subject_id).filter(status__in=UNDECIDED))


@dataclass(frozen=True)
class Standing:
    """Where one list stands: what is in force, what is held, when it was last looked at, its source, and what a hit does."""

    key: str
    name: str
    current: ListSnapshot | None
    held: ListSnapshot | None
    last_check: ListCheck | None
    urls: tuple[str, ...]
    every_hours: int
    effect: str
    citation: str


def standings(at: datetime) -> list[Standing]:
    """Every list by key, in four queries."""
    rows = ListSnapshot.objects.filter(state__in=[ListState.CURRENT, ListState.HELD]).select_related("restricted_list")
    found = {(row.restricted_list_id, row.state): row for row in rows.defer("data")}
    newest = ListCheck.objects.order_by("restricted_list", "-at", "-pk").distinct("restricted_list")
    checks = {check.restricted_list_id: check for check in newest}
    said = policy(at)
    return [
        Standing(
            key=row.key,
            name=row.name,
            current=found.get((row.pk, ListState.CURRENT)),
            held=found.get((row.pk, ListState.HELD)),
            last_check=checks.get(row.pk),
            urls=tuple(row.urls),
            every_hours=row.every_hours,
            effect=said.rule(row.key).effect,
            citation=said.rule(row.key).citation,
        )
        for row in RestrictedList.objects.order_by("key")
    ]


@dataclass(frozen=True)
class EntityChange:
    """`what`: added, removed or changed; the name is the newer one."""

    what: str
    entity_id: str
    name: str


def difference(snapshot: ListSnapshot) -> list[EntityChange]:
    """What a snapshot changed, or would change while it is held, against the list in force; by kind of change and entity."""
    if snapshot.state in (ListState.HELD, ListState.REFUSED):
        return _would_change(snapshot)
    of_list = ListedParty.objects.filter(restricted_list_id=snapshot.restricted_list_id)
    began = dict(of_list.filter(from_number=snapshot.number).values_list("entity_id", "name"))
    ended = dict(of_list.filter(until_number=snapshot.number).values_list("entity_id", "name"))
    return _changes(began, ended)


def _would_change(snapshot: ListSnapshot) -> list[EntityChange]:
    in_force = ListedParty.objects.filter(restricted_list_id=snapshot.restricted_list_id, until_number=None)
    before = {entity: (mark, name) for entity, mark, name in in_force.values_list("entity_id", "fingerprint", "name")}
    try:
        rows = formats.read(
            snapshot.restricted_list.format, formats.unpacked(snapshot.source, bytes(snapshot.data))
        ).rows
    except formats.BadList:
        return []  # held because it cannot be read: it would change nothing
    after = {row["entity_id"]: (fingerprints.of_listed(row), row["name"]) for row in rows}
    began = {entity: name for entity, (mark, name) in after.items() if before.get(entity, ("", ""))[0] != mark}
    ended = {entity: name for entity, (mark, name) in before.items() if after.get(entity, ("", ""))[0] != mark}
    return _changes(began, ended)


def _changes(began: dict[str, str], ended: dict[str, str]) -> list[EntityChange]:
    changed = began.keys() & ended.keys()
    return [
        *(EntityChange("added", entity, began[entity]) for entity in sorted(began.keys() - changed)),
        *(EntityChange("removed", entity, ended[entity]) for entity in sorted(ended.keys() - changed)),
        *(EntityChange("changed", entity, began[entity]) for entity in sorted(changed)),
    ]
