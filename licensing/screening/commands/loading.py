"""Loading a list: whole or not at all, as versions of its parties. What looks wrong is held for a person."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_administer
from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.screening import fingerprints, formats, notices
from licensing.screening.events import ScreeningEvent
from licensing.screening.models import CheckOutcome, ListCheck, ListedParty, ListSnapshot, ListState, RestrictedList
from workflows import outbox

MIN_REASON = 10
LOOK_FIRST = "Brought by hand: look at what it would change."
UNREAD = "The file cannot be read whole:"
NEUTRAL = "neutral"
BATCH = 1000
LOOK_BACK = "look_back"  # who works it off is registered above: whoever knows cases and licenses


@refusals_logged(ScreeningEvent.LIST_LOADED)
def import_list(
    *, actor: Actor, key: str, name: str, source: str, published_on: date | None, content: bytes, format_: str = "",
    look_first: bool = False,
) -> ListSnapshot:  # fmt: skip
    """Load a list from its file, or several as one archive (`formats.pack`). The same again changes nothing.

    `format_` is needed for a new list whose files are not in the neutral format; `published_on` where the list does not say it.

    A file that would shrink the list by more than its `most_shrinkage`, in entities or names, is held, and so is one that is older
    than the list in force or cannot be read whole: the list before stays in force until `settle_list`, and the administrators are
    told. A newer file takes the place of one that is held.
    With `look_first` every load is held, for the person who brings it to see what it would change, and nobody else is told.
    Raises `Invalid` for a file that cannot be read whole where there is no list yet, where another load is held, or with `look_first`.
    """
    require_administrator(actor)
    digest = hashlib.sha256(content).hexdigest()
    known = RestrictedList.objects.filter(key=key).values_list("format", flat=True).first()
    format_ = format_ or known or NEUTRAL
    try:
        loaded = formats.read(format_, formats.unpacked(source, content))
    except formats.BadList as bad:
        if look_first:
            raise _refused(key, actor, source, digest, str(bad)) from None
        return _held_unread(key, actor, source, digest, content, str(bad))
    except LookupError as unknown:
        raise Invalid.one("format", format_, str(unknown.args[0])) from None
    rows, published_on = loaded.rows, loaded.published_on or published_on
    if published_on is None:
        raise Invalid.one("published_on", "", "The list does not say when it was published: give the day.")
    with transaction.atomic():
        RestrictedList.objects.get_or_create(key=key, defaults={"name": name, "format": format_})
        restricted = RestrictedList.objects.select_for_update(of=("self",)).get(key=key)
        standing = restricted.snapshots.filter(state__in=[ListState.CURRENT, ListState.HELD], sha256=digest).first()
        if standing is not None:
            outcome = CheckOutcome.HELD if standing.state == ListState.HELD else CheckOutcome.UNCHANGED
            check(restricted, actor, source, digest, outcome, standing)
            return standing
        for held in restricted.snapshots.filter(state=ListState.HELD):
            _settle(restricted, held, actor, ListState.REFUSED, "A newer file has taken its place.")
        change = _change(restricted, rows)
        because = " ".join(
            filter(None, (LOOK_FIRST if look_first else "", _suspicion(restricted, change, published_on)))
        )
        snapshot = ListSnapshot.objects.create(
            restricted_list=restricted, number=_next_number(restricted), state=ListState.HELD if because else ListState.SUPERSEDED,
            sha256=digest, source=source, published_on=published_on, fetched_at=timezone.now(),
            held_because=because, rows=len(rows), **change.counts, data=content,
            loaded_by_id=actor.actor_id, loaded_by_label=actor.actor_label,
        )  # fmt: skip
        if because:
            return _hold(restricted, snapshot, actor, tell=not look_first)
        _put_in_force(restricted, snapshot, change)
        check(restricted, actor, source, digest, CheckOutcome.LOADED, snapshot)
        record(restricted, ScreeningEvent.LIST_LOADED, actor=actor, key=key, number=snapshot.number, rows=snapshot.rows)
    return snapshot


@refusals_logged(ScreeningEvent.LIST_SETTLED)
def settle_list(*, actor: Actor, snapshot_id: int, release: bool, reason: str) -> ListSnapshot:
    """Put a held load in force, or refuse it, with a reason of at least `MIN_REASON` characters.

    Raises `NotNow` when it is held no longer.
    """
    require_administrator(actor)
    if len(reason.strip()) < MIN_REASON:
        raise Invalid.one("reason", reason, f"Say why, in at least {MIN_REASON} characters.")
    with transaction.atomic():
        key = ListSnapshot.objects.values_list("restricted_list", flat=True).get(pk=snapshot_id)
        restricted = RestrictedList.objects.select_for_update(of=("self",)).get(pk=key)
        snapshot = restricted.snapshots.get(pk=snapshot_id)
        if snapshot.state != ListState.HELD:
            raise NotNow("not_held", f"This load is not held: {snapshot.get_state_display()}.")
        if release:
            _put_in_force(restricted, snapshot, _change(restricted, _rows(restricted, snapshot)))
        _settle(restricted, snapshot, actor, ListState.CURRENT if release else ListState.REFUSED, reason.strip())
    return snapshot


def _hold(restricted: RestrictedList, snapshot: ListSnapshot, actor: Actor, *, tell: bool = True) -> ListSnapshot:
    because = snapshot.held_because
    check(restricted, actor, snapshot.source, snapshot.sha256, CheckOutcome.HELD, snapshot, because)
    record(
        restricted, ScreeningEvent.LIST_HELD, actor=actor, key=restricted.key, number=snapshot.number, because=because
    )
    if tell:
        notices.list_held(snapshot)
    return snapshot


def _held_unread(key: str, actor: Actor, source: str, digest: str, content: bytes, why: str) -> ListSnapshot:
    """Hold a file that cannot be read whole. The same file again, or one beside a load that is held already, is only noted."""
    with transaction.atomic():
        restricted = RestrictedList.objects.select_for_update(of=("self",)).filter(key=key).first()
        held = restricted.snapshots.filter(state=ListState.HELD).first() if restricted else None
        if restricted is not None and held is not None and held.sha256 == digest:
            check(restricted, actor, source, digest, CheckOutcome.HELD, held, held.held_because)
            return held
        if restricted is not None and held is None:
            snapshot = ListSnapshot.objects.create(
                restricted_list=restricted, number=_next_number(restricted), state=ListState.HELD, sha256=digest, source=source,
                published_on=timezone.localdate(), fetched_at=timezone.now(), held_because=f"{UNREAD} {why}", rows=0, added=0,
                removed=0, changed=0, data=content, loaded_by_id=actor.actor_id, loaded_by_label=actor.actor_label,
            )  # fmt: skip
            return _hold(restricted, snapshot, actor)
    raise _refused(key, actor, source, digest, why)


def _rows(restricted: RestrictedList, snapshot: ListSnapshot) -> list[dict[str, Any]]:
    try:
        return formats.read(restricted.format, formats.unpacked(snapshot.source, bytes(snapshot.data))).rows
    except formats.BadList as bad:
        raise Invalid.one(
            "outcome", "release", f"It still cannot be read: {bad}. Refuse it, and load a whole file."
        ) from None


def _next_number(restricted: RestrictedList) -> int:
    return int(restricted.snapshots.aggregate(last=Max("number"))["last"] or 0) + 1


def require_administrator(actor: Actor) -> None:
    if isinstance(actor, Person) and not may_administer(actor):
        raise NotPermitted("not_an_administrator", "Only an administrator loads a restricted-party list.")


def _settle(restricted: RestrictedList, snapshot: ListSnapshot, actor: Actor, state: ListState, reason: str) -> None:
    snapshot.state, snapshot.settled_because, snapshot.settled_at = state, reason, timezone.now()
    snapshot.settled_by_id, snapshot.settled_by_label = actor.actor_id, actor.actor_label
    fields = ["state", "settled_because", "settled_at", "settled_by_id", "settled_by_label"]
    snapshot.save(update_fields=fields)
    outcome = "released" if state == ListState.CURRENT else "refused"
    record(
        restricted, ScreeningEvent.LIST_SETTLED, actor=actor, key=restricted.key, number=snapshot.number, outcome=outcome, reason=reason,
    )  # fmt: skip


def _refused(key: str, actor: Actor, source: str, digest: str, sentence: str) -> Invalid:
    """Remember that a file was refused whole; of a list that never was, only the refusal remains."""
    restricted = RestrictedList.objects.filter(key=key).first()
    if restricted is not None:
        check(restricted, actor, source, digest, CheckOutcome.REFUSED, sentence=sentence)
    return Invalid.one("file", source, f"{key}: {sentence}")


def check(
    restricted: RestrictedList, actor: Actor, source: str, digest: str, outcome: str, snapshot: ListSnapshot | None = None,
    sentence: str = "",
) -> None:  # fmt: skip
    ListCheck.objects.create(
        restricted_list=restricted, at=timezone.now(), source=source, sha256=digest, outcome=outcome, snapshot=snapshot, sentence=sentence,
        actor_id=actor.actor_id, actor_label=actor.actor_label,
    )  # fmt: skip


@dataclass(frozen=True)
class _Change:
    """What a file would do to the list in force: rows (by primary key) that end, and rows that begin with their fingerprint.

    `names` and `names_after` count names with all aliases: a list whose file of aliases is cut off keeps its entities.
    """

    standing: int
    names: int
    names_after: int
    ending: Sequence[int]
    beginning: Sequence[tuple[dict[str, Any], str]]
    changed: int

    @property
    def counts(self) -> dict[str, int]:
        added, removed = len(self.beginning) - self.changed, len(self.ending) - self.changed
        return {"added": added, "removed": removed, "changed": self.changed}


def _change(restricted: RestrictedList, rows: Sequence[dict[str, Any]]) -> _Change:
    """Versions that are unchanged run on, the others end, new ones begin."""
    in_force = ListedParty.objects.filter(restricted_list=restricted, until_number=None)
    found = list(in_force.values("pk", "entity_id", "fingerprint", "aliases", "weak_aliases"))
    standing = {row["entity_id"]: (row["pk"], row["fingerprint"]) for row in found}
    wanted = {row["entity_id"]: (row, fingerprints.of_listed(row)) for row in rows}
    same = {entity for entity, (_, mark) in standing.items() if entity in wanted and wanted[entity][1] == mark}
    return _Change(
        standing=len(standing),
        names=_names(found),
        names_after=_names(rows),
        ending=[pk for entity, (pk, _) in standing.items() if entity not in same],
        beginning=[pair for entity, pair in wanted.items() if entity not in same],
        changed=len((standing.keys() & wanted.keys()) - same),
    )


def _names(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(1 + len(row["aliases"]) + len(row["weak_aliases"]) for row in rows)


def _suspicion(restricted: RestrictedList, change: _Change, published_on: date) -> str:
    """Why a person should look first; empty when nobody need."""
    lost = [
        ("entities", change.counts["removed"], change.standing),
        ("names", change.names - change.names_after, change.names),
    ]
    for what, removed, standing in lost:
        if standing and removed > restricted.most_shrinkage * standing:
            share = f"{removed / standing:.0%}"
            return f"{removed:,} of {standing:,} {what} ({share}) would go; more than {restricted.most_shrinkage:.0%} is held."
    if restricted.current is not None and published_on < restricted.current.published_on:
        return f"It was published on {published_on}, before the list in force ({restricted.current.published_on})."
    return ""


def _put_in_force(restricted: RestrictedList, snapshot: ListSnapshot, change: _Change) -> None:
    """Swap the list: whoever screens meanwhile sees the one before or this one whole."""
    ListedParty.objects.filter(pk__in=change.ending).update(until_number=snapshot.number)
    rows = (
        ListedParty(restricted_list=restricted, fingerprint=mark, from_number=snapshot.number, **row)
        for row, mark in change.beginning
    )
    ListedParty.objects.bulk_create(rows, batch_size=BATCH)
    restricted.snapshots.filter(state=ListState.CURRENT).update(state=ListState.SUPERSEDED)
    snapshot.state = ListState.CURRENT
    for name, count in change.counts.items():
        setattr(snapshot, name, count)
    snapshot.save(update_fields=["state", "added", "removed", "changed"])
    restricted.current = snapshot
    restricted.save(update_fields=["current"])
    outbox.put(effect=LOOK_BACK, key=str(snapshot.pk), payload={"snapshot": snapshot.pk})
