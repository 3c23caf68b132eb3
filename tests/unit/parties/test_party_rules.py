"""Check digits of identifiers, and ownership that does not run in circles."""

import string
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.parties.rules import Stake, held, lei_is_valid, owns_itself

LETTERS = string.ascii_uppercase + string.digits


def completed(body: str) -> str:
    """Eighteen characters with their check digits, by the other road: 98 minus the remainder."""
    number = int("".join(str(int(character, 36)) for character in body + "00"))
    return f"{body}{98 - number % 97:02d}"


@given(st.text(LETTERS, min_size=18, max_size=18), st.data())
def test_check_digits_find_every_digit_and_every_letter_mistaken_for_another(body: str, data: st.DataObject) -> None:
    lei = completed(body)
    assert lei_is_valid(lei)
    place = data.draw(st.integers(0, 19))
    # A letter stands for two digits: a digit in its place moves all others, which ISO 7064 does not promise to find.
    alike = string.digits if lei[place].isdigit() else string.ascii_uppercase
    other = data.draw(st.sampled_from(alike.replace(lei[place], "")))
    assert not lei_is_valid(lei[:place] + other + lei[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "5493001KJTIIGC8Y1R1", "5493001kjtiigc8y1r12", "5493001KJTIIGC8Y1R12 ", "5493001KJTIIGC8Y1R1²"]
)
def test_what_has_not_the_form_is_no_identifier(text: str) -> None:
    assert not lei_is_valid(text)


def test_a_circle_is_found_at_any_length() -> None:
    owners = {2: {1}, 3: {2, 9}, 4: {3}}  # 1 owns 2, 2 and 9 own 3, 3 owns 4
    assert owns_itself(4, 1, owners)
    assert owns_itself(4, 9, owners)
    assert owns_itself(5, 5, owners)
    assert not owns_itself(1, 4, owners)
    assert not owns_itself(5, 1, owners)


@given(st.dictionaries(st.integers(0, 8), st.sets(st.integers(0, 8))), st.integers(0, 8), st.integers(0, 8))
def test_the_search_ends_whatever_is_recorded(owners: dict[int, set[int]], owner: int, owned: int) -> None:
    reached = {owner}
    for _ in range(9):
        reached |= {above for party in reached for above in owners.get(party, set())}
    assert owns_itself(owner, owned, owners) == (owned in reached)


def chain(*rows: tuple[str, str, int | None]) -> list[Stake]:
    return [Stake(owner, owned, None if percent is None else Decimal(percent)) for owner, owned, percent in rows]


@pytest.mark.parametrize(
    ("stakes", "least", "reaches"),
    [
        (chain(("x", "p", 50)), 50, True),
        (chain(("x", "p", 49)), 49, False),
        (chain(("x", "p", 25), ("y", "p", 25)), 50, True),  # in aggregate
        (chain(("x", "a", 50), ("a", "p", 50)), 50, True),  # a cascade: a is as x is
        (chain(("x", "a", 50), ("x", "p", 10), ("a", "p", 40)), 50, True),
        (chain(("x", "a", 25), ("x", "b", 25), ("a", "p", 50), ("b", "p", 50)), 25, False),  # products below it
        (chain(("x", "a", 40), ("a", "p", 60), ("x", "p", 26)), 50, True),
        (chain(("x", "a", 60), ("a", "b", 60), ("b", "c", 60), ("c", "p", 60)), 60, True),
        (chain(("z", "p", 90), ("x", "p", None)), 0, False),  # at most ten percent are left
        (chain(("z", "p", 40), ("x", "p", None)), 0, None),
        (chain(("x", "a", None), ("a", "p", 80)), 0, None),
        (chain(("x", "a", 80), ("a", "p", None)), 0, None),
        (chain(("z", "p", None)), 0, False),  # whoever is not listed
        ([], 0, False),
    ],
)
def test_what_the_listed_own_is_added_up_along_chains(stakes: list[Stake], least: int, reaches: bool | None) -> None:
    holding = held("p", stakes, {"x", "y"})
    assert (holding.least, holding.reaches(Decimal(50))) == (least, reaches)


PARTIES = st.integers(0, 5)
SHARE = st.one_of(st.none(), st.integers(0, 60).map(Decimal))
STAKES = st.lists(st.builds(Stake, PARTIES, PARTIES, SHARE), max_size=10, unique_by=lambda row: (row.owner, row.owned))


@given(STAKES, st.sets(PARTIES), PARTIES, st.integers(0, 60).map(Decimal))
def test_a_share_that_becomes_known_stays_between_least_and_most(
    stakes: list[Stake], listed: set[int], also: int, share: Decimal
) -> None:
    """Whatever is recorded the sum ends, a further listed owner never lowers it, and knowing more never refutes what was certain."""
    before = held(5, stakes, listed)
    assert 0 <= before.least <= before.most <= 100
    assert held(5, stakes, listed | {also}).least >= before.least
    unknown = [row for row in stakes if row.percent is None]
    left = 100 - sum(
        row.percent for row in stakes if row.percent is not None and unknown and row.owned == unknown[0].owned
    )
    if len(unknown) == 1 and share <= left:
        after = held(5, [Stake(row.owner, row.owned, share) if row in unknown else row for row in stakes], listed)
        assert before.least <= after.least <= after.most <= before.most
