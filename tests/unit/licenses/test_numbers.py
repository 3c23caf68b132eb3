"""License numbers: the check character finds what people get wrong, and what they type is read kindly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.licenses.rules import ALPHABET, check_character, license_number, normalized_number

NUMBER = license_number(jurisdiction="US", kind="IND", year=2026, serial=1)
serials = st.integers(min_value=1, max_value=9_999_999)


def test_a_number_reads_as_documented() -> None:
    assert NUMBER[:-1] == "AIX-US-IND-2026-0000001-A-"
    assert len(NUMBER) == 27


def test_the_check_character_follows_the_published_example() -> None:
    # The example of ISO 7064 as quoted for the Global Release Identifier: A1-2425G-ABC1234002 has the check character M.
    assert check_character("A12425GABC1234002") == "M"


@given(serials)
def test_every_number_is_read_back(serial: int) -> None:
    number = license_number(jurisdiction="GB", kind="IND", year=2027, serial=serial)
    assert normalized_number(number) == number
    assert normalized_number(f"  {number.lower().replace('-', ' ')} ") == number


@given(serials, st.integers(min_value=3, max_value=19), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(serial: int, place: int, wrong: str) -> None:
    compact = license_number(jurisdiction="US", kind="IND", year=2026, serial=serial).replace("-", "")
    typed = compact[:place] + wrong + compact[place + 1 :]
    assert (normalized_number(typed) is None) == (typed != compact)


@pytest.mark.parametrize("typed", ["", "AIX", "hello", "AIX-US-IND-2026-0000001-A-?", NUMBER + "0", "ÄIX" + NUMBER[3:]])
def test_what_is_not_a_number_is_none(typed: str) -> None:
    assert normalized_number(typed) is None
