"""One writing for one value: what differs only in how it was written down has one hash, and what differs in meaning has another."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.audit.canonical import canonical, digest, plain
from licensing.audit.rules import Entry, Head, heads_hash

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Color(StrEnum):
    RED = "red"


@given(st.dictionaries(TEXTS, PLAIN, max_size=6), st.randoms())
def test_the_order_of_keys_does_not_matter(value: dict[str, object], chance: object) -> None:
    items = list(value.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    assert canonical(dict(items)) == canonical(value)


@given(PLAIN)
def test_a_plain_value_is_left_as_it_is(value: object) -> None:
    assert plain(value) == value
    assert canonical(plain(plain(value))) == canonical(plain(value))


@given(PLAIN, PLAIN)
def test_two_values_share_a_hash_only_when_they_are_the_same(one: object, other: object) -> None:
    same = repr_of(one) == repr_of(other)
    assert (digest(one) == digest(other)) is same


def repr_of(value: object) -> object:
    """Python takes True for 1; a trail must not."""
    if isinstance(value, dict):
        return {key: repr_of(item) for key, item in value.items()}
    return [repr_of(item) for item in value] if isinstance(value, list) else (type(value), value)


@given(st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)), st.integers(-23 * 60, 23 * 60))  # noqa: DTZ001
def test_an_instant_is_one_instant_in_every_time_zone(naive: datetime, minutes: int) -> None:
    at = naive.replace(tzinfo=UTC)
    assert plain(at.astimezone(timezone(timedelta(minutes=minutes)))) == plain(at)
    assert datetime.fromisoformat(plain(at)) == at


def test_what_has_no_type_in_json_becomes_text_or_a_list() -> None:
    told = plain(
        {"day": date(2026, 1, 5), "key": UUID(int=1), "amount": Decimal("2.10"), "color": Color.RED, "codes": {"b", "a"}, "whole": 1e26}
    )  # fmt: skip
    assert canonical(told) == (
        b'{"amount":"2.10","codes":["a","b"],"color":"red","day":"2026-01-05",'
        b'"key":"00000000-0000-0000-0000-000000000001","whole":100000000000000000000000000}'
    )


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        ("a\x00b", ValueError),
        ({"a\x00": 1}, ValueError),
        (datetime(2026, 1, 5), ValueError),  # noqa: DTZ001
        ({1: "a"}, TypeError),
        (object(), TypeError),
    ],
)
def test_what_means_nothing_is_refused(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        plain({"value": value})


def test_every_part_of_an_event_counts_and_no_two_parts_can_be_mistaken() -> None:
    entry = Entry("k", "1", 1, "a:b:c", datetime(2026, 1, 5, tzinfo=UTC), "ab", "c", {}, "", "")
    others = [
        Entry(**{**entry.__dict__, **change})
        for change in (
            {"subject_kind": "l"}, {"subject_id": "2"}, {"sequence": 2}, {"event": "a:b:d"}, {"at": datetime(2026, 1, 6, tzinfo=UTC)},
            {"actor_id": "a", "actor_label": "bc"}, {"data": {"": ""}}, {"workflow_hash": "0"}, {"previous_hash": "0"},
        )
    ]  # fmt: skip
    assert len({each.hash() for each in [entry, *others]}) == 10
    assert heads_hash([Head("a", "b1", 1, "x")]) != heads_hash([Head("a", "b", 11, "x")])
