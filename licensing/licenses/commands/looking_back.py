"""What a list has added or changed, looked up in the parties of all open cases and licenses in force: those come first.

A lookup only says where to look: each case it names is then screened forward, with the score and threshold of any other screening.
Every other case is due as well (`due_for_screening`), and follows.
"""

import inspect
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from licensing.cases import screened
from licensing.cases.models import Case
from licensing.licenses.commands.watching import try_to_watch
from licensing.licenses.queries import transferred, watched
from licensing.screening import kept_parties
from licensing.screening.commands.loading import LOOK_BACK
from licensing.screening.match import Entry
from licensing.screening.models import Hit, HitStatus, ListedParty, ListSnapshot
from licensing.screening.queries import basis, entry, is_fresh
from licensing.screening.segments import Segment, Subject
from workflows import outbox

SECONDS = (
    600  # for one lookup: the first on a machine reads all parties, and keeps what it has of them when it is ended
)
TOGETHER = 25  # cases screened under one lease
ASKED_FOR = ("applicant", "parties", "ownership", "sites")  # of an application as filed
READ_AS = inspect.getsource(screened)  # another way to read parties out of an application asks for another index


def look_back_effect(key: str, payload: Mapping[str, Any]) -> None:
    """The outbox's handler: the lookup, which owes the screening of the cases that it names; or some of these."""
    at = timezone.now()
    if "cases" in payload:
        screen_first(case_ids=[uuid.UUID(case) for case in payload["cases"]], at=at)
        return
    snapshot = payload["snapshot"]
    cases = look_back(snapshot_id=snapshot, at=at)
    with transaction.atomic():
        for begin in range(0, len(cases), TOGETHER):
            some = [str(case) for case in cases[begin : begin + TOGETHER]]
            outbox.put(effect=LOOK_BACK, key=f"{snapshot}:{some[0]}", payload={"cases": some})


def look_back(*, snapshot_id: int, at: datetime) -> list[uuid.UUID]:
    """The cases near an entry that came or changed, with a hit on one that went, or with a party that cannot be looked up.

    Who has taken a license over stands in no application: those few cases are named whatever has changed.
    """
    snapshot = ListSnapshot.objects.select_related("restricted_list").defer("data").get(pk=snapshot_id)
    of_list = ListedParty.objects.filter(restricted_list=snapshot.restricted_list_id)
    key, thresholds = snapshot.restricted_list.key, basis(at).thresholds
    entries = [entry(key, row) for row in of_list.filter(from_number=snapshot.number)]
    gone = Hit.objects.filter(
        run__in=watched(at).values("screening_run"), listed_party__in=of_list.filter(until_number=snapshot.number)
    ).exclude(status=HitStatus.FALSE_MATCH)
    found = set(gone.values_list("run__subject_id", flat=True))
    found |= {str(case) for case in transferred(at)}
    if entries:
        found |= _near(entries, thresholds["lists"].get(key, thresholds["score"]), at)
    return sorted(map(uuid.UUID, found))


def _near(entries: Sequence[Entry], threshold: float, at: datetime) -> set[str]:
    """Looked up in the index as far as it holds a case as it stands; a case that came or changed meanwhile is looked at by itself."""
    marks = _marks(at)
    found = kept_parties.near(settings.VAR_DIR / "screening", READ_AS, marks, _subjects, entries, threshold)
    since = [case for case, mark in _marks(at).items() if marks.get(case) != mark]
    if since:
        late = Segment.build(_subjects(since))
        found |= {late.subjects[number] for number in late.near(entries, threshold)}
    return found


def _marks(at: datetime) -> dict[str, str]:
    return {str(case): digest for case, digest in watched(at).values_list("pk", "as_filed_sha256").iterator()}


def _subjects(cases: Sequence[str]) -> Iterator[Subject]:
    """The parties of these cases, as they would be screened now."""
    wanted = [f"as_filed__{name}" for name in ASKED_FOR]
    rows = Case.objects.filter(pk__in=cases).values_list("pk", "as_filed_sha256", *wanted)
    for case, digest, *parts in rows:
        filed = {name: part for name, part in zip(ASKED_FOR, parts, strict=True) if part is not None}
        yield str(case), digest, screened.queries(filed)


def screen_first(*, case_ids: Sequence[uuid.UUID], at: datetime) -> None:
    """Screen these cases, each that has not been screened with the lists in force. May be repeated."""
    for case in Case.objects.filter(pk__in=case_ids).select_related("screening_run").order_by("pk"):
        if not is_fresh(case.screening_run, at):
            try_to_watch(case_id=case.pk, at=at)
