"""Who decides a hit, with which reason, and who has to agree."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import SYSTEM
from licensing.audit.models import Refusal
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.notices.models import Notice
from licensing.screening import queries, seeding
from licensing.screening.commands import confirm_hit, decide_hit, import_list, screen, settle_list
from licensing.screening.match import ScreeningQuery
from licensing.screening.models import Disposition, Hit, ListCheck, ListSnapshot
from tests.examples import people

pytestmark = pytest.mark.django_db

NORDLYS = ScreeningQuery(ref="party:1", role="end_user", kind="company", name="Nordlys Compute AS", country="NO")
SENTENCE = "The registration number is the same."
FALSE: dict[str, Any] = {"status": "false_match", "reason": "different_country", "sentence": "A company in Norway."}
TRUE: dict[str, Any] = {"status": "true_match", "reason": "", "sentence": SENTENCE}
UNCLEAR: dict[str, Any] = {"status": "inconclusive", "reason": "", "sentence": "The address is missing."}


@pytest.fixture
def rui() -> Person:
    people.government()
    seeding.load(actor=SYSTEM)
    return people.reviewer("Rui", "commerce.licensing")


@pytest.fixture
def lead(rui: Person) -> Person:
    return people.reviewer("Ivo", "commerce.licensing_lead")


def screened() -> Hit:
    screen(actor=SYSTEM, subject_kind="case", subject_id="1", queries=[NORDLYS])
    return now()


def now() -> Hit:
    return queries.hits("case", "1").get()


def test_a_false_match_is_one_officers_and_holds_for_a_year(rui: Person) -> None:
    hit = decide_hit(actor=rui, hit_id=screened().pk, **FALSE)
    kept = Disposition.objects.get()
    assert (hit.status, kept.reviewer_label, kept.second_reviewer_id) == ("false_match", "Rui", "")
    assert kept.expires_on is not None
    assert (kept.expires_on - timezone.localdate()).days == 365
    assert trail(hit)[0].sentence == "Nordlys Computing AS: False match; A company in Norway."
    with pytest.raises(NotNow, match="decided already"):
        decide_hit(actor=rui, hit_id=hit.pk, **TRUE)


def test_a_true_match_waits_for_somebody_else_and_the_gate_stays_shut(rui: Person, lead: Person) -> None:
    hit = decide_hit(actor=rui, hit_id=screened().pk, **TRUE)
    assert (hit.status, queries.open_hits("case", "1")) == ("awaiting_second", [hit])
    with pytest.raises(NotPermitted, match="somebody else has to confirm"):
        confirm_hit(actor=rui, hit_id=hit.pk)
    assert Refusal.objects.get().code == "four_eyes"
    assert now().status == "awaiting_second"
    confirm_hit(actor=lead, hit_id=hit.pk)
    kept = now().disposition
    assert kept is not None
    assert (now().status, kept.reviewer_label, kept.second_reviewer_label) == ("true_match", "Rui", "Ivo")
    assert screened().status == "true_match"


def test_the_database_itself_asks_for_two_people(rui: Person) -> None:
    decide_hit(actor=rui, hit_id=screened().pk, **TRUE)
    first = Disposition.objects.get()
    for second in ("", first.reviewer_id):
        copy = Disposition.objects.get()
        copy.pk, copy.status, copy.second_reviewer_id = None, "true_match", second
        with pytest.raises(IntegrityError, match="true_has_two_people"), transaction.atomic():
            copy.save(force_insert=True)


def test_whoever_does_not_agree_says_that_it_cannot_be_told(rui: Person, lead: Person) -> None:
    hit = decide_hit(actor=rui, hit_id=screened().pk, **TRUE)
    with pytest.raises(NotNow):
        decide_hit(actor=lead, hit_id=hit.pk, **FALSE)
    decide_hit(actor=lead, hit_id=hit.pk, **UNCLEAR)
    assert [each.pk for each in queries.open_hits("case", "1")] == [hit.pk]
    with pytest.raises(NotNow, match="does not wait"):
        confirm_hit(actor=lead, hit_id=hit.pk)
    decide_hit(actor=lead, hit_id=hit.pk, **FALSE)
    assert queries.open_hits("case", "1") == []


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({**FALSE, "reason": ""}, ["reason"]),
        ({**FALSE, "reason": "same_details"}, ["reason"]),
        ({**TRUE, "reason": "different_country"}, ["reason"]),
        ({**FALSE, "reason": "", "sentence": "  no   "}, ["reason", "sentence"]),
        ({**FALSE, "status": "potential"}, ["status"]),
    ],
    ids=["without", "of another", "false for true", "both", "status"],
)
def test_a_decision_without_reasons_is_no_decision(rui: Person, given: dict[str, Any], fields: list[str]) -> None:
    hit = screened()
    with pytest.raises(Invalid) as refused:
        decide_hit(actor=rui, hit_id=hit.pk, **given)
    assert [problem.field for problem in refused.value.problems] == fields
    assert now().status == "potential"


def test_only_the_authoritys_officers_decide(rui: Person) -> None:
    hit = screened()
    for somebody in (people.reviewer("Sol", "defense.dtsa"), people.applicant().preparer, people.person("Nel")):
        with pytest.raises(NotPermitted):
            decide_hit(actor=somebody, hit_id=hit.pk, **FALSE)
        with pytest.raises(NotPermitted):
            confirm_hit(actor=somebody, hit_id=hit.pk)
    assert (now().status, Refusal.objects.count()) == ("potential", 6)


def test_a_hit_that_was_screened_again_since_is_not_decided(rui: Person) -> None:
    old = screened()
    new = screened()
    with pytest.raises(NotNow, match="screened again since"):
        decide_hit(actor=rui, hit_id=old.pk, **FALSE)
    assert decide_hit(actor=rui, hit_id=new.pk, **FALSE).status == "false_match"


def test_only_administrators_load_lists_and_a_bad_file_leaves_the_old_one_in_force(rui: Person) -> None:
    kim = Person.objects.get(name="Kim")
    file = {"key": "synthetic", "name": "Synthetic", "source": "test", "published_on": date(2026, 11, 24)}
    with pytest.raises(NotPermitted):
        import_list(actor=rui, content=seeding.PATH.read_bytes(), **file)
    heading = seeding.PATH.read_bytes().splitlines(keepends=True)[0]
    held = import_list(actor=kim, content=heading, **file)
    assert "an empty list is never loaded" in held.held_because
    assert list(ListSnapshot.objects.values_list("number", "state")) == [(1, "current"), (2, "held")]
    check = ListCheck.objects.latest("id")
    assert (check.outcome, check.actor_label) == ("held", "Kim")
    assert Notice.objects.filter(name="screening/list_held").count() == 2
    assert (import_list(actor=kim, content=heading, **file), Notice.objects.count()) == (held, 2)
    with pytest.raises(Invalid, match="is a web page and no list"):
        import_list(actor=kim, content=b"<html>Moved</html>", **file)
    with pytest.raises(Invalid, match="still cannot be read"):
        settle_list(actor=kim, snapshot_id=held.pk, release=True, reason=SENTENCE)
    settle_list(actor=kim, snapshot_id=held.pk, release=False, reason=SENTENCE)
    assert ListSnapshot.objects.get(state="current").number == 1


def test_a_decision_holds_for_its_scope_and_until_its_day(rui: Person) -> None:
    hit = screened()
    today = timezone.localdate()
    for wrong in (today, today + timedelta(days=4 * 365)):
        with pytest.raises(Invalid, match="Choose a day after today"):
            decide_hit(actor=rui, hit_id=hit.pk, **FALSE, expires_on=wrong)
    with pytest.raises(Invalid, match="Only a false match"):
        decide_hit(actor=rui, hit_id=hit.pk, **UNCLEAR, expires_on=today + timedelta(days=9))
    decide_hit(actor=rui, hit_id=hit.pk, **FALSE, scope="subject", expires_on=today + timedelta(days=9))
    screen(actor=SYSTEM, subject_kind="case", subject_id="2", queries=[NORDLYS])
    assert (screened().status, queries.hits("case", "2").get().status) == ("false_match", "potential")
    kept = Disposition.objects.get()
    assert (kept.subject_id, kept.expires_on) == ("1", today + timedelta(days=9))


def test_a_removed_entry_closes_no_hit_by_itself(rui: Person, lead: Person) -> None:
    confirm_hit(actor=lead, hit_id=decide_hit(actor=rui, hit_id=screened().pk, **TRUE).pk)
    lines = seeding.PATH.read_bytes().splitlines(keepends=True)
    shorter = b"".join(line for line in lines if b"Nordlys" not in line)
    import_list(actor=SYSTEM, key="synthetic", name="", source="test", published_on=date(2026, 11, 25), content=shorter)
    marked = screened()
    assert (marked.status, marked.reopened_because) == (
        "potential",
        "The list has removed its entry, with number 2.",
    )
    assert queries.standing_of("case", "1", timezone.now()).waiting == 1
    gone = {**FALSE, "reason": "no_longer_listed"}
    decide_hit(actor=rui, hit_id=screened().pk, **gone)
    screen(actor=SYSTEM, subject_kind="case", subject_id="1", queries=[NORDLYS])
    assert not queries.hits("case", "1").exists()


def test_a_true_match_is_not_gone_when_the_entry_changes_its_name(rui: Person, lead: Person) -> None:
    confirm_hit(actor=lead, hit_id=decide_hit(actor=rui, hit_id=screened().pk, **TRUE).pk)
    renamed = seeding.PATH.read_bytes().replace(b"Nordlys Comput", b"Quiet Harbor ")
    import_list(actor=SYSTEM, key="synthetic", name="", source="test", published_on=date(2026, 11, 25), content=renamed)
    for _ in range(2):
        left = screened()
        assert (left.status, left.reopened_because.partition(";")[0]) == (
            "potential",
            "The party is near this entry no longer",
        )
        assert queries.standing_of("case", "1", timezone.now()).waiting == 1
    decide_hit(actor=rui, hit_id=left.pk, **FALSE)
    screen(actor=SYSTEM, subject_kind="case", subject_id="1", queries=[NORDLYS])
    assert not queries.hits("case", "1").exists()


def test_earlier_decisions_are_told_beside_the_one_that_stands(rui: Person) -> None:
    hit = decide_hit(actor=rui, hit_id=screened().pk, **UNCLEAR)
    assert not queries.earlier_decisions(hit).exists()
    hit = decide_hit(actor=rui, hit_id=hit.pk, **FALSE)
    assert [row.status for row in queries.earlier_decisions(hit)] == ["inconclusive"]
