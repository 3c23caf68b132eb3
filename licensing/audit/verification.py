"""Looking for the first broken link of each chain.

Everything is read in one pass with server-side cursors or compared inside PostgreSQL, so that memory stays flat however long the
trail is. A deleted subject row is no fault in itself: the trail outlives it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import connection, models

from licensing.audit import rules
from licensing.audit.commands import kind_of
from licensing.audit.models import Chained, Checkpoint, CheckpointHead, Event

CHUNK = 2000


class Fault(StrEnum):
    EDITED = "edited"
    MISSING = "missing"
    CUT = "cut"
    HEAD = "head"
    CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class BrokenLink:
    """One place where the trail does not hold, and what it means."""

    fault: Fault
    subject_kind: str
    subject_id: str
    sequence: int
    sentence: str

    @property
    def subject(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}"

    def __str__(self) -> str:
        return f"{self.subject} #{self.sequence}: {self.sentence}"


def broken_links(subject: tuple[str, str] | None = None) -> Iterator[BrokenLink]:
    """The first broken link of each chain, then heads and checkpoints that disagree with their chain."""
    seen: set[str] = set()
    for link in _all_links(subject):
        if link.subject not in seen:
            seen.add(link.subject)
            yield link


def _all_links(subject: tuple[str, str] | None) -> Iterator[BrokenLink]:
    yield from _broken_chains(subject)
    yield from _broken_heads(subject)
    yield from _unkept_seals(subject)
    if subject is None:
        yield from _broken_checkpoints()


def _broken_chains(subject: tuple[str, str] | None) -> Iterator[BrokenLink]:
    events = Event.objects.order_by("subject_kind", "subject_id", "sequence")
    if subject:
        events = events.filter(subject_kind=subject[0], subject_id=subject[1])
    names = list(rules.Entry.__dataclass_fields__)
    rows = events.values_list(*names, "hash").iterator(chunk_size=CHUNK)
    for _, chain in groupby(rows, key=lambda row: (row[0], row[1])):
        link = _first_broken(chain)
        if link:
            yield link


def _first_broken(chain: Iterator[tuple[Any, ...]]) -> BrokenLink | None:
    expected, previous = 1, ""
    for row in chain:
        entry, kept = rules.Entry(*row[:-1]), row[-1]
        if entry.sequence != expected:
            return _link(Fault.MISSING, entry, expected, f"event {expected} is missing.")
        if entry.hash() != kept:
            return _link(Fault.EDITED, entry, expected, f"event {expected} was edited: its hash no longer fits.")
        if entry.previous_hash != previous:
            return _link(Fault.EDITED, entry, expected, f"event {expected} does not follow from the one before.")
        expected, previous = expected + 1, kept
    return None


def _link(fault: Fault, entry: rules.Entry, sequence: int, sentence: str) -> BrokenLink:
    return BrokenLink(fault, entry.subject_kind, entry.subject_id, sequence, sentence)


def chained_models() -> list[type[Chained]]:
    """Every table whose rows have a trail."""
    return [model for model in apps.get_models() if issubclass(model, Chained) and not model._meta.proxy]


def _broken_heads(subject: tuple[str, str] | None) -> Iterator[BrokenLink]:
    for model in chained_models():
        kind = kind_of(model)
        if subject is None or subject[0] == kind:
            yield from _heads_of(model, kind, subject[1] if subject else None)


HEADS = """
    SELECT row.{pk}::text, row.audit_sequence, last.id IS NULL, last.hash IS DISTINCT FROM row.audit_head
    FROM {table} row
    LEFT JOIN audit_event last
      ON last.subject_kind = %s AND last.subject_id = row.{pk}::text AND last.sequence = row.audit_sequence
    WHERE (%s::text IS NULL OR row.{pk}::text = %s)
      AND ((row.audit_sequence > 0 AND (last.id IS NULL OR last.hash <> row.audit_head))
        OR EXISTS (SELECT 1 FROM audit_event later
                   WHERE later.subject_kind = %s AND later.subject_id = row.{pk}::text
                     AND later.sequence = row.audit_sequence + 1))
    ORDER BY 1
"""


def _heads_of(model: type[Chained], kind: str, key: str | None) -> Iterator[BrokenLink]:
    quote = connection.ops.quote_name
    sql = HEADS.format(table=quote(model._meta.db_table), pk=quote(model._meta.pk.attname))
    with connection.cursor() as cursor:
        cursor.execute(sql, [kind, key, key, kind])
        for subject_id, sequence, gone, differs in cursor:
            if gone and sequence:
                yield BrokenLink(
                    Fault.CUT, kind, subject_id, sequence, f"its row knows of {sequence} events; the last is missing."
                )
            elif differs and sequence:
                yield BrokenLink(Fault.HEAD, kind, subject_id, sequence, "its row names another last event.")
            else:
                yield BrokenLink(
                    Fault.HEAD, kind, subject_id, sequence + 1, f"its row knows of only {sequence} events."
                )


def _unkept_seals(subject: tuple[str, str] | None) -> Iterator[BrokenLink]:
    """What a checkpoint sealed must still be there, with the hash it had."""
    event = Event.objects.filter(
        subject_kind=models.OuterRef("subject_kind"),
        subject_id=models.OuterRef("subject_id"),
        sequence=models.OuterRef("sequence"),
    )
    heads = CheckpointHead.objects.annotate(found=models.Subquery(event.values("hash")[:1])).exclude(
        found__isnull=False, found=models.F("hash")
    )
    if subject:
        heads = heads.filter(subject_kind=subject[0], subject_id=subject[1])
    rows = heads.order_by("subject_kind", "subject_id", "sequence").values_list(
        "subject_kind", "subject_id", "sequence", "checkpoint__number", "found"
    )
    for kind, key, sequence, number, found in rows.iterator(chunk_size=CHUNK):
        if found is None:
            yield BrokenLink(
                Fault.CUT, kind, key, sequence, f"checkpoint {number} sealed event {sequence}, which is missing."
            )
        else:
            yield BrokenLink(
                Fault.CHECKPOINT, kind, key, sequence, f"checkpoint {number} sealed another event {sequence}."
            )


def _broken_checkpoints() -> Iterator[BrokenLink]:
    """The first checkpoint that does not hold: the ones after it hang on it."""
    expected, previous = 1, ""
    for checkpoint in Checkpoint.objects.order_by("number").iterator(chunk_size=CHUNK):
        sentence = _fault_of(checkpoint, expected, previous)
        if sentence:
            yield BrokenLink(Fault.CHECKPOINT, "audit.checkpoint", str(expected), expected, sentence)
            return
        expected, previous = expected + 1, checkpoint.hash


def _fault_of(checkpoint: Checkpoint, expected: int, previous: str) -> str:
    if checkpoint.number != expected:
        return f"checkpoint {expected} is missing."
    if checkpoint.previous_hash != previous:
        return f"checkpoint {expected} does not follow from the one before."
    fields = ("number", "at", "horizon", "through", "count", "heads_hash", "previous_hash")
    if rules.checkpoint_hash(**{name: getattr(checkpoint, name) for name in fields}) != checkpoint.hash:
        return f"checkpoint {expected} was edited: its hash no longer fits."
    heads = checkpoint.heads.order_by("subject_kind", "subject_id").values_list(
        "subject_kind", "subject_id", "sequence", "hash"
    )
    if rules.heads_hash(rules.Head(*row) for row in heads.iterator(chunk_size=CHUNK)) != checkpoint.heads_hash:
        return f"the heads that checkpoint {expected} sealed were changed."
    return ""
