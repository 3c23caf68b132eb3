"""A history that no kernel would have written is named, whoever wrote it."""

from dataclasses import replace

from tests.examples.workflow import Played, us
from workflows.kernel import Actor, Event, scrutinize


def told(case: Played, *more: Event) -> list[str]:
    return [f"{number} {sentence}" for number, sentence in scrutinize(case.definition, [*case.history, *more]).broken]


def by(event: Event, person: str) -> Event:
    return replace(event, actor=Actor(person, person))


def last(case: Played, kind: str) -> Event:
    return next(event for event in reversed(case.history) if event.kind == kind)


def test_what_the_kernel_wrote_breaks_nothing() -> None:
    assert told(us().in_review()) == []


def test_a_ballot_on_a_seat_that_is_another_persons_is_named() -> None:
    case = us().in_review()
    case.do("claim", "dana", seat="defense")
    vote = by(Event("voted", case.at, Actor("dick", "dick"), {"seat": "defense", "vote": "approve"}), "dick")
    assert told(case, vote) == ["I3 dick acts as review.defense in round 1, which is dana's"]


def test_one_person_in_two_places_that_must_be_apart_is_named_in_any_round() -> None:
    case = us().in_decision()
    case.do("propose", "grace", seat="officer", action="issue")
    agreed = Event("agreed", case.at, Actor("grace", "grace"), {"seat": "countersign"})
    assert told(case, agreed) == ["I8 grace acts as decision.countersign and as decision.officer"]
    case.do("return", "ruth", seat="countersign", reason="Say more.")
    assert told(case, agreed) == ["I8 grace acts as decision.countersign and as decision.officer"]


def test_somebody_who_stepped_aside_and_somebody_from_the_case_under_review_are_named() -> None:
    case = us().in_review()
    case.do("recuse", "dana", reason="I know them.")
    vote = Event("voted", case.at, Actor("dana", "dana"), {"seat": "defense", "vote": "approve"})
    assert told(case, vote) == ["I8 dana stepped aside and acts as review.defense"]

    fresh = us().in_review().vote_all(defense="approve")
    found = scrutinize(fresh.definition, fresh.history, frozenset({"dana"}))
    assert found.state == fresh.now
    assert list(found.broken) == [("I8", "dana acts as review.defense and took part in the case that this one reviews")]


def test_an_effect_that_is_done_twice_or_that_nobody_asked_for_is_named() -> None:
    case = us().in_review()
    done = last(case, "effect_completed")
    assert told(case, done) == [f"I4 {done.data['key']} is done 2 times"]
    stray = replace(done, data={**done.data, "key": "T1:elsewhere:1"})
    assert told(case, stray) == ["I4 T1:elsewhere:1 is done and nobody asked for it"]


def test_what_was_done_before_a_migration_is_judged_by_the_version_of_then() -> None:
    case = us().in_decision()
    case.do("propose", "grace", seat="officer", action="issue")
    agreed = Event("agreed", case.at, Actor("grace", "grace"), {"seat": "countersign"})
    moved = Event("migrated", case.at, Actor("amara", "amara"), {"version": 2, "stage": "decision"})
    assert told(case, agreed, moved) == []
    assert told(case, moved, agreed) != []
