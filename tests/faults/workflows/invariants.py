"""What must hold after every fault: `workflows.verification` for each case (I1 to I8, I10, I11), and what only the office knows."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from tests.faults.workflows import office
from workflows import verification
from workflows.models import Event, Incident, Instance, OutboxRow, OutboxState


@dataclass
class Found:
    """Counts of what is lost and doubled, and a sentence for each and for every breach."""

    lost: int = 0
    duplicated: int = 0
    sentences: list[str] = field(default_factory=list)

    def lose(self, sentence: str) -> None:
        self.lost += 1
        self.sentences.append(f"lost: {sentence}")

    def double(self, sentence: str) -> None:
        self.duplicated += 1
        self.sentences.append(f"doubled: {sentence}")


def check(
    references: Collection[str],
    *,
    accepted: Collection[uuid.UUID] = (),
    refused: Collection[uuid.UUID] = (),
    ends: Collection[str] = ("closed",),
    once: bool = True,
    incidents: int = 0,
) -> Found:
    """Everything about these cases. `once`: no effect was killed on its way, so each must have been begun only once too."""
    found = Found()
    cases = {case.reference: case for case in Instance.objects.filter(reference__in=references)}
    for reference in references:
        if reference not in cases:
            found.lose(f"{reference} is not there")
        elif cases[reference].end not in ends:
            found.lose(f"{reference} is {cases[reference].end or 'open in ' + cases[reference].stage}")
    found.sentences += [str(breach) for breach in verification.of_cases(list(cases.values()))]
    _effects(found, cases.values(), once=once)
    _votes(found, cases.values())
    _commands(found, set(accepted), set(refused))
    opened = Incident.objects.filter(instance__in=cases.values()).count()
    if opened != incidents:
        found.sentences.append(f"{opened} incidents where {incidents} should be")
    return found


def _effects(found: Found, cases: Iterable[Instance], *, once: bool) -> None:
    """I4, I9: each effect that the history tells of has one line, no line stands twice, none is there before its decision."""
    ledger, runs, overlaps = (_of(cases, office.lines(sheet)) for sheet in ("ledger", "runs", "overlaps"))
    for key, times in ledger.items():
        if times > 1:
            found.double(f"{key} stands {times} times")
    for key in overlaps:
        found.double(f"two were at {key} at a time")
    for key, times in runs.items():
        if once and times > 1:
            found.double(f"{key} was begun {times} times")
    completed = _keys(cases, "effect_completed")
    for key, times in completed.items():
        if times > 1:
            found.double(f"{key} was completed {times} times")
        if key not in ledger:
            found.lose(f"{key} is completed without a line")
    requested = _keys(cases, "effect_requested")
    found.sentences += [f"I9: {key} has a line that nobody asked for" for key in ledger.keys() - requested.keys()]
    left = OutboxRow.objects.filter(state=OutboxState.DUE, key__in=requested)
    found.sentences += [f"I4: {row} is still due after {row.attempts} attempts" for row in left]


def _of(cases: Iterable[Instance], sheet: Counter[str]) -> Counter[str]:
    references = {case.reference for case in cases}
    return Counter({key: times for key, times in sheet.items() if key.partition(":")[0] in references})


def _keys(cases: Iterable[Instance], kind: str) -> Counter[str]:
    return Counter(Event.objects.filter(instance__in=list(cases), kind=kind).values_list("data__key", flat=True))


def _votes(found: Found, cases: Iterable[Instance]) -> None:
    """I3 and I8: of one round of a stage each seat has one holder, and nobody sits on two seats that must be apart."""
    for case in cases:
        seats = list(case.seats.exclude(holder="").values_list("stage", "round", "key", "holder"))
        places = Counter(seat[:3] for seat in seats)
        holders = Counter((stage, round_, holder) for stage, round_, _, holder in seats)
        found.sentences += [f"I3: {case}: {place} is held twice" for place, times in places.items() if times > 1]
        found.sentences += [f"I8: {case}: {holder} sits twice" for holder, times in holders.items() if times > 1]
        recused = {row.data["person"] for row in case.events.filter(kind="recused")}
        voted = {ballot.person for seat in case.state.seats if (ballot := seat.ballot)}
        found.sentences += [f"I8: {case}: {who} stepped aside and votes" for who in recused & voted]


def _commands(found: Found, accepted: set[uuid.UUID], refused: set[uuid.UUID]) -> None:
    """I11: what was accepted is in the log, what was refused is not."""
    kept = set(Event.objects.filter(command__in=accepted | refused).values_list("command", flat=True))
    for command in accepted - kept:
        found.lose(f"the accepted command {command}")
    for command in (refused & kept) - accepted:
        found.double(f"the refused command {command}")
