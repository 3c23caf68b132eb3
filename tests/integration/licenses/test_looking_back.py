"""A list's change is looked up backwards: who is near it is screened at once, with the result of a forward screening."""

import uuid
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing.audit.actors import SYSTEM
from licensing.cases.commands import checking
from licensing.cases.models import Case
from licensing.licenses.commands import looking_back
from licensing.licenses.commands.looking_back import look_back
from licensing.licenses.models import License
from licensing.licenses.queries import due_for_screening
from licensing.notices.models import Notice
from licensing.screening import kept_parties, queries, seeding
from licensing.screening.commands import import_list
from licensing.screening.models import ListSnapshot, ScreeningRun
from licensing.screening.replaying import replay
from tests.examples.many import copy_cases
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


def many(case: Case, near: int, others: int) -> set[uuid.UUID]:
    """Copies of a case under other names, of which some are near `Kestrel Trading`; these are returned."""
    copy_cases(case, near + others)
    copies = list(Case.objects.exclude(pk=case.pk).order_by("pk"))
    for number, copy in enumerate(copies):
        said(copy, f"Kestrel Trading {number}" if number < near else f"Quiet Harbor {number}")
    return {copy.pk for copy in copies[:near]}


def said(case: Case, name: str) -> None:
    parties = [{**party, "name": name} for party in case.as_filed["parties"]]
    digest = sha256(name.encode()).hexdigest()
    Case.objects.filter(pk=case.pk).update(as_filed={**case.as_filed, "parties": parties}, as_filed_sha256=digest)


def test_the_cases_that_a_lookup_names_are_screened_in_parts_and_nothing_is_done_twice(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = many(story.checked(), near=5, others=20)
    monkeypatch.setattr(looking_back, "TOGETHER", 2)
    snapshot = list_changes("Kestrel Trading FZE")
    with CaptureQueriesContext(connection) as found:
        assert set(look_back(snapshot_id=snapshot.pk, at=timezone.now())) == near
    assert len(found) <= 9
    runs = ScreeningRun.objects.count()
    work_off()
    rows = OutboxRow.objects.filter(effect="look_back", key__startswith=str(snapshot.pk))
    assert (rows.count(), {row.state for row in rows}) == (4, {"done"})
    assert ScreeningRun.objects.count() == runs + 5
    for row in rows:
        looking_back.look_back_effect(row.key, row.payload)
    assert ScreeningRun.objects.count() == runs + 5
    assert {case.pk for case in Case.objects.exclude(pk__in=due_for_screening(timezone.now()))} == near


def test_a_party_that_changes_and_a_case_that_comes_while_the_lookup_runs_are_not_missed(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = many(story.checked(), near=1, others=3)
    snapshot = list_changes("Kestrel Trading FZE")
    look_back(snapshot_id=snapshot.pk, at=timezone.now())
    quiet, late = Case.objects.exclude(pk__in=near)[:2]
    closed_at = timezone.now()
    Case.objects.filter(pk=late.pk).update(closed_at=closed_at)
    search = kept_parties.near

    def meanwhile(*given: Any) -> set[str]:
        found = search(*given)
        said(quiet, "Kestrel Trading LLC")
        said(late, "Kestrel Trading FZ")
        Case.objects.filter(pk=late.pk).update(closed_at=None)
        return found

    monkeypatch.setattr(kept_parties, "near", meanwhile)
    assert set(look_back(snapshot_id=snapshot.pk, at=timezone.now())) == {*near, quiet.pk, late.pk}


def test_a_case_that_is_in_its_checks_while_a_list_changes_and_is_looked_up_is_screened_with_the_new_list(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = story.file()
    screened_once = checking.screen

    def meanwhile(**given: Any) -> ScreeningRun:
        run = screened_once(**given)
        snapshot = list_changes("Fjordhelse Sykehus")
        assert look_back(snapshot_id=snapshot.pk, at=timezone.now()) == []
        return run

    monkeypatch.setattr(checking, "screen", meanwhile)
    checking.run_checks(case_id=case.pk)
    assert "Fjordhelse Sykehus" in {hit.listed_name for hit in queries.open_hits("case", str(case.pk))}
    assert not due_for_screening(timezone.now()).exists()


def test_a_case_with_a_party_that_cannot_be_looked_up_is_looked_at(story: Story) -> None:
    case = story.checked()
    said(case, ".")
    assert look_back(snapshot_id=list_changes("Nobody Near At All AS").pk, at=timezone.now()) == [case.pk]
