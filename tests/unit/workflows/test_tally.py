"""Counting votes: a stage closes as soon as no vote that is still out could change how it comes out, and not before."""

from datetime import UTC, datetime
from itertools import product

import pytest

from workflows.kernel.definition import Definition
from workflows.kernel.load import load
from workflows.kernel.state import Ballot, Seat, SeatStatus, State
from workflows.kernel.tally import Verdict, tally

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEATS = ("one", "two", "three", "four")
RULES = {
    "all": "{rule: all}",
    "all, a split elsewhere": "{rule: all, on_split: board}",
    "unanimous, a split against": "{rule: unanimous, on_split: against}",
    "unanimous, a split in favor": "{rule: unanimous, on_split: favor}",
    "unanimous, a split elsewhere": "{rule: unanimous, on_split: board}",
    "veto": "{rule: veto}",
    "majority": "{rule: majority, tie: {goto: board}}",
    "majority, a tie is for the first": "{rule: majority, tie: one}",
    "three of four": "{rule: {rule: n_of_m, n: 3}}",
}


def definition(rule: str) -> Definition:
    seats = ", ".join(f"{seat}: {{pool: a.{seat}}}" for seat in SEATS)
    return load(
        "key: counting\nversion: 1\nstart: review\nvotes: {favor: [approve], against: [deny]}\nstages:\n"
        f"  review:\n    seats: {{{seats}}}\n    decide: {rule}\n    route: {{favor: yes, against: no}}\n"
        "  board:\n    seats: {chair: {pool: a.chair}}\n    decide: {rule: any}\n    route: {favor: yes, against: no}\n"
        "  yes: {end: approved}\n  no: {end: denied}\n"
    )


def verdict(rule: Definition, votes: tuple[str, ...]) -> Verdict | None:
    stage = rule.stages["review"]
    assert stage.decide is not None
    name = ":".join(filter(None, (stage.decide.default.name, str(stage.decide.default.n or ""))))
    seats = tuple(
        Seat(
            key, "a.a", SeatStatus.VOTED if vote else SeatStatus.OPEN, ballot=Ballot("p", vote, NOON) if vote else None
        )
        for key, vote in zip(SEATS, votes, strict=True)
    )
    return tally(rule, stage, State("R", NOON, stage="review", rule=name, seats=seats))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_it_closes_exactly_when_the_outcome_can_no_longer_change(rule: str) -> None:
    counted = definition(rule)
    ends = {votes: verdict(counted, votes) for votes in product(("approve", "deny"), repeat=4)}
    assert None not in ends.values()
    for votes in product(("approve", "deny", ""), repeat=4):
        possible = {
            end for whole, end in ends.items() if all(now in ("", then) for now, then in zip(votes, whole, strict=True))
        }
        assert verdict(counted, votes) == (possible.pop() if len(possible) == 1 else None), votes
