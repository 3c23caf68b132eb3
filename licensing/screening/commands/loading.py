"""Loading a list: whole or not at all, as versions of its parties."""

import hashlib
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.accounts.permissions import may_administer
from licensing.audit.actors import Actor
from licensing.audit.commands import record, refusals_logged
from licensing.audit.refusals import Invalid, NotPermitted
from licensing.screening import fingerprints, listfile
from licensing.screening.events import ScreeningEvent
from licensing.screening.models import CheckOutcome, ListCheck, ListedParty, ListSnapshot, ListState, RestrictedList


@refusals_logged(ScreeningEvent.LIST_LOADED)
def import_list(*, actor: Actor, key: str, name: str, source: str, published_on: date, content: bytes) -> ListSnapshot:
    """Load a list from its file (`listfile.read`). The same file again changes nothing.

    Raises `Invalid` for a file that cannot be read whole; the list before then stays in force.
    """
    if isinstance(actor, Person) and not may_administer(actor):
        raise NotPermitted("not_an_administrator", "Only an administrator loads a restricted-party list.")
    digest = hashlib.sha256(content).hexdigest()
    try:
        rows = listfile.read(content)
    except listfile.BadList as bad:
        _check_refused(key, actor, source, digest, str(bad))
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


def _check_refused(key: str, actor: Actor, source: str, digest: str, sentence: str) -> None:
    """Remember that a file was refused; of a list that never was, only the refusal remains."""
    restricted = RestrictedList.objects.filter(key=key).first()
    if restricted is not None:
        _check(restricted, actor, source, digest, CheckOutcome.REFUSED, sentence=sentence)


def _check(
    restricted: RestrictedList, actor: Actor, source: str, digest: str, outcome: str, snapshot: ListSnapshot | None = None,
    sentence: str = "",
) -> None:  # fmt: skip
    ListCheck.objects.create(
        restricted_list=restricted, at=timezone.now(), source=source, sha256=digest, outcome=outcome, snapshot=snapshot, sentence=sentence,
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
