"""What listed parties own, and what the published policy makes of a hit."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from licensing.accounts.models import Person
from licensing.audit.actors import SYSTEM
from licensing.audit.refusals import Invalid
from licensing.parties.rules import Stake
from licensing.publishing.commands import edit_draft, open_draft, propose, publish
from licensing.screening import policies, queries, seeding
from licensing.screening.commands import confirm_hit, decide_hit, screen
from licensing.screening.match import ScreeningQuery
from licensing.screening.models import Hit, ScreeningRun
from licensing.screening.replaying import replay
from tests.examples import people

pytestmark = pytest.mark.django_db
OWNER = ScreeningQuery(ref="party:9", role="owner", kind="company", name="Nordlys Computing AS", country="RU")
OTHER = ScreeningQuery(ref="party:8", role="owner", kind="company", name="Vostok Neural Systems JSC", country="RU")
OWNED = ScreeningQuery(ref="party:1", role="end_user", kind="company", name="Quiet Harbor Hospital", country="NO")
FALSE: dict[str, Any] = {"status": "false_match", "reason": "different_country", "sentence": "A company in Norway."}
TRUE: dict[str, Any] = {"status": "true_match", "reason": "", "sentence": "The registration number is the same."}


@pytest.fixture
def rui() -> Person:
    kim, lou = people.government().administrators
    seeding.load(actor=SYSTEM)
    seeding.load_policy(proposer=kim, publisher=lou)
    return people.reviewer("Rui", "commerce.licensing")


def screened(*stakes: tuple[str, float | None]) -> ScreeningRun:
    return screen(
        actor=SYSTEM, subject_kind="case", subject_id="1", queries=[OWNER, OTHER, OWNED],
        stakes=[Stake(owner, OWNED.ref, None if percent is None else Decimal(str(percent))) for owner, percent in stakes],
    )  # fmt: skip


def owned() -> list[Hit]:
    return list(queries.hits("case", "1").filter(features__has_key="rule"))


def light() -> tuple[int, bool]:
    found = queries.standing_of("case", "1", timezone.now())
    return found.waiting, bool(found.blocked)


@pytest.mark.parametrize(
    ("stakes", "rule"),
    [
        ([(OWNER.ref, 50)], "ownership"),
        ([(OWNER.ref, 30), (OTHER.ref, 20)], "ownership"),
        ([(OWNER.ref, 30), (OTHER.ref, 19.99)], None),
        ([(OWNER.ref, None)], "ownership_not_known"),
    ],
    ids=["one", "in aggregate", "below", "not known"],
)
def test_half_in_aggregate_is_a_hit_and_a_share_that_is_not_known_a_red_flag(
    rui: Person, stakes: list[tuple[str, float | None]], rule: str | None
) -> None:
    run = screened(*stakes)
    assert [hit.features["rule"] for hit in owned()] == ([rule] if rule else [])
    assert replay(run).same
    if rule == "ownership":
        assert "50 percent" in owned()[0].features["sentence"]


def test_a_false_owner_clears_what_it_owns_and_a_true_one_blocks_it(rui: Person) -> None:
    lead = people.reviewer("Ivo", "commerce.licensing_lead")
    screened((OWNER.ref, 60), (OTHER.ref, 10))
    assert light() == (3, False)
    by_owner = {hit.party_ref: hit for hit in queries.hits("case", "1")}
    decide_hit(actor=rui, hit_id=by_owner[OWNER.ref].pk, **FALSE)
    assert (owned()[0].status, light()) == ("false_match", (1, False))
    screened((OWNER.ref, 60), (OTHER.ref, 55))
    assert (owned()[0].status, owned()[0].reopened_because) == (
        "potential",
        "What is known of the party has changed since the decision.",
    )
    for hit in queries.open_hits("case", "1"):
        confirm_hit(actor=lead, hit_id=decide_hit(actor=rui, hit_id=hit.pk, **TRUE).pk)
    assert light() == (0, True)


def test_a_party_near_the_name_of_its_listed_owner_is_not_cleared_by_another_name(rui: Person) -> None:
    lead = people.reviewer("Ivo", "commerce.licensing_lead")
    daughter = replace(OWNED, name="Nordlys Compute AS")
    stakes = [Stake(OWNER.ref, daughter.ref, Decimal(100))]
    run = screen(actor=SYSTEM, subject_kind="case", subject_id="1", queries=[OWNER, daughter], stakes=stakes)
    own = owned()[0]
    assert (own.party_ref, own.features["field"], own.features["rule"]) == (daughter.ref, "name", "ownership")
    assert {"compute ~ computing (same stem)", "the limit is reached (50 percent)"} <= set(own.explanation)
    assert replay(run).same
    with pytest.raises(Invalid, match="Listed parties may own it"):
        decide_hit(actor=rui, hit_id=own.pk, **FALSE)
    for hit in queries.open_hits("case", "1"):
        confirm_hit(actor=lead, hit_id=decide_hit(actor=rui, hit_id=hit.pk, **TRUE).pk)
    assert light() == (0, True)


def test_what_was_cleared_for_its_owner_is_open_again_with_the_owner(rui: Person) -> None:
    screened((OWNER.ref, 60))
    owner = queries.hits("case", "1").get(party_ref=OWNER.ref)
    decide_hit(actor=rui, hit_id=owner.pk, **FALSE, scope="subject")
    assert owned()[0].status == "false_match"
    screened((OWNER.ref, 60))
    assert owned()[0].status == "false_match"
    stakes = [Stake(OWNER.ref, OWNED.ref, Decimal(60))]
    screen(actor=SYSTEM, subject_kind="case", subject_id="2", queries=[OWNER, OWNED], stakes=stakes)
    elsewhere = queries.hits("case", "2").get(features__has_key="rule")
    assert (elsewhere.status, elsewhere.reopened_because) == (
        "potential",
        "The decisions about its owners hold no longer, or not here.",
    )


def test_a_listed_owner_of_little_blocks_nothing_by_itself(rui: Person) -> None:
    lead = people.reviewer("Ivo", "commerce.licensing_lead")
    screened((OWNER.ref, 5))
    for hit in queries.open_hits("case", "1"):
        confirm_hit(actor=lead, hit_id=decide_hit(actor=rui, hit_id=hit.pk, **TRUE).pk)
    assert light() == (0, False)


@pytest.mark.parametrize(("effect", "waiting"), [("refer", 2), ("inform", 0)])
def test_the_policy_says_what_a_list_does_and_a_new_one_makes_runs_stale(
    rui: Person, effect: str, waiting: int
) -> None:
    run = screened()
    assert (light(), queries.is_fresh(run, timezone.now())) == ((2, False), True)
    new_policy({"threshold": 0.9, "ownership_limit": 50, "default": {"effect": effect}})
    assert (light(), queries.is_fresh(run, timezone.now())) == ((waiting, False), False)
    assert replay(run).same


def test_a_policy_that_makes_no_sense_is_not_proposed(rui: Person) -> None:
    with pytest.raises(Invalid) as refused:
        new_policy(
            {
                "ownership_limit": 0,
                "default": {"effect": "forbid"},
                "lists": {"un": {"effect": "block", "threshold": 2, "ownership": [{"from": "May"}]}},
            }
        )
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["ownership_limit", "default.effect", "lists.un.threshold", "lists.un.ownership"]


def new_policy(content: dict[str, Any]) -> None:
    kim, lou = Person.objects.filter(name__in=["Kim", "Lou"]).order_by("name")
    draft = open_draft(actor=kim, kind=policies.KIND, key=policies.KEY, note="Test")
    edit_draft(actor=kim, publication_id=draft.pk, content=content)
    propose(actor=kim, publication_id=draft.pk)
    publish(actor=lou, publication_id=draft.pk)
