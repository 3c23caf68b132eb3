"""What a code meant on a day, and what is said of a member."""

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from licensing.countries import rules
from licensing.countries.rules import Meaning

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "countries"
TODAY = date(2026, 6, 30)


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_meaning_ends_before_its_last_day_and_no_code_meant_two_things_at_once() -> None:
    last = Meaning("CS", "Serbia and Montenegro", date(2006, 9, 26), date(2003, 7, 23))
    assert [last.holds(day) for day in (date(2003, 7, 22), date(2003, 7, 23), date(2006, 9, 25), date(2006, 9, 26))] == [
        False, True, True, False,
    ]  # fmt: skip
    past = sorted(rows("past.csv"), key=lambda row: (row["code"], row["until"]))
    for first, second in pairwise(past):
        assert first["code"] != second["code"] or first["until"] <= second["from"]


def test_every_successor_is_a_code_of_today() -> None:
    countries = {row["code"] for row in rows("countries.csv")}
    past = rows("past.csv")
    assert all(set(row["successors"].split("|")) <= countries for row in past)
    assert {"BU", "SU", "YU", "CS", "AN", "TP", "ZR", "DD"} <= {row["code"] for row in past} - countries


@pytest.mark.parametrize(
    ("said", "places"),
    [
        ({}, set()), ({"from": "2026-01-01", "until": "2026-02-01", "as_of": "2026-06-30", "confidence": "low"}, set()),
        ({"from": "2026-02-01", "until": "2026-02-01"}, {"until"}), ({"as_of": "2026-07-01"}, {"as_of"}), ({"from": "soon"}, {"from"}),
        ({"confidence": "sure"}, {"confidence"}), ({"verified_by": "Kim"}, {"verified_on"}),
        ({"verified_on": "2026-06-01"}, {"verified_by"}),
    ],
)  # fmt: skip
def test_what_is_wrong_with_what_is_said(said: dict[str, str], places: set[str]) -> None:
    assert {place for place, _, _ in rules.faults(said, TODAY)} == places
