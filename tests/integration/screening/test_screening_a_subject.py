"""Screening a subject: what is kept, what is decided again as before, and what keeps the gate shut."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import SYSTEM
from licensing.audit.models import Refusal
from licensing.audit.queries import trail, verify
from licensing.audit.refusals import Invalid, NotNow
from licensing.screening import queries, seeding
from licensing.screening.commands import decide_hit, import_list, screen
from licensing.screening.match import ScreeningQuery, UnusableName
from licensing.screening.models import Disposition, Hit, ListedParty, ListSnapshot, ScreeningRun
from tests.examples import people

pytestmark = pytest.mark.django_db

NORDLYS = ScreeningQuery(ref="party:1", role="end_user", kind="company", name="Nordlys Compute AS", country="NO")
HOSPITAL = ScreeningQuery(
    ref="party:2", role="end_user", kind="company", name="Fjordhelse Sykehus HF", country="NO", aliases=("", " ")
)
DECISION = {"status": "false_match", "reason": "different_country", "sentence": "Another company, in Norway."}


@pytest.fixture
def officer() -> Person:
    people.government()
    seeding.load(actor=SYSTEM)
    return people.reviewer("Rui", "commerce.licensing")


def run(*parties: ScreeningQuery, subject: str = "1") -> ScreeningRun:
    return screen(actor=SYSTEM, subject_kind="case", subject_id=subject, queries=parties)


def of(subject: str = "1") -> QuerySet[Hit]:
    return queries.hits("case", subject)


def reload_list(before: bytes, after: bytes) -> ListSnapshot:
    content = seeding.PATH.read_bytes()
    assert before in content
    return import_list(
        actor=SYSTEM, key="synthetic", name="Synthetic", source="test", published_on=date(2026, 11, 24),
        content=content.replace(before, after),
    )  # fmt: skip


def test_a_run_keeps_everything_that_is_needed_to_repeat_it(officer: Person) -> None:
    done = run(NORDLYS, HOSPITAL)
    snapshot = ListSnapshot.objects.get()
    assert (done.state, done.snapshots) == (
        "done",
        [{"list": "synthetic", "number": 1, "sha256": snapshot.sha256}],
    )
    assert [query["ref"] for query in done.queries] == ["party:1", "party:2"]
    hit = of().get()
    assert (hit.query_name, hit.listed_name, hit.status) == ("Nordlys Compute AS", "Nordlys Computing AS", "potential")
    assert hit.listed_party.addresses == ["Ulitsa Severnogo Siyaniya 8, Murmansk 183038, Russia"]
    assert hit.explanation == [
        "nordlys = nordlys",
        "compute ~ computing (same stem)",
        "as = as",
        "country differs -0.03",
    ]
    assert [line.sentence for line in trail(done)] == ["Screened 2 names; hits: 1"]


def test_a_decision_holds_for_the_next_run_of_the_same_party(officer: Person) -> None:
    run(NORDLYS)
    decide_hit(actor=officer, hit_id=of().get().pk, **DECISION)
    run(replace(NORDLYS, role="intermediate_consignee"), subject="2")
    hit = of("2").get()
    assert (hit.status, hit.disposition, hit.reopened_because) == ("false_match", Disposition.objects.get(), "")
    assert queries.open_hits("case", "2") == []


def test_what_changes_on_either_side_reopens_it(officer: Person) -> None:
    run(NORDLYS)
    decide_hit(actor=officer, hit_id=of().get().pk, **DECISION)
    run(replace(NORDLYS, country="SE"))
    assert (of().get().status, of().get().reopened_because) == (
        "potential",
        "What is known of the party has changed since the decision.",
    )
    reload_list(b"Murmansk; reseller of accelerators", b"Murmansk and Oslo")
    run(NORDLYS)
    assert (of().get().status, of().get().reopened_because) == (
        "potential",
        "The list has changed its entry since the decision.",
    )


def test_a_decision_that_has_expired_is_made_anew(officer: Person) -> None:
    run(NORDLYS)
    hit = of().get()
    today = timezone.localdate()
    for expires_on in (today, today + timedelta(days=1)):
        Disposition.objects.create(
            party_ref=hit.party_ref, list_key=hit.list_key, entity_id=hit.entity_id, party_fingerprint=hit.party_fingerprint,
            listed_fingerprint=hit.listed_party.fingerprint, status="false_match", reason="different_country",
            sentence="Decided a year ago.", decided_at=timezone.now(), expires_on=expires_on, reviewer_id="1", reviewer_label="Rui",
        )  # fmt: skip
        run(NORDLYS)
        assert of().get().status == ("potential" if expires_on == today else "false_match")


def test_a_party_in_two_roles_is_one_hit(officer: Person) -> None:
    run(NORDLYS, replace(NORDLYS, role="intermediate_consignee"))
    assert of().get().party_role == "end_user, intermediate_consignee"


def test_every_listed_party_that_comes_near_is_a_hit_however_many(officer: Person) -> None:
    twins = b"".join(b"TWIN-%03d,company,Nordlys Computing AS,,,RU,,,,SYN-MIL,,,\n" % number for number in range(50))
    reload_list(b"SYN-0002,", twins + b"SYN-0002,")
    run(NORDLYS)
    assert of().count() == 51


@pytest.mark.parametrize(
    ("parties", "error"),
    [
        ((NORDLYS, replace(HOSPITAL, name="...")), UnusableName),
        ((), Invalid),
        ((NORDLYS, replace(HOSPITAL, ref="party:1")), Invalid),
    ],
    ids=["name", "nobody", "reference"],
)
def test_a_screening_that_goes_wrong_is_a_failed_run_and_raises(
    officer: Person, parties: tuple[ScreeningQuery, ...], error: type[Exception]
) -> None:
    run(HOSPITAL)
    with pytest.raises(error):
        run(*parties)
    failed = queries.latest_run("case", "1")
    assert failed is not None
    assert (failed.state, failed.error.split(":")[0]) == ("failed", error.__name__)
    assert not of().exists()
    assert trail(failed)[0].sentence.startswith("Screening failed: ")
    assert verify() == []


def test_without_a_list_nobody_is_clear() -> None:
    with pytest.raises(NotNow, match="an administrator has to load one"):
        run(HOSPITAL)
    assert ScreeningRun.objects.get().state == "failed"
    assert Refusal.objects.get().code == "no_lists"


def test_half_a_list_clears_nobody(officer: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM screening_listedparty WHERE entity_id = 'SYN-0001'")
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(LookupError, match="60 parties, and 59 were found"):
        run(NORDLYS)
    assert ScreeningRun.objects.get().state == "failed"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE screening_screeningrun SET state = 'failed', error = 'x'",
        "UPDATE screening_screeningrun SET snapshots = '[]'",
        "DELETE FROM screening_screeningrun",
        "UPDATE screening_hit SET score = 0.1",
        "DELETE FROM screening_hit",
        "UPDATE screening_disposition SET sentence = 'Another sentence.'",
        "UPDATE screening_listedparty SET addresses = '[]'",
        "UPDATE screening_listsnapshot SET sha256 = 'x'",
    ],
)
def test_the_database_refuses_to_rewrite_what_was_found_and_decided(officer: Person, statement: str) -> None:
    run(NORDLYS)
    decide_hit(actor=officer, hit_id=of().get().pk, **DECISION)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert of().get().status == "false_match"


def test_a_list_goes_on_in_versions_and_the_same_file_changes_nothing(officer: Person) -> None:
    first = ListSnapshot.objects.get()
    seeding.load(actor=SYSTEM)
    second = reload_list(b"SYN-0060,government,Directorate", b"SYN-0061,government,Directorate")
    assert (second.number, second.added, second.removed, second.changed) == (2, 1, 1, 0)
    assert ListSnapshot.objects.get(pk=first.pk).state == "superseded"
    on = [set(ListedParty.objects.on(each).values_list("entity_id", flat=True)) for each in (first, second)]
    assert (on[0] - on[1], on[1] - on[0], len(on[1])) == ({"SYN-0060"}, {"SYN-0061"}, 60)
    assert list(second.restricted_list.checks.order_by("id").values_list("outcome", flat=True)) == [
        "loaded",
        "unchanged",
        "loaded",
    ]
