"""Counts that are withheld stay withheld: whoever knows the total, the other cells and the rule cannot work one out."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as some

from licensing.licenses.suppression import published


def possible(shown: dict[str, int | None], total: int, smallest: int) -> list[tuple[int, ...]]:
    """Every way in which the withheld cells may be, for somebody who knows the rule and reads what was published."""
    held = [name for name, count in shown.items() if count is None]
    rest = total - sum(count for count in shown.values() if count is not None)
    found = []
    for counts in product(range(1, rest + 1), repeat=len(held)):
        if sum(counts) == rest:
            cells = {**shown, **dict(zip(held, counts, strict=True))}
            if published(cells, smallest) is not None:  # type: ignore[arg-type]
                found.append(counts)
    return found


@given(some.lists(some.integers(1, 6), min_size=1, max_size=4), some.integers(2, 4))
def test_no_withheld_cell_has_only_one_possible_value(counts: list[int], smallest: int) -> None:
    cells = {f"c{number}": count for number, count in enumerate(counts)}
    shown = published(cells, smallest)
    if shown is None:
        assert any(count < smallest for count in counts)
        return
    assert all(count is None or count >= smallest for count in shown.values())
    ways = possible(shown, sum(counts), smallest)
    for values in zip(*ways, strict=True):
        assert len(set(values)) > 1


def test_what_is_large_is_told_and_a_single_small_cell_takes_another_with_it() -> None:
    assert published({"NO": 5, "SE": 9}, 3) == {"NO": 5, "SE": 9}
    assert published({"NO": 1, "SE": 4, "DK": 9}, 3) == {"NO": None, "SE": None, "DK": 9}
    assert published({"NO": 1, "SE": 1, "DK": 9}, 3) == {"NO": None, "SE": None, "DK": None}
    assert published({"NO": 2}, 3) is None
    assert published({}, 3) == {}
