"""Check digits of identifiers, and ownership that does not run in circles."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.parties.rules import lei_is_valid, owns_itself

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
