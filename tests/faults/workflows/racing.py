"""Races: what two or five processes do to the same case at the same instant."""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from tests.faults.workflows import invariants
from tests.faults.workflows.desk import Desk, Stuck, named
from tests.faults.workflows.racers import Call
from tests.faults.workflows.rounds import Line, Stand, references, start_here, wait_for_stage
from workflows.models import OutboxRow

Pairing = Callable[[uuid.UUID, str], tuple[Call, Call]]
MANY = 100


def call(case: uuid.UUID, reference: str, kind: str, who: str, **data: Any) -> Call:
    at = data.pop("at", None)
    command = named(reference, kind, who, data.get("seat", ""))
    return "execute", {"case": case, "kind": kind, "who": who, "data": data, "command": command, "at": at}


def voting(case: uuid.UUID, reference: str, seat: str, who: str, **more: Any) -> Call:
    return call(case, reference, "vote", who, seat=seat, vote="approve", **more)


def contest(
    stand: Stand,
    fault: str,
    count: int,
    pair: Pairing,
    answers: set[tuple[str, str]],
    ends: Sequence[str] = ("closed",),
) -> Line:
    """Two calls on each of so many cases, in either order of the racers; the answers must be one of these pairs."""
    names, desk, line = references(count), stand.desk(), Line(fault, count, count)
    cases = start_here(names)
    wait_for_stage(names, "review")
    calls = [pair(cases[name], name) for name in names]
    turned = [random.random() < 0.5 for _ in calls]  # noqa: S311 - which racer gets which call
    left = [two[turn] for two, turn in zip(calls, turned, strict=True)]
    right = [two[not turn] for two, turn in zip(calls, turned, strict=True)]
    said = stand.pair.run([left, right])
    for name, turn, two, *spoken in zip(names, turned, calls, *said, strict=True):
        first, second = spoken if not turn else spoken[::-1]
        if (first, second) not in answers:
            line.wrong.append(f"{name}: {first} and {second}")
        for answer, (_, data) in zip((first, second), two, strict=True):
            (desk.accepted if answer == "accepted" else desk.refused).add(data["command"])
    _finish(line, desk, names, ends)
    return line


def _finish(line: Line, desk: Desk, names: Sequence[str], ends: Sequence[str], *, once: bool = True) -> None:
    try:
        line.seconds = desk.finish(list(names))
    except Stuck as stuck:
        line.wrong.append(str(stuck))
    close_old_connections()
    line.add(invariants.check(names, accepted=desk.accepted, refused=desk.refused, ends=ends, once=once))


def two_seats(stand: Stand) -> Line:
    return contest(
        stand, "two reviewers, different seats", stand.times(25, 500),
        lambda case, name: (voting(case, name, "left", "leo"), voting(case, name, "right", "rob")),
        {("accepted", "accepted")},
    )  # fmt: skip


def one_seat(stand: Stand) -> Line:
    return contest(
        stand, "two reviewers, the same seat", stand.times(25, 500),
        lambda case, name: (voting(case, name, "left", "leo"), voting(case, name, "left", "lea")),
        {("accepted", "claimed_by_another"), ("claimed_by_another", "accepted")},
    )  # fmt: skip


def one_person_two_seats(stand: Stand) -> Line:
    """The same person, in two windows, on seats that must be held by two."""
    return contest(
        stand, "one person, two seats that must be apart", stand.times(5, 100),
        lambda case, name: (voting(case, name, "left", "lea"), voting(case, name, "right", "lea")),
        {("accepted", "separation_of_duties"), ("separation_of_duties", "accepted")},
    )  # fmt: skip


def decision_and_timer(stand: Stand) -> Line:
    """The vote that refuses the case and the clock that takes it elsewhere, both at the instant at which the clock runs out."""

    def pair(case: uuid.UUID, name: str) -> tuple[Call, Call]:
        at = timezone.now() + timedelta(days=3)
        denial = call(case, name, "vote", "leo", seat="left", vote="deny", at=at)
        return denial, call(case, name, "expire", "system", timer="review:1:expiry", at=at)

    return contest(
        stand, "decision and timer", stand.times(5, 100), pair,
        {("accepted", "closed_case"), ("closed_case", "accepted")}, ("refused", "late"),
    )  # fmt: skip


def decision_and_withdrawal(stand: Stand) -> Line:
    return contest(
        stand, "decision and withdrawal", stand.times(5, 100),
        lambda case, name: (
            voting(case, name, "left", "leo"), call(case, name, "withdraw", "ann", reason="no longer needed")
        ),
        {("accepted", "accepted"), ("closed_case", "accepted")}, ("refused",),
    )  # fmt: skip


def decision_and_recusal(stand: Stand) -> Line:
    return contest(
        stand, "decision and recusal", stand.times(5, 100),
        lambda case, name: (
            voting(case, name, "left", "leo"), call(case, name, "recuse", "leo", reason="my own file")
        ),
        {("accepted", "accepted"), ("recused", "accepted")},
    )  # fmt: skip


def decision_and_reassignment(stand: Stand) -> Line:
    return contest(
        stand, "decision and reassignment", stand.times(5, 100),
        lambda case, name: (
            voting(case, name, "left", "leo"), call(case, name, "reassign", "sue", seat="left", to="lea", reason="leave")
        ),
        {("accepted", "accepted"), ("claimed_by_another", "accepted"), ("accepted", "seat_not_open")},
    )  # fmt: skip


def one_command(stand: Stand) -> Line:
    """The same command a hundred times from five processes: one answer is the first, the others repeat it."""
    names = references(stand.times(1, 5))
    line = Line("the same command 100 times", MANY * 2 * len(names), len(names))
    desk = stand.desk()
    for name in names:
        opening = ("start", {"reference": name, "command": named(name, "start")})
        said = stand.five.run([[opening] * (MANY // 5)] * 5)
        _once(line, name, "start", said)
    wait_for_stage(names, "review")
    cases = start_of(names)
    for name in names:
        said = stand.five.run([[voting(cases[name], name, "left", "leo")] * (MANY // 5)] * 5)
        _once(line, name, "vote", said)
        desk.accepted |= {named(name, "vote", "leo", "left"), named(name, "start")}
    _finish(line, desk, names, ("closed",))
    return line


def start_of(names: Sequence[str]) -> dict[str, uuid.UUID]:
    rows = OutboxRow.objects.filter(key__in=[f"{name}:intake:1" for name in names])
    return {row.key.partition(":")[0]: uuid.UUID(row.payload["instance"]) for row in rows}


def _once(line: Line, name: str, kind: str, said: list[list[str]]) -> None:
    counts = Counter(answer for one in said for answer in one)
    if counts != {"accepted": 1, "repeated": MANY - 1}:
        line.wrong.append(f"{kind} of {name}: {dict(counts)}")


def one_bell(stand: Stand) -> Line:
    """The bell of one row fifty times, from five processes, and five hands at the row itself."""
    names = references(stand.times(2, 20))
    line, desk = Line("the same bell 50 times", 50 * len(names), len(names)), stand.desk()
    for name in names:
        start_here([name])
        row = OutboxRow.objects.get(key__startswith=f"{name}:").pk
        bell: Call = ("ring", {"row": row, "effect": "note"})
        stand.five.run([[bell] * 10 + [("work", {"row": row})]] * 5)
    _finish(line, desk, names, ("closed",))
    return line
