"""A load that looks wrong waits for a person; what it would change can be seen; a run is repeated byte for byte."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.screening import match, queries, seeding
from licensing.screening.commands import import_list, screen, settle_list
from licensing.screening.match import ScreeningQuery
from licensing.screening.models import ListCheck, ListedParty, ListSnapshot, RestrictedList, ScreeningRun
from licensing.screening.replaying import replay
from tests.examples import people

pytestmark = pytest.mark.django_db
NORDLYS = ScreeningQuery(ref="party:1", role="end_user", kind="company", name="Nordlys Compute AS", country="NO")
REASON = "The office confirmed by telephone."


@pytest.fixture
def kim() -> Person:
    kim, _ = people.government().administrators
    seeding.load(actor=SYSTEM)
    return kim


def load(content: bytes) -> ListSnapshot:
    return import_list(
        actor=SYSTEM, key="synthetic", name="Synthetic", source="test", published_on=date(2026, 11, 25), content=content
    )


def shrunk(keep: int = 2) -> bytes:
    """The list with its heading and its first entities alone."""
    return b"".join(seeding.PATH.read_bytes().splitlines(keepends=True)[: keep + 1])


def in_force() -> int:
    return ListedParty.objects.filter(until_number=None).count()


def of(number: int) -> ListSnapshot:
    return ListSnapshot.objects.get(number=number)


def test_a_load_that_shrinks_the_list_is_held_and_the_list_before_stays(kim: Person) -> None:
    before = in_force()
    held = load(shrunk())
    assert (held.state, held.removed, in_force()) == ("held", before - 2, before)
    assert f"{before - 2} of {before} entities" in held.held_because
    assert [row.what for row in queries.difference(held)] == ["removed"] * (before - 2)
    standing = queries.standings(timezone.now())[0]
    assert (standing.current, standing.held) == (of(1), held)
    assert load(shrunk()) == held
    assert list(ListCheck.objects.order_by("pk").values_list("outcome", flat=True)) == ["loaded", "held", "held"]


def test_a_file_without_its_aliases_and_an_older_one_are_held(kim: Person) -> None:
    heading, *entities = list(csv.reader(seeding.PATH.read_text(encoding="utf-8").splitlines()))
    bare = "\n".join(",".join(f'"{cell}"' for cell in [*row[:3], "", "", *row[5:]]) for row in [heading, *entities])
    held = load(bare.replace(bare.partition("\n")[0], ",".join(heading)).encode())
    assert (held.state, held.removed) == ("held", 0)
    assert "names" in held.held_because
    older = import_list(
        actor=SYSTEM,
        key="synthetic",
        name="Synthetic",
        source="test",
        published_on=date(2020, 1, 1),
        content=shrunk(59),
    )
    assert (older.state, older.held_because) == (
        "held",
        "It was published on 2020-01-01, before the list in force (2026-11-23).",
    )
    assert in_force() == of(1).rows


def test_a_share_of_the_list_may_go_unseen(kim: Person) -> None:
    RestrictedList.objects.update(most_shrinkage=1)
    assert load(shrunk()).state == "current"


def test_an_administrator_releases_it_with_a_reason(kim: Person) -> None:
    held = load(shrunk())
    with pytest.raises(Invalid, match="Say why"):
        settle_list(actor=kim, snapshot_id=held.pk, release=True, reason=" ")
    rui = people.reviewer("Rui", "commerce.licensing")
    with pytest.raises(NotPermitted):
        settle_list(actor=rui, snapshot_id=held.pk, release=True, reason=REASON)
    settle_list(actor=kim, snapshot_id=held.pk, release=True, reason=REASON)
    kept = of(2)
    assert (kept.state, of(1).state, kept.settled_by_label, kept.settled_because) == (
        "current",
        "superseded",
        kim.actor_label,
        REASON,
    )
    assert (in_force(), RestrictedList.objects.get().current) == (2, kept)
    with pytest.raises(NotNow, match="not held"):
        settle_list(actor=kim, snapshot_id=held.pk, release=False, reason=REASON)


def test_a_refused_load_changes_nothing_and_its_number_is_not_given_again(kim: Person) -> None:
    before = in_force()
    settle_list(actor=kim, snapshot_id=load(shrunk()).pk, release=False, reason=REASON)
    assert (of(2).state, of(1).state, in_force()) == ("refused", "current", before)
    assert load(shrunk(3)).number == 3


def test_a_newer_file_takes_the_place_of_one_that_is_held(kim: Person) -> None:
    load(shrunk())
    whole = load(seeding.PATH.read_bytes().replace(b"Nordlys Computing AS", b"Nordlys Computing ASA"))
    assert (whole.state, of(2).state, of(2).settled_because) == (
        "current",
        "refused",
        "A newer file has taken its place.",
    )
    assert [(row.what, row.name) for row in queries.difference(whole)] == [("changed", "Nordlys Computing ASA")]


def test_a_run_is_repeated_against_the_list_that_it_used(kim: Person) -> None:
    run = screened()
    settle_list(actor=kim, snapshot_id=load(shrunk(1)).pk, release=True, reason=REASON)
    again = replay(run)
    assert (again.missing, again.same, again.expected) == ((), True, run.result_sha256)


def test_what_is_missing_for_a_replay_is_said(kim: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    run = screened()
    monkeypatch.setattr(match, "ENGINE", "another 9")
    assert "'another 9'" in replay(run).missing[0]
    gone = ScreeningRun(
        state="done", engine_version=match.ENGINE, snapshots=[{"list": "x", "number": 7, "sha256": "0"}]
    )
    assert replay(gone).missing[0] == "Number 7 of the list x."


def test_a_result_that_differs_is_told(kim: Person) -> None:
    run = screened()
    run.result_sha256 = "0" * 64
    assert not replay(run).same
    with pytest.raises(DatabaseError), transaction.atomic():
        run.save(update_fields=["result_sha256"])


def screened() -> ScreeningRun:
    return screen(actor=SYSTEM, subject_kind="case", subject_id="1", queries=[NORDLYS])


def said(*words: str) -> str:
    out = StringIO()
    call_command("screening", *words, stdout=out)
    return out.getvalue()


def test_the_command_line_loads_compares_settles_and_repeats(kim: Person, tmp_path: object) -> None:
    file = f"{tmp_path}/less.csv"
    with open(file, "wb") as target:
        target.write(shrunk())
    assert "Held for a person" in said("load", "synthetic", file, "--published-on", "2026-11-25")
    assert "removed" in said("diff", "synthetic")
    assert "held: synthetic #2" in said("status")
    assert "#2: In force; 2 parties" in said("settle", "synthetic", "release", "--reason", REASON)
    assert "The same result" in said("replay", str(screened().pk))
    for words in (["replay", "0"], ["diff", "none"], ["settle", "synthetic", "refuse", "--reason", REASON]):
        with pytest.raises(CommandError):
            said(*words)
    with pytest.raises(CommandError, match="--name"):
        said("load", "new", file, "--published-on", "2026-11-25")
    with pytest.raises(CommandError, match="cannot be read"):
        said("load", "synthetic", file + "x", "--published-on", "2026-11-25")
