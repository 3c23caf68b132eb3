"""What a list has added or changed, looked up in the parties of all open cases and licenses in force: those come first.

A lookup only says where to look: each case it names is then screened forward, with the score and threshold of any other screening.
Every other case is due as well (`due_for_screening`), and follows.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from licensing.cases import screened
from licensing.cases.models import Case
from licensing.licenses.commands.watching import try_to_watch
from licensing.licenses.queries import watched
from licensing.screening.commands.loading import LOOK_BACK
from licensing.screening.engine.names import usable
from licensing.screening.match import PartyIndex, ScreeningQuery
from licensing.screening.models import Hit, HitStatus, ListedParty, ListSnapshot
from licensing.screening.queries import basis, entry, is_fresh
from workflows import outbox

AT_ONCE = 100  # cases for one lease


def look_back_effect(key: str, payload: Mapping[str, Any]) -> None:
    """The outbox's handler: one batch of cases, and the next one owed."""
    after = payload.get("after", "")
    last = look_back(snapshot_id=payload["snapshot"], after=uuid.UUID(after) if after else None, at=timezone.now())
    if last is not None:
        with transaction.atomic():
            outbox.put(
                effect=LOOK_BACK,
                key=f"{payload['snapshot']}:{last}",
                payload={"snapshot": payload["snapshot"], "after": str(last)},
            )


def look_back(*, snapshot_id: int, after: uuid.UUID | None, at: datetime) -> uuid.UUID | None:
    """Screen those of the next `AT_ONCE` cases that the snapshot may concern; returns the last case looked at, None after the last batch.

    May be repeated: a case whose run is of the lists in force is not screened again.
    """
    rows = watched(at).order_by("pk")
    cases = list((rows.filter(pk__gt=after) if after else rows).select_related("screening_run")[:AT_ONCE])
    for case in _concerned(
        cases, ListSnapshot.objects.select_related("restricted_list").defer("data").get(pk=snapshot_id), at
    ):
        if not is_fresh(case.screening_run, at):
            try_to_watch(case_id=case.pk, at=at)
    return cases[-1].pk if len(cases) == AT_ONCE else None


def _concerned(cases: Sequence[Case], snapshot: ListSnapshot, at: datetime) -> list[Case]:
    """Cases near an entry that came or changed, with a hit on one that went, or with a party that cannot be looked up."""
    of_list = ListedParty.objects.filter(restricted_list=snapshot.restricted_list_id)
    key = snapshot.restricted_list.key
    parties = {f"{case.pk} {query.ref}": query for case in cases for query in screened.queries(case.as_filed)}
    mute = {ref for ref, query in parties.items() if not all(map(usable, (query.name, *query.aliases)))}
    index = PartyIndex.build(_named(ref, query) for ref, query in parties.items() if ref not in mute)
    thresholds = basis(at).thresholds
    near = index.search_back(
        [entry(key, row) for row in of_list.filter(from_number=snapshot.number)],
        threshold=thresholds["lists"].get(key, thresholds["score"]),
    )
    gone = Hit.objects.filter(
        run__in=[case.screening_run_id for case in cases], listed_party__in=of_list.filter(until_number=snapshot.number)
    )
    hit = set(gone.exclude(status=HitStatus.FALSE_MATCH).values_list("run_id", flat=True))
    named = {ref.split(" ", 1)[0] for ref, _ in near} | {ref.split(" ", 1)[0] for ref in mute}
    return [case for case in cases if str(case.pk) in named or case.screening_run_id in hit]


def _named(ref: str, query: ScreeningQuery) -> ScreeningQuery:
    return ScreeningQuery(**{**vars(query), "ref": ref})
