"""Which version holds, and what a draft would change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from licensing.publishing.models import OPEN, Publication, PublicationState
from licensing.publishing.observers import differences
from licensing.statements import prepared


def in_force(kind: str, key: str, at: datetime, known_at: datetime | None = None) -> Publication | None:
    """The version that holds at an instant; with `known_at`, as far as was published by then."""
    return _published(kind, at, known_at).filter(key=key).order_by("-effective_at", "-version").first()


def all_in_force(kind: str, at: datetime, known_at: datetime | None = None) -> dict[str, Publication]:
    """The version of every key of a kind that holds at an instant. One query."""
    rows = _published(kind, at, known_at).order_by("key", "-effective_at", "-version").distinct("key")
    return {row.key: row for row in rows}


def ids_in_force(kinds: Iterable[str], at: datetime, known_at: datetime | None = None) -> dict[tuple[str, str], int]:
    """The id of the version of every key of these kinds that holds at an instant, without its content. One query."""
    return {(kind, key): pk for kind, key, pk in _ids(kinds=tuple(kinds), at=at, known_at=known_at)}


@prepared
def _ids(
    kinds: tuple[str, ...], at: datetime, known_at: datetime | None
) -> QuerySet[Publication, tuple[str, str, int]]:
    known = Q(published_at__lte=known_at) if known_at else Q()
    rows = Publication.objects.filter(
        known, kind__in=kinds, state=PublicationState.PUBLISHED, effective_at__lte=at
    ).order_by("kind", "key", "-effective_at", "-version")
    return rows.distinct("kind", "key").values_list("kind", "key", "pk")


@dataclass(frozen=True)
class Standing:
    """A version without its content: `title` is the name or the title that the content gives."""

    id: int
    kind: str
    key: str
    version: int
    state: str
    title: str
    note: str
    effective_at: datetime | None


def standing(kinds: Iterable[str], at: datetime) -> list[Standing]:
    """The version of every key of these kinds that holds at an instant, by kind and key. One query."""
    rows = Publication.objects.filter(kind__in=list(kinds), state=PublicationState.PUBLISHED, effective_at__lte=at)
    return _standing(rows.order_by("kind", "key", "-effective_at", "-version").distinct("kind", "key"))


def waiting(kinds: Iterable[str], at: datetime) -> list[Standing]:
    """Drafts and proposals of these kinds, and published versions that are still to hold. One query."""
    later = Q(state=PublicationState.PUBLISHED, effective_at__gt=at)
    rows = Publication.objects.filter(Q(state__in=OPEN) | later, kind__in=list(kinds))
    return _standing(rows.order_by("kind", "key", "version"))


def _standing(rows: QuerySet[Publication]) -> list[Standing]:
    titled = rows.annotate(title=Coalesce(KT("content__name"), KT("content__title"), "key", output_field=TextField()))
    return [
        Standing(row.pk, row.kind, row.key, row.version, row.state, row.title or row.key, row.note, row.effective_at)
        for row in titled.defer("content")
    ]


def _published(kind: str, at: datetime, known_at: datetime | None) -> QuerySet[Publication]:
    known = Q(published_at__lte=known_at) if known_at else Q()
    return Publication.objects.filter(known, kind=kind, state=PublicationState.PUBLISHED, effective_at__lte=at)


def changes(publication: Publication) -> list[str]:
    """What the version changes, against the one that it is based on, a sentence each."""
    before = publication.based_on.content if publication.based_on else {}
    return differences(publication.kind, before, publication.content)
