"""Checks on what an applicant says of parties, and how much of one belongs to others, as pure functions."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

WHOLE, NOTHING = Decimal(100), Decimal(0)


@dataclass(frozen=True)
class Stake:
    """That `owner` holds this percentage of `owned`; None when the share is not known."""

    owner: Hashable
    owned: Hashable
    percent: Decimal | None


@dataclass(frozen=True)
class Holding:
    """How many percent of a party belong to the listed: at least, and at most if the shares that are not known were as large as can be."""

    least: Decimal
    most: Decimal
    through: tuple[Hashable, ...] = ()

    def reaches(self, limit: Decimal) -> bool | None:
        """Whether the share is `limit` percent or more; None when that hangs on a share that is not known."""
        if self.least >= limit:
            return True
        return None if self.most >= limit else False


def lei_is_valid(lei: str) -> bool:
    """Whether this is a legal entity identifier: 20 letters and digits with ISO 7064 MOD 97-10 check digits (ISO 17442).

    >>> lei_is_valid("5493001KJTIIGC8Y1R12"), lei_is_valid("5493001KJTIIGC8Y1R13")
    (True, False)
    """
    if len(lei) != 20 or not lei.isascii() or not lei.isalnum() or not lei[-2:].isdigit() or lei != lei.upper():
        return False
    return int("".join(str(int(character, 36)) for character in lei)) % 97 == 1


def owns_itself(owner: int, owned: int, owners: Mapping[int, set[int]]) -> bool:
    """Whether a stake of `owner` in `owned` would close a circle; `owners` maps each party to those who own a share of it."""
    seen: set[int] = set()
    waiting = [owner]
    while waiting:
        party = waiting.pop()
        if party == owned:
            return True
        if party not in seen:
            seen.add(party)
            waiting.extend(owners.get(party, ()))
    return False


def held(
    party: Hashable, stakes: Iterable[Stake], listed: Collection[Hashable], *, limit: Decimal = Decimal(50)
) -> Holding:
    """How much of a party the listed own, directly and through others, in aggregate (the 50 percent rule).

    An owner that is listed counts with its whole stake. So does one that the listed own to `limit` percent or more: it is as
    they are (a cascade). Any other owner passes on the product of the shares along the chain. `through` are the party's own
    owners that count. That a party is listed itself does not matter here.

    >>> chain = [Stake("x", "a", Decimal(50)), Stake("a", "b", Decimal(40)), Stake("x", "b", Decimal(10))]
    >>> held("b", chain, {"x"})  # 40 + 10, and not 20 + 10
    Holding(least=Decimal('50'), most=Decimal('50'), through=('a', 'x'))
    """
    owners: dict[Hashable, list[Stake]] = {}
    for stake in stakes:
        owners.setdefault(stake.owned, []).append(stake)
    found = dict.fromkeys(owners, Holding(NOTHING, NOTHING))
    for _ in owners:  # as many rounds as the longest chain can have links; a circle ends here too
        before, found = found, {owned: _aggregate(rows, found, listed, limit) for owned, rows in owners.items()}
        if found == before:
            break
    return found.get(party, Holding(NOTHING, NOTHING))


def _aggregate(
    rows: Iterable[Stake], found: Mapping[Hashable, Holding], listed: Collection[Hashable], limit: Decimal
) -> Holding:
    least = most = known = unknown = NOTHING
    through = []
    for row in rows:
        low, high = _weight(row.owner, found, listed, limit)
        if high:
            through.append(row.owner)
        if row.percent is None:
            unknown = max(unknown, high)
        else:
            known, least, most = known + row.percent, least + row.percent * low, most + row.percent * high
    rest = max(WHOLE - known, NOTHING) * unknown  # what nobody is known to own may all be theirs
    return Holding(min(least, WHOLE), min(most + rest, WHOLE), tuple(through))


def _weight(
    owner: Hashable, found: Mapping[Hashable, Holding], listed: Collection[Hashable], limit: Decimal
) -> tuple[Decimal, Decimal]:
    """Which part of an owner's stake counts, at least and at most: 1 for the listed and for those that the listed hold."""
    if owner in listed:
        return Decimal(1), Decimal(1)
    holding = found.get(owner, Holding(NOTHING, NOTHING))
    low, high = (Decimal(1) if share >= limit else share / WHOLE for share in (holding.least, holding.most))
    return low, high
