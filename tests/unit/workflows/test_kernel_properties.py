"""Random commands by random people through the shipped definitions: never stuck, never two outcomes, `allowed` agrees with `decide`."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.examples.workflow import US, Office, Played, shipped
from workflows.kernel import Refused, State, replay, timers
from workflows.kernel.tally import counting_seats, tally

PEOPLE = sorted({person for people in US.values() for person in people} | {"amara", "henrik"})
KINDS = [
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
    "delegate",
    "hand_back",
]


class Walk(RuleBasedStateMachine):
    case: Played

    @initialize(nuclear=st.booleans(), embargoed=st.booleans())
    def begin(self, nuclear: bool, embargoed: bool) -> None:
        office = Office(US, helping={"amara", "henrik"})
        self.case = Played(
            shipped("us-interagency"), office, any_nuclear_relevant=nuclear, destination_embargoed=embargoed
        )
        self.questions = 0

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
    @rule(data=st.data(), person=st.sampled_from(PEOPLE))
    def offered(self, data: st.DataObject, person: str) -> None:
        """Whatever is offered is accepted."""
        actions = self.case.allowed(person)
        if not actions:
            return
        action = data.draw(st.sampled_from(actions))
        self.questions += 1
        seats = {seat.key: seat for seat in self.case.now.seats}
        before = next(
            (plan.after for plan in self.case.definition.stages[action.stage].seats if plan.key == action.seat), ""
        )
        signed = seats[before].ballot.signs if before and seats[before].ballot else ""  # type: ignore[union-attr]
        values = {
            "seat": action.seat, "vote": action.choice, "action": action.choice, "reason": "walk", "signs": signed,
            "question_id": f"q{self.questions}",
        }  # fmt: skip
        assert self.attempt(action.kind, person, values), action

    @rule(
        kind=st.sampled_from(KINDS),
        person=st.sampled_from(PEOPLE),
        seat=st.sampled_from(["officer", "defense", "state", "chair", "countersign"]),
        choice=st.sampled_from(["approve", "deny", "issue", "refer", "send_back"]),
    )
    def anything(self, kind: str, person: str, seat: str, choice: str) -> None:
        """What is not offered is refused."""
        offered = {(a.kind, a.seat, a.choice) for a in self.case.allowed(person)} if not self.case.now.closed else set()
        data = {"seat": seat, "vote": choice, "action": choice, "reason": "walk", "question_id": "any", "to": "dana"}
        accepted = self.attempt(kind, person, data)
        if accepted and kind in ("claim", "release", "return", "ask", "appeal"):
            assert (kind, seat, "") in offered

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


Walk.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestWalk = Walk.TestCase
