"""Reads of lists, runs and hits; and the index of all lists in force, built once for a process."""

from functools import lru_cache

from django.db.models import QuerySet

from licensing.screening.match import Entry, Index
from licensing.screening.models import Hit, HitStatus, ListedParty, ListSnapshot, ScreeningRun

UNDECIDED = (HitStatus.POTENTIAL, HitStatus.AWAITING_SECOND, HitStatus.INCONCLUSIVE)
SEPARATOR = "/"


def current_snapshots() -> list[ListSnapshot]:
    """The snapshot in force of every list, by key."""
    rows = ListSnapshot.objects.filter(state="current").select_related("restricted_list").defer("data")
    return list(rows.order_by("restricted_list__key"))


def index_of(snapshots: list[ListSnapshot]) -> Index:
    """The names of these snapshots; an entity's id in it is `<list key>/<entity id>`.

    Raises LookupError when parties of a snapshot are missing: half a list clears nobody.
    """
    return _index(tuple(snapshot.pk for snapshot in snapshots))


@lru_cache(maxsize=4)
def _index(snapshot_ids: tuple[int, ...]) -> Index:
    entries = []
    for snapshot in ListSnapshot.objects.filter(pk__in=snapshot_ids).select_related("restricted_list").defer("data"):
        rows = list(ListedParty.objects.on(snapshot))
        if len(rows) != snapshot.rows:
            raise LookupError(f"{snapshot} has {snapshot.rows} parties, and {len(rows)} were found")
        entries += [_entry(snapshot.restricted_list.key, row) for row in rows]
    return Index.build(entries)


def _entry(list_key: str, row: ListedParty) -> Entry:
    return Entry(
        entity_id=f"{list_key}{SEPARATOR}{row.entity_id}", name=row.name, aliases=row.aliases, weak_aliases=row.weak_aliases, kind=row.kind,
        countries=row.countries, birth_dates=row.birth_dates, identifiers=row.identifiers,
    )  # fmt: skip


def latest_run(subject_kind: str, subject_id: str) -> ScreeningRun | None:
    """The newest run of a subject, whatever became of it."""
    return ScreeningRun.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).order_by("-id").first()


def hits(subject_kind: str, subject_id: str) -> QuerySet[Hit]:
    """The hits of a subject's newest run, best first."""
    newest = (
        ScreeningRun.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id))
        .order_by("-id")
        .values("pk")[:1]
    )
    return Hit.objects.filter(run__in=newest).select_related("listed_party__restricted_list", "disposition")


def open_hits(subject_kind: str, subject_id: str) -> list[Hit]:
    """Those on which nobody has decided, or not finally."""
    return list(hits(subject_kind, subject_id).filter(status__in=UNDECIDED))
