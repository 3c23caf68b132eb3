"""What the kernel promises: seats, separation of duties, questions and clocks, countersignature, limits, expiry, appeal, rescue."""

from datetime import timedelta

import pytest

from tests.examples.workflow import US, Office, Played, shipped, us
from workflows.kernel import Refused, State, replay, running, timers
from workflows.kernel.load import load


def refused(case: Played, kind: str, person: str, **data: object) -> str:
    before = case.now
    with pytest.raises(Refused) as no:
        case.do(kind, person, **data)
    assert case.now == before, "a refused command changes nothing"
    assert no.value.sentence
    return no.value.code.value


def kinds(events: list) -> list[str]:  # type: ignore[type-arg]
    return [event.kind for event in events]


def test_the_whole_way_to_a_license() -> None:
    case = us().in_decision()
    case.do("propose", "omar", seat="officer", action="issue", signs="sha")
    case.do("agree", "ruth", seat="countersign", signs="sha")
    case.complete("issued")

    assert (case.now.end, case.now.closed) == ("approved", True)
    assert replay(case.history) == case.now
    assert State.from_json(case.now.to_json()) == case.now


def test_a_conditional_seat_opens_only_where_its_fact_is_true() -> None:
    assert {seat.key: seat.status.value for seat in us().in_review().now.seats}["energy"] == "skipped"
    assert {seat.key: seat.status.value for seat in us().in_review(any_nuclear_relevant=True).now.seats}[
        "energy"
    ] == "open"


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ({}, "intake"),
        ({"low_risk": True}, "expedited"),
        ({"replaces_license": True}, "replacement"),
        ({"low_risk": True, "replaces_license": True}, "replacement"),
    ],
)
def test_facts_choose_the_lane(facts: dict[str, bool], stage: str) -> None:
    case = us()
    events = case.complete("clear", **facts)
    assert case.now.stage == stage
    left = next(event for event in events if event.kind == "stage_left")
    assert left.data["facts"] == {"low_risk": False, "replaces_license": False} | facts, (
        "what chose stands in the event"
    )


def test_the_expedited_lane_skips_the_agencies_unless_somebody_objects() -> None:
    quick, slow, late = us(), us(), us()
    for case in (quick, slow, late):
        case.complete("clear", low_risk=True)
        case.do("vote", "sven", seat="safety", vote="approve")
    quick.do("vote", "omar", seat="commerce", vote="approve")
    slow.do("vote", "omar", seat="commerce", vote="deny")
    late.wait(11)
    assert (quick.now.stage, slow.now.stage, late.now.stage) == ("decision", "intake", "intake")


def test_a_replacement_is_confirmed_or_reviewed_in_full() -> None:
    for action, stage in (("confirm", "decision"), ("review_in_full", "intake"), ("return", "returned")):
        case = us()
        case.complete("clear", replaces_license=True)
        case.do("propose", "omar", seat="officer", action=action)
        assert case.now.stage == stage


def test_a_split_goes_to_the_committee_and_cancels_who_has_not_voted() -> None:
    case = us().in_review()
    case.do("vote", "dana", seat="defense", vote="approve")
    events = case.do("vote", "samir", seat="state", vote="deny")
    assert kinds(events)[-2:] == ["stage_left", "stage_entered"]
    assert case.now.stage == "oc"


def test_nobody_acts_where_they_have_no_seat() -> None:
    case = us().in_review()
    assert refused(case, "vote", "dana", seat="state", vote="approve") == "not_in_pool"
    assert refused(case, "vote", "omar", seat="energy", vote="approve") == "seat_not_open"
    assert refused(case, "vote", "omar", seat="nobody", vote="approve") == "unknown_seat"
    assert refused(case, "vote", "dana", seat="defense", vote="perhaps") == "unknown_vote"
    assert refused(case, "propose", "dana", seat="defense", action="issue") == "wrong_stage"
    case.do("claim", "dana", seat="defense")
    assert refused(case, "vote", "dick", seat="defense", vote="approve") == "claimed_by_another"
    assert refused(case, "release", "dick", seat="defense") == "not_the_holder"
    assert refused(case, "dance", "dana") == "unknown_command"


def test_separation_of_duties_holds_over_rounds_and_both_ways() -> None:
    case = us().in_decision()
    case.do("propose", "grace", seat="officer", action="issue", signs="a")
    assert refused(case, "agree", "grace", seat="countersign", signs="a") == "separation_of_duties"
    case.do("return", "ruth", seat="countersign", reason="Name the legal basis.")
    assert case.now.round == 2
    assert refused(case, "claim", "grace", seat="countersign") == "seat_not_open"
    case.do("propose", "omar", seat="officer", action="issue", signs="b")
    assert refused(case, "agree", "grace", seat="countersign", signs="b") == "separation_of_duties", (
        "she proposed in round 1"
    )


def test_whoever_took_part_before_decides_nothing_here() -> None:
    case = Played(shipped("us-interagency"), Office(US, before={"omar"}))
    case.complete("clear")
    assert refused(case, "propose", "omar", seat="officer", action="refer") == "separation_of_duties"


def test_a_countersignature_binds_what_was_signed() -> None:
    case = us().in_decision()
    case.do("propose", "omar", seat="officer", action="issue", signs="first")
    assert refused(case, "agree", "ruth", seat="countersign", signs="other") == "signature_stale"
    case.do("propose", "omar", seat="officer", action="issue", signs="second")
    assert refused(case, "agree", "ruth", seat="countersign", signs="first") == "signature_stale"
    case.do("agree", "ruth", seat="countersign", signs="second")
    assert case.now.stage == "issuance"


def test_returns_and_actions_have_limits_that_somebody_may_lift() -> None:
    case = us().in_decision()
    for person in ("omar", "omar", "omar"):
        case.do("propose", person, seat="officer", action="issue")
        events = case.do("return", "ruth", seat="countersign", reason="Not yet.")
    assert "escalated" in kinds(events)
    case.do("propose", "omar", seat="officer", action="issue")
    assert refused(case, "return", "ruth", seat="countersign", reason="Once more.") == "limit_reached"
    assert refused(case, "lift", "ruth", action="returned", reason="I want to.") == "not_in_pool"
    case.do("lift", "paul", action="returned", reason="New facts came in.")
    case.do("return", "ruth", seat="countersign", reason="Once more.")
    assert case.now.round == 5


def test_a_question_stops_the_clocks_that_name_it_and_no_other() -> None:
    case = us().in_review()
    case.wait(3)
    case.do("ask", "sven", seat="safety", question_id="q1")
    case.wait(4)
    stopped = {clock.key: clock for clock in running(case.definition, case.now)}
    assert stopped["review:1"].stands_still
    assert stopped["review:1"].elapsed(case.at) == pytest.approx(3, abs=0.01)
    case.do("answer", "applicant", question_id="q1")
    case.wait(1)
    assert {c.key: c for c in running(case.definition, case.now)}["review:1"].elapsed(case.at) == pytest.approx(
        4, abs=0.01
    )
    assert refused(case, "answer", "applicant", question_id="q1") == "question_closed"
    assert refused(case, "answer", "applicant", question_id="q9") == "unknown_question"


def test_a_seats_vote_closes_its_own_question() -> None:
    case = us().in_review()
    case.do("ask", "sven", seat="safety", question_id="q1")
    assert "question_closed" in kinds(case.do("vote", "sven", seat="safety", vote="approve"))
    assert case.now.open_questions() == []


def test_questions_are_capped_and_an_unanswered_one_ends_the_case() -> None:
    case = us().in_review()
    for number in (1, 2, 3):
        case.do("ask", "sven", seat="safety", question_id=f"q{number}")
    assert refused(case, "ask", "sven", seat="safety", question_id="q4") == "limit_reached"
    case.wait(11)
    assert case.now.end == "returned_without_action"


def test_silence_is_no_objection_and_no_person() -> None:
    case = us().in_review()
    case.do("vote", "dana", seat="defense", vote="approve")
    events = case.wait(31)
    assert [event.data["vote"] for event in events if event.kind == "voted"] == ["no_objection"] * 3
    assert case.now.stage == "decision"
    assert "system" not in {person for people in case.now.acted.values() for person in people}


def test_an_intake_that_is_late_is_told_and_goes_on() -> None:
    case = us()
    case.complete("clear")
    assert kinds(case.wait(10)) == ["expired", "alerted", "escalated"]
    assert case.now.stage == "intake"


def test_an_outcome_is_provisional_until_the_window_shuts() -> None:
    case = us().in_review()
    case.do("vote", "dana", seat="defense", vote="approve")
    case.do("vote", "samir", seat="state", vote="deny")
    case.do("vote", "lena", seat="chair", vote="approve")
    assert case.now.provisional is not None
    assert refused(case, "vote", "samir", seat="state", vote="deny") == "seat_not_open"
    assert refused(case, "appeal", "lena", seat="chair", reason="No.") == "unknown_seat"
    case.do("appeal", "samir", seat="state", reason="The end user is not what it says.")
    assert case.now.stage == "acep"


def test_without_an_appeal_the_window_shuts_by_itself() -> None:
    case = us().in_review()
    case.do("vote", "dana", seat="defense", vote="approve")
    case.do("vote", "samir", seat="state", vote="deny")
    case.do("vote", "lena", seat="chair", vote="deny")
    case.wait(5.1)
    assert case.now.stage == "decision"
    assert refused(case, "appeal", "samir", seat="state", reason="Late.") == "no_appeal"


def test_the_chair_may_not_be_who_voted_for_commerce() -> None:
    case = us().in_review()
    case.do("vote", "omar", seat="commerce", vote="approve")
    case.do("vote", "samir", seat="state", vote="deny")
    assert refused(case, "vote", "omar", seat="chair", vote="approve") == "separation_of_duties"


def test_the_rule_may_hang_on_a_fact() -> None:
    case = us().in_review(destination_embargoed=True)
    case.do("vote", "dana", seat="defense", vote="approve")
    case.do("vote", "samir", seat="state", vote="deny")
    assert case.now.rule == "majority"


def test_a_hold_stops_only_clocks_that_name_it_and_ends_by_itself() -> None:
    case = us().in_review()
    case.do("hold", "dana", reason="Consultation with a partner")
    assert refused(case, "vote", "dana", seat="defense", vote="approve") == "on_hold"
    assert "resumed" in kinds(case.wait(91))
    case.do("vote", "dana", seat="defense", vote="approve")
    assert refused(case, "resume", "dana") == "not_on_hold"


def test_withdrawal_ends_it_at_any_stage() -> None:
    case = us().in_review()
    case.do("withdraw", "applicant", reason="The customer has gone.")
    assert case.now.end == "returned_without_action"
    assert refused(case, "withdraw", "applicant", reason="Again.") == "closed_case"


def test_an_amendment_voids_what_it_touches() -> None:
    case = us().in_review()
    case.do("vote", "dana", seat="defense", vote="approve")
    case.do("vote", "samir", seat="state", vote="approve")
    case.do("amend", "applicant", facts={}, seats=["defense"])
    assert case.now.seat("defense").ballot is None  # type: ignore[union-attr]
    assert case.now.seat("state").ballot is not None  # type: ignore[union-attr]
    case.do("amend", "applicant", facts={"any_nuclear_relevant": True}, seats=[])
    assert (case.now.round, case.now.seat("energy").status.value) == (2, "open")  # type: ignore[union-attr]
    assert refused(case, "amend", "applicant", facts={"moon": True}) == "undeclared_fact"


def test_who_steps_aside_is_out_for_good_with_their_vote() -> None:
    case = us().in_review()
    case.do("vote", "dana", seat="defense", vote="approve")
    case.do("recuse", "dana", reason="My brother works there.")
    assert case.now.seat("defense").status.value == "open"  # type: ignore[union-attr]
    assert refused(case, "vote", "dana", seat="defense", vote="approve") == "recused"
    case.do("vote", "dick", seat="defense", vote="approve")


def test_an_empty_pool_is_an_incident_until_somebody_comes() -> None:
    office = Office({**US, "commerce.licensing": set()}, helping={"amara"})
    case = Played(shipped("us-interagency"), office)
    case.complete("clear")
    assert case.now.incident == "empty_pool"
    office.pools = US
    case.do("claim", "omar", seat="officer")
    assert case.now.incident == ""


def test_substitutes_act_for_those_who_are_away() -> None:
    case = Played(shipped("us-interagency"), Office(US, standing_in={"defense.dtsa": {"vera"}}))
    case.complete("clear")
    case.do("propose", "omar", seat="officer", action="refer")
    events = case.do("vote", "vera", seat="defense", vote="approve")
    assert events[-1].data["capacity"] == "substitute"


def test_an_effect_says_only_what_the_stage_routes() -> None:
    case = us()
    key = case.now.effect
    case.complete("surprise")
    assert case.now.incident == "undeclared_outcome"
    assert refused(case, "complete", "system", key=key, outcome="clear") == "stale_effect"
    assert refused(case, "retry", "omar", reason="Try again.") == "not_a_steward"
    case.do("retry", "amara", reason="The check is mended.")
    assert case.now.effect != key
    case.complete("clear")
    assert case.now.stage == "intake"
    assert refused(case, "retry", "amara", reason="For luck.") == "no_incident"


def test_people_cannot_report_effects_or_fire_timers() -> None:
    case = us()
    assert refused(case, "complete", "omar", key=case.now.effect, outcome="clear") == "not_in_pool"
    assert refused(case, "expire", "omar", timer="clock:total:expiry") == "not_in_pool"
    assert refused(case, "expire", "system", timer="clock:total:expiry") == "not_due"
    assert refused(case, "expire", "system", timer="nothing") == "unknown_timer"


def test_delegated_work_counts_for_both() -> None:
    case = us().in_decision()
    case.do("claim", "omar", seat="officer")
    case.do("delegate", "omar", seat="officer", to="grace")
    assert refused(case, "propose", "omar", seat="officer", action="issue") == "claimed_by_another"
    assert refused(case, "hand_back", "omar", seat="officer") == "not_the_holder"
    case.do("propose", "grace", seat="officer", action="issue", signs="x")
    assert set(case.now.acted["decision.officer"]) == {"omar", "grace"}
    assert refused(case, "agree", "grace", seat="countersign", signs="x") == "separation_of_duties"


def test_delegated_work_is_handed_back() -> None:
    case = us().in_review()
    case.do("claim", "dana", seat="defense")
    case.do("delegate", "dana", seat="defense", to="dick")
    case.do("hand_back", "dick", seat="defense")
    case.do("vote", "dana", seat="defense", vote="approve")


def test_a_seat_is_reassigned_only_to_whom_it_could_have_come() -> None:
    case = us().in_review()
    case.do("claim", "dana", seat="defense")
    assert refused(case, "reassign", "samir", seat="defense", to="dick", reason="He asked.") == "not_in_pool"
    assert refused(case, "reassign", "amara", seat="defense", to="samir", reason="She is away.") == "not_in_pool"
    case.do("reassign", "amara", seat="defense", to="dick", reason="She is away.")
    assert refused(case, "vote", "dana", seat="defense", vote="approve") == "claimed_by_another"
    case.do("vote", "dick", seat="defense", vote="approve")


def test_a_steward_may_skip_a_seat_and_the_rest_decides() -> None:
    case = us().in_review().vote_all(defense="approve", state="approve", commerce="approve")
    assert refused(case, "skip", "omar", seat="safety", reason="Closed for the week.") == "not_a_steward"
    case.do("skip", "amara", seat="safety", reason="Closed for the week.")
    assert case.now.stage == "decision"


def test_a_force_needs_two_stewards() -> None:
    case = us().in_review()
    case.do("force", "amara", stage="decision", reason="A court order")
    assert case.now.stage == "review"
    assert refused(case, "force", "amara", stage="decision", reason="A court order") == "second_person"
    case.do("force", "henrik", stage="decision", reason="A court order")
    assert case.now.stage == "decision"


def test_a_cancelled_case_leaves_nothing_open() -> None:
    case = us().in_review()
    case.do("claim", "dana", seat="defense")
    case.do("ask", "sven", seat="safety", question_id="q")
    case.do("cancel", "amara", reason="It was filed twice.")
    assert case.now.end == "cancelled"
    assert not [seat for seat in case.now.seats if seat.live]
    assert not case.now.open_questions()
    assert not timers(case.definition, case.now)


def test_a_closed_case_is_opened_again_only_by_a_steward() -> None:
    case = us()
    case.complete("incomplete")
    assert refused(case, "reopen", "omar", stage="intake", reason="By mistake.") == "not_a_steward"
    assert refused(case, "reopen", "amara", stage="issued", reason="By mistake.") == "bad_data"
    case.do("reopen", "amara", stage="intake", reason="Returned by mistake.")
    assert (case.now.stage, case.now.closed) == ("intake", False)
    case.do("cancel", "amara", reason="Filed twice.")
    assert case.now.end == "cancelled"


def test_a_claim_that_nobody_acts_on_ends() -> None:
    source = (
        "key: leave\nversion: 1\nstart: request\nvotes: {favor: [yes_], against: [no_]}\nstages:\n  request:\n"
        "    seats: {boss: {pool: office.boss}}\n    decide: {rule: any}\n    route: {favor: granted, against: granted}\n"
        "    claim: {limit: 2, unit: calendar_days}\n  granted: {end: done}\n"
    )
    case = Played(load(source), Office({"office.boss": {"ann", "bob"}}))
    case.do("claim", "ann", seat="boss")
    assert kinds(case.wait(2.1)) == ["expired", "released"]
    case.do("vote", "bob", seat="boss", vote="yes_")
    assert case.now.end == "done"


def test_working_days_leave_out_weekends_and_holidays() -> None:
    case = Played(shipped("uk-individual"), Office({"dbt.technical_assessment": {"tom"}}))
    case.complete("clear")
    clock = next(clock for clock in running(case.definition, case.now) if clock.key == "clock:target")
    due = clock.due()
    assert due is not None
    assert due.date().isoformat() == "2026-01-30", "20 working days from Monday, January 5"
    assert clock.elapsed(case.at + timedelta(days=7)) == 5


def test_what_is_allowed_is_what_is_accepted() -> None:
    case = us().in_review()
    assert {(action.kind, action.seat) for action in case.allowed("dana")} == {
        ("claim", "defense"), ("vote", "defense"), ("ask", "defense"), ("recuse", ""), ("hold", ""),
    }  # fmt: skip
    assert case.allowed("nobody") == []
