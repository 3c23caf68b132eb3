"""Counting the votes of a stage: pure, and closed as soon as the outcome can no longer change."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.kernel.definition import Definition, Stage
from workflows.kernel.state import Ballot, Seat, SeatStatus, State

FAVOR, AGAINST, COLLECTED = "favor", "against", "collected"


@dataclass(frozen=True)
class Verdict:
    """How a stage came out. `target` is set where the rule itself names the stage that follows."""

    outcome: str
    target: str = ""


@dataclass(frozen=True)
class Count:
    """The seats that count, by what they said; `waiting` have not voted."""

    favor: int
    against: int
    waiting: int

    @property
    def all(self) -> int:
        return self.favor + self.against + self.waiting


def counting_seats(stage: Stage, state: State) -> list[Seat]:
    """The last seat of each chain: an `after` seat speaks for its predecessor once it has a say."""
    taking_part = {seat.key for seat in state.seats if seat.status not in (SeatStatus.SKIPPED, SeatStatus.CANCELLED)}
    followed = {plan.after for plan in stage.seats if plan.after and plan.key in taking_part}
    return [seat for seat in state.seats if seat.key in taking_part and seat.key not in followed]


def tally(definition: Definition, stage: Stage, state: State) -> Verdict | None:
    """The outcome of a voting stage, or None while it is open."""
    assert stage.decide is not None  # noqa: S101 - callers ask only for stages with a rule
    seats = counting_seats(stage, state)
    count = _count(definition, seats)
    decide = stage.decide
    name, _, n = state.rule.partition(":")
    if name == "collect":
        return None if count.waiting else Verdict(COLLECTED)
    if name == "chair_decides":
        return _voice(definition, _ballot(state, decide.chair))
    if name == "any":
        return _voice(definition, _first(seats))
    if name == "majority":
        return _majority(definition, stage, state, count)
    if name == "n_of_m":
        return _at_least(int(n), count)
    return _without_dissent(name, decide.on_split, count)


def _count(definition: Definition, seats: Sequence[Seat]) -> Count:
    choices = [seat.ballot.choice for seat in seats if seat.ballot is not None]
    favor = sum(1 for choice in choices if choice in definition.favor)
    return Count(favor, len(choices) - favor, len(seats) - len(choices))


def _side(definition: Definition, choice: str) -> str:
    return FAVOR if choice in definition.favor else AGAINST


def _voice(definition: Definition, ballot: Ballot | None) -> Verdict | None:
    return Verdict(_side(definition, ballot.choice)) if ballot else None


def _ballot(state: State, key: str) -> Ballot | None:
    seat = state.seat(key)
    return seat.ballot if seat else None


def _first(seats: Sequence[Seat]) -> Ballot | None:
    return min((seat.ballot for seat in seats if seat.ballot), key=lambda ballot: ballot.at, default=None)


def _majority(definition: Definition, stage: Stage, state: State, count: Count) -> Verdict | None:
    """Decided when every way in which the others may yet vote comes to the same; a tie is decided by a seat, or by another stage."""
    assert stage.decide is not None  # noqa: S101 - as in `tally`
    tie = Verdict("tie", stage.decide.tie_goto) if stage.decide.tie_goto else None
    tie = tie or _voice(definition, _ballot(state, stage.decide.tie)) or (None if count.waiting else Verdict(AGAINST))
    possible = {
        tie if 2 * favor == count.all else Verdict(FAVOR if 2 * favor > count.all else AGAINST)
        for favor in range(count.favor, count.favor + count.waiting + 1)
    }
    return possible.pop() if len(possible) == 1 else None


def _at_least(n: int, count: Count) -> Verdict | None:
    if count.favor >= n:
        return Verdict(FAVOR)
    return Verdict(AGAINST) if count.favor + count.waiting < n else None


def _without_dissent(name: str, on_split: str, count: Count) -> Verdict | None:
    """`veto`: one against decides. `all`: everybody in favor, or against. `unanimous`: all alike, or a split."""
    split = Verdict("split", on_split) if on_split not in ("", FAVOR, AGAINST) else Verdict(on_split or AGAINST)
    if name == "veto" and count.against:
        return Verdict(AGAINST)
    if count.favor and count.against:
        return split
    alike = Verdict(FAVOR if count.favor else AGAINST)
    said = count.favor + count.against
    return alike if not count.waiting or (said and split == alike) else None


def consolidated(stage: Stage, state: State) -> str:
    """One recommendation for all, by the stage's declared table: `all_same` first, then the row of the set of votes, then `else`."""
    if not stage.consolidate:
        return ""
    choices = sorted({seat.ballot.choice for seat in counting_seats(stage, state) if seat.ballot})
    if len(choices) == 1 and stage.consolidate.get("all_same") == "keep":
        return choices[0]
    rows = {"+".join(sorted(votes.split("+"))): value for votes, value in stage.consolidate.items()}
    return rows.get("+".join(choices), stage.consolidate.get("else", ""))


def united(state: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Conditions and denied items of every ballot in effect, united: none is dropped."""
    ballots = [seat.ballot for seat in state.seats if seat.ballot]
    conditions = {condition for ballot in ballots for condition in ballot.conditions}
    denied = {item for ballot in ballots for item in ballot.denied_items}
    return tuple(sorted(conditions)), tuple(sorted(denied))
