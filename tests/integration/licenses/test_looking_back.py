"""A list's change is looked up backwards: who is near it is screened at once, with the result of a forward screening."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing.audit.actors import SYSTEM
from licensing.cases import screened
from licensing.licenses.commands import looking_back
from licensing.licenses.commands.looking_back import look_back
from licensing.licenses.models import License
from licensing.licenses.queries import due_for_screening
from licensing.notices.models import Notice
from licensing.screening import queries, seeding
from licensing.screening.commands import import_list
from licensing.screening.models import ListSnapshot, ScreeningRun
from licensing.screening.replaying import replay
from tests.examples.story import Story, seed, work_off
from workflows.models import OutboxRow

pytestmark = pytest.mark.django_db
ROW = "E-NEW-{number},company,{name},,,NO,,,,,,,\n"


@pytest.fixture
def story() -> Story:
    seed()
    return Story()


def list_changes(*names: str) -> ListSnapshot:
    lines = "".join(ROW.format(number=number, name=name) for number, name in enumerate(names))
    return import_list(
        actor=SYSTEM, key="synthetic", name="", source="test", published_on=date(2026, 11, 25),
        content=seeding.PATH.read_bytes().rstrip(b"\n") + b"\n" + lines.encode(),
    )  # fmt: skip


def test_who_is_near_is_screened_at_once_and_the_officers_are_told(story: Story) -> None:
    case = story.checked()
    list_changes("Fjordhelse Sykehus")
    work_off()
    found = queries.open_hits("case", str(case.pk))
    assert [hit.listed_name for hit in found] == ["Fjordhelse Sykehus"]
    assert replay(found[0].run).same
    told = Notice.objects.filter(name="cases/came_near")
    assert told.count() > 0
    assert ("Fjordhelse Sykehus" in told[0].text, case.control_number in told[0].subject) == (True, True)
    assert not due_for_screening(timezone.now()).exists()


def test_who_is_not_near_is_left_to_the_beat(story: Story) -> None:
    case = story.checked()
    list_changes("Nobody Near At All AS")
    work_off()
    assert ScreeningRun.objects.count() == 1
    assert list(due_for_screening(timezone.now())) == [case]


def test_a_license_in_force_is_flagged_by_a_lookup(story: Story) -> None:
    story.decided()
    work_off()
    list_changes("Fjordhelse Sykehus")
    work_off()
    assert Notice.objects.filter(name="licenses/flagged").count() == 2
    assert License.objects.get().audit_sequence > 0


def test_an_entry_that_goes_brings_its_hits_back(story: Story) -> None:
    case = story.file()
    work_off()
    lines = seeding.PATH.read_bytes().splitlines(keepends=True)
    import_list(
        actor=SYSTEM, key="synthetic", name="", source="test", published_on=date(2026, 11, 25),
        content=b"".join(line for line in lines if b"Nordlys" not in line),
    )  # fmt: skip
    work_off()
    assert {hit.reopened_because for hit in queries.open_hits("case", str(case.pk))} == {
        "The list has removed its entry, with number 2."
    }


def test_thousands_of_cases_go_in_batches_of_few_queries_that_may_be_repeated(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = story.checked()
    snapshot = list_changes("Nobody Near At All AS")
    one = _queries(snapshot)
    monkeypatch.setattr(looking_back, "AT_ONCE", 1)
    assert look_back(snapshot_id=snapshot.pk, after=None, at=timezone.now()) == case.pk
    assert look_back(snapshot_id=snapshot.pk, after=case.pk, at=timezone.now()) is None
    work_off()
    keys = set(
        OutboxRow.objects.filter(effect="look_back", key__startswith=f"{snapshot.pk}").values_list("key", "state")
    )
    assert keys == {(str(snapshot.pk), "done"), (f"{snapshot.pk}:{case.pk}", "done")}
    assert one <= 8


def _queries(snapshot: ListSnapshot) -> int:
    with CaptureQueriesContext(connection) as found:
        look_back(snapshot_id=snapshot.pk, after=None, at=timezone.now())
    return len(found)


def test_a_lookup_finds_what_a_forward_search_finds(story: Story) -> None:
    case = story.checked()
    snapshot = list_changes(
        "Fjordhelse Sykehus HF", "Nordlys Compute", "Oslo North 2", "Meridian Models", "Somebody Else"
    )
    parties = screened.queries(case.as_filed)
    at = timezone.now()
    now = queries.basis(at)
    index = queries.index_of(now.snapshots)
    new = {f"synthetic/E-NEW-{number}" for number in range(5)}
    forward = {
        (query.ref, match.entity_id, match.score)
        for query in parties
        for match in index.search(query, limit=10_000, threshold=now.thresholds["score"])
        if match.entity_id in new
    }
    back = looking_back.PartyIndex.build(parties).search_back(
        [
            queries.entry("synthetic", row)
            for row in snapshot.restricted_list.parties.filter(from_number=snapshot.number)
        ],
        threshold=now.thresholds["score"],
    )
    assert {(ref, match.entity_id, match.score) for ref, match in back} == forward
    assert len({ref for ref, _, _ in forward}) >= 3
