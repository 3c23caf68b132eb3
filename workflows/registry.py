"""What an application brings: who is in a pool, who wants to hear of events, and what else must hold of a case."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from workflows.kernel import Event

if TYPE_CHECKING:
    from workflows.models import Instance
    from workflows.verification import History

Members = Callable[[str, datetime], frozenset[str]]
Stewards = Callable[[datetime], frozenset[str]]
Listener = Callable[["Instance", Sequence[Event]], None]
Invariant = Callable[[Sequence["History"]], "Iterator[tuple[Instance, str, str]]"]


def _nobody(pool: str, at: datetime) -> frozenset[str]:
    return frozenset()


def _no_stewards(at: datetime) -> frozenset[str]:
    return frozenset()


class Pools:
    """Who is in a pool, who stands in for its absent members, and who may help stuck cases; ids of people, as in `kernel.Actor`."""

    def __init__(self) -> None:
        self.members: Members = _nobody
        self.substitutes: Members = _nobody
        self.stewards: Stewards = _no_stewards

    def use(self, members: Members, substitutes: Members = _nobody, stewards: Stewards = _no_stewards) -> None:
        self.members, self.substitutes, self.stewards = members, substitutes, stewards


class Listeners:
    """Called inside each command's transaction, so that what an application keeps moves with the case."""

    def __init__(self) -> None:
        self._all: list[Listener] = []

    def register(self, listener: Listener) -> None:
        if listener not in self._all:
            self._all.append(listener)

    def tell(self, instance: "Instance", events: Sequence[Event]) -> None:
        for listener in self._all:
            listener(instance, events)


class Invariants:
    """What must hold of cases besides what the engine knows: each gives case, number and sentence of what does not (`workflow verify`)."""

    def __init__(self) -> None:
        self._all: list[Invariant] = []

    def register(self, invariant: Invariant) -> None:
        if invariant not in self._all:
            self._all.append(invariant)

    def ask(self, histories: "Sequence[History]") -> "Iterator[tuple[Instance, str, str]]":
        for invariant in self._all:
            yield from invariant(histories)


pools = Pools()
listeners = Listeners()
invariants = Invariants()
