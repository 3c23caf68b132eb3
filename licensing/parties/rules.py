"""Checks on what an applicant says of parties, as pure functions."""

from collections.abc import Mapping


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
