"""Decisions that were wrong are taken back; and what is decided in one application holds in the others at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import SYSTEM
from licensing.audit.queries import trail
from licensing.audit.refusals import Invalid, NotNow, NotPermitted
from licensing.parties.rules import Stake
from licensing.screening import queries, seeding
from licensing.screening.commands import answer_taking_back, confirm_hit, decide_hit, screen, take_back
from licensing.screening.match import ScreeningQuery
from licensing.screening.models import Disposition, Hit
from tests.examples import people

pytestmark = pytest.mark.django_db
OWNER = ScreeningQuery(ref="party:9", role="end_user", kind="company", name="Nordlys Computing AS", country="RU")
OWNED = ScreeningQuery(ref="party:1", role="end_user", kind="company", name="Quiet Harbor Hospital", country="NO")
FALSE: dict[str, Any] = {"status": "false_match", "reason": "different_country", "sentence": "A company in Norway."}
TRUE: dict[str, Any] = {"status": "true_match", "reason": "", "sentence": "The registration number is the same."}
WRONG = "I looked at the wrong register."


@pytest.fixture
def rui() -> Person:
    people.government()
    seeding.load(actor=SYSTEM)
    return people.reviewer("Rui", "commerce.licensing")


@pytest.fixture
def ivo(rui: Person) -> Person:
    return people.reviewer("Ivo", "commerce.licensing_lead")


def screened(case: str, owner: ScreeningQuery = OWNER) -> Hit:
    stakes = [Stake(OWNER.ref, OWNED.ref, Decimal(60))]
    screen(actor=SYSTEM, subject_kind="case", subject_id=case, queries=[owner, OWNED], stakes=stakes)
    return hit(case)


def hit(case: str, ref: str = OWNER.ref) -> Hit:
    return queries.hits("case", case).get(party_ref=ref)


def statuses(case: str) -> tuple[str, str]:
    return hit(case).status, hit(case, OWNED.ref).status


def test_a_false_match_is_taken_back_by_one_with_what_rests_on_it_wherever_it_holds(rui: Person) -> None:
    screened("2")
    decide_hit(actor=rui, hit_id=screened("1").pk, **FALSE)
    assert [statuses(case) for case in "12"] == [("false_match", "false_match")] * 2
    with pytest.raises(Invalid, match="Say why"):
        take_back(actor=rui, hit_id=hit("2").pk, sentence="oops")
    take_back(actor=rui, hit_id=hit("2").pk, sentence=WRONG)
    assert [statuses(case) for case in "12"] == [("potential", "potential")] * 2
    assert WRONG in trail(hit("1"))[-1].sentence
    screened("1")
    assert statuses("1") == ("potential", "potential")
    assert [row.status for row in queries.earlier_decisions(hit("1"))] == ["false_match"]
    with pytest.raises(NotNow, match="Only a false or a true match"):
        take_back(actor=rui, hit_id=hit("1").pk, sentence=WRONG)


def test_a_true_match_is_taken_back_by_two_or_stands(rui: Person, ivo: Person) -> None:
    screened("2")
    decide_hit(actor=rui, hit_id=screened("1").pk, **TRUE)
    confirm_hit(actor=ivo, hit_id=hit("2").pk)
    confirm_hit(actor=ivo, hit_id=decide_hit(actor=rui, hit_id=hit("1", OWNED.ref).pk, **TRUE).pk)
    assert [statuses(case) for case in "12"] == [("true_match", "true_match")] * 2
    decided = hit("1").disposition
    take_back(actor=ivo, hit_id=hit("1").pk, sentence=WRONG)
    assert statuses("1")[0] == screened("2").status == "taking_back"
    assert queries.standing_of("case", "1", timezone.now()).waiting == 1
    with pytest.raises(NotPermitted, match="somebody else has to confirm"):
        answer_taking_back(actor=ivo, hit_id=hit("1").pk, agreed=True)
    answer_taking_back(actor=rui, hit_id=hit("1").pk, agreed=False)
    stood = hit("2").disposition
    assert decided
    assert stood
    assert (stood.status, stood.decided_at) == ("true_match", decided.decided_at)
    take_back(actor=ivo, hit_id=hit("2").pk, sentence=WRONG)
    answer_taking_back(actor=rui, hit_id=hit("2").pk, agreed=True)
    assert [statuses(case) for case in "12"] == [("potential", "potential")] * 2
    with pytest.raises(NotNow, match="Nobody has asked"):
        answer_taking_back(actor=rui, hit_id=hit("2").pk, agreed=True)
    screened("1")
    assert statuses("1") == ("potential", "potential")


def test_a_true_match_in_one_application_reopens_what_others_took_for_false(rui: Person, ivo: Person) -> None:
    moved = replace(OWNER, addresses=("Elsewhere 1, Oslo",))
    decide_hit(actor=rui, hit_id=screened("1").pk, **FALSE, scope="subject")
    decide_hit(actor=rui, hit_id=screened("2", moved).pk, **FALSE)
    assert screened("1").status == "false_match"  # not opened again by a decision about other data
    assert screened("3").status == "potential"
    confirm_hit(actor=ivo, hit_id=decide_hit(actor=rui, hit_id=hit("3").pk, **TRUE, scope="subject").pk)
    assert (statuses("1"), statuses("2")[0]) == (("true_match", "potential"), "potential")
    assert hit("2").reopened_because == "What is known of the party has changed since the decision."
    assert queries.standing_of("case", "1", timezone.now()).blocked == ("Nordlys Computing AS",)


@pytest.mark.django_db(transaction=True)
def test_two_officers_decide_one_pair_in_two_applications_at_once(rui: Person, ivo: Person) -> None:
    hits = [screened(case).pk for case in "12"]

    def decide(given: tuple[Person, int, dict[str, Any]]) -> str:
        actor, hit_id, said = given
        try:
            return decide_hit(actor=actor, hit_id=hit_id, **said).status
        except NotNow as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(decide, [(rui, hits[0], FALSE), (ivo, hits[1], TRUE)]))
    assert len(answers) == 2
    assert "already_decided" in answers
    assert {hit(case).status for case in "12"} == answers - {"already_decided"}
    assert Disposition.objects.filter(party_ref=OWNER.ref).count() == 1
