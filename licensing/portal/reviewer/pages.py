"""The reviewer's case page: everything needed to decide, and the actions that the engine offers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import Http404

from licensing.cases.commands.reviewing import WITHOUT_REASON
from licensing.screening.engine.names import fold
from licensing.screening.models import Hit, HitStatus
from workflows.kernel import Action
from workflows.reports import ClockReading, StageTime


@dataclass(frozen=True)
class SeatActions:
    """What one seat offers to the person who looks."""

    seat: str
    stage: str
    votes: tuple[tuple[str, str], ...]
    proposals: tuple[tuple[str, str], ...]
    may_claim: bool
    may_release: bool
    may_ask: bool
    may_countersign: bool

    @property
    def any(self) -> bool:
        return bool(self.votes or self.proposals or self.may_claim or self.may_ask or self.may_countersign)


def by_seat(actions: Iterable[Action]) -> list[SeatActions]:
    """The offered actions, grouped by seat, in the engine's order."""
    seats: dict[str, list[Action]] = {}
    for action in actions:
        if action.seat:
            seats.setdefault(action.seat, []).append(action)
    return [_seat(seat, offered) for seat, offered in seats.items()]


def _seat(seat: str, offered: list[Action]) -> SeatActions:
    kinds = {action.kind for action in offered}
    return SeatActions(
        seat=seat,
        stage=offered[0].stage,
        votes=tuple((action.choice or "", action.label) for action in offered if action.kind == "vote"),
        proposals=tuple((action.choice or "", action.label) for action in offered if action.kind == "propose"),
        may_claim="claim" in kinds,
        may_release="release" in kinds,
        may_ask="ask" in kinds,
        may_countersign="agree" in kinds,
    )


@dataclass(frozen=True)
class Act:
    """One thing that somebody may do besides voting and deciding, with what it can be done to: actions, or people by their id."""

    kind: str
    seat: str
    title: str
    done: str
    choices: tuple[str, ...] = ()

    @property
    def needs_reason(self) -> bool:
        return self.kind not in WITHOUT_REASON


ACTS = {
    "recuse": ("Step aside from this case", "You have stepped aside."),
    "delegate": (
        "Let a colleague do the work",
        "Your colleague holds the seat now; both of you count as having worked on it.",
    ),
    "hand_back": ("Give the work back", "The seat is back with your colleague."),
    "appeal": ("Appeal the outcome", "The outcome is appealed."),
    "hold": ("Put the case on hold", "The case is on hold."),
    "resume": ("End the hold", "The hold has ended."),
    "lift": ("Allow it once more", "The limit is lifted, once."),
}


def acts(actions: Iterable[Action]) -> list[Act]:
    """The offered actions that have no card of their own, in the order of `ACTS`, those of a seat with it."""
    found: dict[tuple[str, str], list[str]] = {}
    for action in actions:
        if action.kind in ACTS:
            found.setdefault((action.kind, action.seat), []).append(action.choice)
    order = list(ACTS)
    return [
        Act(kind, seat, *ACTS[kind], tuple(filter(None, choices)))
        for (kind, seat), choices in sorted(found.items(), key=lambda row: (order.index(row[0][0]), row[0][1]))
    ]


def unoffered(kind: str, seat: str) -> Act:
    """An act that is not offered now; when it is tried all the same, the command says why not. Raises Http404 for no act at all."""
    if kind not in ACTS:
        raise Http404
    return Act(kind, seat, *ACTS[kind])


@dataclass(frozen=True)
class ClockLine:
    """A clock as people read it; `share` is the part of the limit that is used, in percent."""

    label: str
    elapsed: str
    limit: str
    share: int
    running: bool
    due_at: datetime | None


def clock_lines(readings: Iterable[ClockReading]) -> list[ClockLine]:
    return [
        ClockLine(
            label=(reading.stage or reading.key).replace("_", " "),
            elapsed=days(reading.elapsed),
            limit=days(reading.limit),
            share=min(100, int(100 * reading.elapsed / reading.limit)) if reading.limit else 100,
            running=reading.running,
            due_at=reading.due_at,
        )
        for reading in readings
    ]


def days(amount: float) -> str:
    """A number of days as people say it: `1 day`, `8.5 days`."""
    rounded = round(float(amount), 1)
    shown = f"{rounded:g}"
    return f"{shown} day" if shown == "1" else f"{shown} days"


def duration(span: timedelta) -> str:
    """A time span in its largest sensible unit: `3.2 days`, `4 h 05 min`, `12 s`."""
    seconds = int(span.total_seconds())
    if seconds >= 86_400:
        return days(seconds / 86_400)
    if seconds >= 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 60} min {seconds % 60:02d} s" if seconds >= 60 else f"{seconds} s"


@dataclass(frozen=True)
class StageLine:
    stage: str
    round: int
    entered_at: datetime
    left_at: datetime | None
    running: str
    stopped: str


def stage_lines(times: Iterable[StageTime]) -> list[StageLine]:
    return [
        StageLine(
            stage=time.stage.replace("_", " "),
            round=time.round,
            entered_at=time.entered_at,
            left_at=time.left_at,
            running=duration(time.running),
            stopped=duration(time.stopped),
        )
        for time in times
    ]


HOW = {
    "same": "the same",
    "typing": "a typing error apart",
    "stem": "the same stem",
    "sound": "sounds alike",
    "script": "the same in another script",
    "initial": "an initial",
    "abbreviation": "an abbreviation",
    "form": "a legal form or title",
    "joined": "the same when joined",
    "extra_query": "only in the party's name",
    "extra_listed": "only in the listed name",
}


@dataclass(frozen=True)
class SideBySide:
    """Two names cut into pieces, each with whether it matched; and the words in rows of party, list, how."""

    party: tuple[tuple[str, bool], ...]
    listed: tuple[tuple[str, bool], ...]
    words: tuple[tuple[str, str, str], ...]


def side_by_side(hit: Hit) -> SideBySide:
    words = [row for row in hit.features.get("words", ()) if isinstance(row, dict)]
    rows = tuple(
        (row.get("query", ""), row.get("listed", ""), HOW.get(how := row.get("how", ""), how.replace("_", " ")))
        for row in words
    )
    matched = [row for row in words if row.get("query") and row.get("listed")]
    return SideBySide(
        _marked(hit.query_name, {word for row in matched for word in row["query"].split()}),
        _marked(hit.listed_name, {word for row in matched for word in row["listed"].split()}),
        rows,
    )


def _marked(name: str, matched: set[str]) -> tuple[tuple[str, bool], ...]:
    """The words of a name as it is written, each with whether what it folds to has matched."""
    return tuple((piece, bool(set(fold(piece).words) & matched)) for piece in name.split())


def hit_decided(asked: bool, question: str) -> str:
    if asked:
        return "The hit is decided, and the question is sent; the clock is stopped."
    if question.strip():
        return "The hit is decided. The applicant cannot be asked at this stage; the question is kept with the hit."
    return "The hit is decided."


def taken_back(status: str) -> str:
    if status == HitStatus.TAKING_BACK:
        return "A second person has to agree before the true match is taken back."
    return (
        "The true match stands." if status == HitStatus.TRUE_MATCH else "It is taken back: the hit is undecided again."
    )
