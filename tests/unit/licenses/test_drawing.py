"""What is taken at one time: the same as counting at every instant."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from licensing.licenses.drawing import most_at_once

START = datetime(2026, 11, 1, tzinfo=UTC)
PERIODS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(1, 50)), max_size=8)


@given(PERIODS)
def test_the_most_at_once_is_what_counting_at_every_instant_finds(drawn: list[tuple[int, int, int]]) -> None:
    hour = timedelta(hours=1)
    periods = [(START + hour * begin, START + hour * (begin + lasts), Decimal(seats)) for begin, lasts, seats in drawn]
    counted = (
        sum(seats for begin, lasts, seats in drawn if begin <= at < begin + lasts or at == begin) for at in range(15)
    )
    assert most_at_once(periods) == max(counted)
