"""Random commands by random people, under shipped definitions and drawn ones: never stuck, one outcome, `allowed` agrees with `decide`."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.examples.definitions import POOLS, sound
from tests.examples.workflow import US, Office, Played, shipped
from workflows.kernel import Actor, Command, Definition, Refused, State, decide, replay, timers
from workflows.kernel.tally import counting_seats, tally

SEATLESS = frozenset({"recuse", "hold", "resume", "lift"})
CHOOSING = frozenset({"vote", "propose", "lift", "delegate"})
STEWARDS = {"amara", "henrik"}
OFFERED = frozenset(
    {
        "claim",
        "release",
        "vote",
        "propose",
        "agree",
        "return",
        "ask",
        "recuse",
        "hold",
        "resume",
        "appeal",
        "lift",
        "delegate",
        "hand_back",
    }
)
OTHERS = ["retry", "reassign", "skip", "withdraw", "amend", "cancel", "fail", "nonsense"]


class Walk(RuleBasedStateMachine):
    case: Played
    questions = 0

    def begin_with(self, definition: Definition, pools: dict[str, set[str]], **facts: bool) -> None:
        self.case = Played(definition, Office(pools, helping=STEWARDS), **facts)
        self.people = sorted({person for people in pools.values() for person in people} | STEWARDS)
        self.seats = sorted({"nobody", *(plan.key for stage in definition.stages.values() for plan in stage.seats)})
        actions = {action for stage in definition.stages.values() for action in stage.actions}
        self.choices = sorted({*definition.favor, *definition.against, *actions})

    def attempt(self, kind: str, person: str, data: dict[str, Any]) -> bool:
        try:
            self.case.do(kind, person, **data)
        except Refused:
            return False
        return True

    @precondition(lambda self: bool(self.case.now.effect))
    @rule(data=st.data())
    def report(self, data: st.DataObject) -> None:
        outcomes = sorted(self.case.definition.stages[self.case.now.stage].route)
        self.case.complete(data.draw(st.sampled_from(outcomes)))

    @precondition(lambda self: not self.case.now.closed)
    @rule(data=st.data())
    def offered(self, data: st.DataObject) -> None:
        """Whatever is offered is accepted."""
        person = data.draw(st.sampled_from(self.people))
        actions = self.case.allowed(person)
        if not actions:
            return
        action = data.draw(st.sampled_from(actions))
        self.questions += 1
        assert self.attempt(action.kind, person, self.said(action.seat, action.choice)), action

    def said(self, seat: str, choice: str) -> dict[str, Any]:
        """What anybody says with any command: whatever it needs, signed as it has to be."""
        stage = self.case.definition.stages[self.case.now.stage]
        before = next((self.case.now.seat(plan.after) for plan in stage.seats if plan.key == seat and plan.after), None)
        signs = before.ballot.signs if before and before.ballot else ""
        return {
            "seat": seat, "vote": choice, "action": choice, "reason": "walk", "signs": signs, "to": choice,
            "question_id": f"q{self.questions}",
        }  # fmt: skip

    @precondition(lambda self: not self.case.now.closed)
    @rule(data=st.data())
    def nothing_else_is_accepted(self, data: st.DataObject) -> None:
        """Of all that this person could say now, exactly what is offered is accepted."""
        person = data.draw(st.sampled_from(self.people))
        self.questions += 1
        accepted = {
            (kind, seat, choice)
            for kind in OFFERED
            for seat in (self.seats if kind not in SEATLESS else [""])
            for choice in (self.people if kind == "delegate" else self.choices if kind in CHOOSING else [""])
            if self.accepts(kind, person, self.said(seat, choice))
        }
        assert accepted == {(each.kind, each.seat, each.choice) for each in self.case.allowed(person)}

    def accepts(self, kind: str, person: str, data: dict[str, Any]) -> bool:
        command = Command(kind, Actor(person, person), data)
        try:
            decide(self.case.definition, self.case.now, command, self.case.at, self.case.office)
        except Refused:
            return False
        return True

    @rule(data=st.data(), kind=st.sampled_from(OTHERS))
    def anything(self, data: st.DataObject, kind: str) -> None:
        """Accepted or refused, but whole: what is refused changes nothing."""
        who, seat = data.draw(st.sampled_from(self.people)), data.draw(st.sampled_from(self.seats))
        to = data.draw(st.sampled_from(self.people))
        before = self.case.now
        given = {"seat": seat, "reason": "walk", "to": to, "facts": {}, "seats": [seat], "key": "x"}
        if not self.attempt(kind, who, given):
            assert self.case.now is before

    @precondition(lambda self: not self.case.now.closed)
    @rule(days=st.floats(0.1, 40))
    def time_passes(self, days: float) -> None:
        self.case.wait(days)

    @precondition(lambda self: bool(self.case.now.open_questions()))
    @rule()
    def answered(self) -> None:
        self.case.do("answer", "applicant", question_id=self.case.now.open_questions()[0].id)

    @invariant()
    def history_gives_the_state(self) -> None:
        if hasattr(self, "case"):
            assert replay(self.case.history) == self.case.now
            assert State.from_json(self.case.now.to_json()) == self.case.now

    @invariant()
    def never_stuck_and_never_half_closed(self) -> None:
        if not hasattr(self, "case"):
            return
        state = self.case.now
        live = [seat for seat in state.seats if seat.live]
        if state.closed:
            assert not live
            assert not state.open_questions()
            assert not timers(self.case.definition, state)
        else:
            assert (
                live or state.effect or state.open_questions() or state.incident or timers(self.case.definition, state)
            )

    @invariant()
    def nobody_holds_two_places_that_are_kept_apart(self) -> None:
        if not hasattr(self, "case"):
            return
        acted = self.case.now.acted
        for stage in self.case.definition.stages.values():
            for plan in stage.seats:
                for other in plan.not_same_person_as:
                    assert not set(acted.get(f"{stage.key}.{plan.key}", ())) & set(acted.get(other, ()))

    @invariant()
    def an_open_vote_is_undecided(self) -> None:
        if not hasattr(self, "case"):
            return
        state = self.case.now
        stage = self.case.definition.stages[state.stage]
        if stage.decide and not state.closed and not state.provisional and counting_seats(stage, state):
            assert tally(self.case.definition, stage, state) is None


class Shipped(Walk):
    @initialize(nuclear=st.booleans(), embargoed=st.booleans(), low=st.booleans())
    def begin(self, nuclear: bool, embargoed: bool, low: bool) -> None:
        facts = {"any_nuclear_relevant": nuclear, "destination_embargoed": embargoed, "low_risk": low}
        self.begin_with(shipped("us-interagency"), US, **facts)


class Drawn(Walk):
    @initialize(definition=sound(), risky=st.booleans(), urgent=st.booleans())
    def begin(self, definition: Definition, risky: bool, urgent: bool) -> None:
        self.begin_with(definition, POOLS, risky=risky, urgent=urgent)


CALM = settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
Shipped.TestCase.settings = CALM
Drawn.TestCase.settings = CALM
TestShipped = Shipped.TestCase
TestDrawn = Drawn.TestCase
