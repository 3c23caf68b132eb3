"""Calendars are data: what cannot be counted by is refused whole. Days are counted through summer time and leap days."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from workflows.kernel import calendars
from workflows.kernel.clocks import CALENDARS, CalendarDays, WorkingDays

SHIPPED = Path(__file__).parents[3] / "fixtures" / "calendars.yaml"
ENGLAND = WorkingDays("GB", "ENG", "Europe/London", 18)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_what_ships_is_what_is_in_use() -> None:
    assert calendars.read(SHIPPED.read_text(encoding="utf-8")) == CALENDARS
    assert CALENDARS["england"] == ENGLAND


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("england: [", "not YAML"),
        ("- england", "the file"),
        ("england: {country: GB, zone: Europe/London, source: x}", "england: 'cutoff_hour' is a required property"),
        ("england: {country: GB, zone: Europe/London, cutoff_hour: noon, source: x}", "england.cutoff_hour"),
        ("england: {country: GB, zone: Europe/London, cutoff_hour: 25, source: x}", "england.cutoff_hour"),
        (
            "england: {country: GB, zone: Europe/Londn, cutoff_hour: 18, source: x}",
            "england.zone: Europe/Londn is no time zone",
        ),
        ("england: {country: QQ, zone: Europe/London, cutoff_hour: 18, source: x}", "england.country"),
        (
            "england: {country: GB, zone: UTC, cutoff_hour: 18, source: x, off: {soon: x}}",
            "england.off: soon is no day",
        ),
        ("norway: {country: NO, zone: Europe/Oslo, cutoff_hour: 18, source: x, hours: 8}", "hours"),
    ],
)
def test_a_bad_file_is_refused_whole(text: str, told: str) -> None:
    before = dict(CALENDARS)
    with pytest.raises(calendars.BadCalendars, match=told.replace(".", r"\.")):
        calendars.use(text)
    assert before == CALENDARS


def test_norway_is_a_country() -> None:
    assert calendars.read("oslo: {country: NO, zone: Europe/Oslo, cutoff_hour: 16, source: x}")["oslo"].country == "NO"


def test_the_cut_off_is_the_hour_of_the_place_in_summer_and_winter() -> None:
    friday = at("2026-03-27T12:00")
    assert ENGLAND.due(friday, 1, ()) == at("2026-03-27T18:00")
    assert ENGLAND.due(friday, 2, ()) == at("2026-03-30T17:00"), "summer time began on Sunday"
    assert ENGLAND.due(at("2026-10-23T12:00"), 2, ()) == at("2026-10-26T18:00"), "and ended in October"


def test_a_leap_day_is_a_day() -> None:
    assert CalendarDays().due(at("2028-02-28T12:00"), 2, ()) == at("2028-03-01T12:00")
    assert ENGLAND.due(at("2028-02-28T12:00"), 3, ()) == at("2028-03-01T18:00")
    assert CalendarDays().elapsed(at("2027-02-28T00:00"), at("2028-02-28T00:00"), ()) == 365


def test_a_day_that_was_proclaimed_off_does_not_count() -> None:
    mourning = WorkingDays("GB", "ENG", "Europe/London", 18, frozenset({datetime(2026, 3, 30, tzinfo=UTC).date()}))
    assert mourning.due(at("2026-03-27T12:00"), 2, ()) == at("2026-03-31T17:00")
    assert mourning.elapsed(at("2026-03-27T12:00"), at("2026-03-31T20:00"), ()) == 2


def test_elapsed_and_due_agree_through_a_year() -> None:
    start = at("2026-01-01T09:30")
    for days in range(1, 260, 7):
        due = ENGLAND.due(start, days, ())
        assert due is not None
        assert ENGLAND.elapsed(start, due, ()) == days
        assert ENGLAND.elapsed(start, due - timedelta(seconds=1), ()) == days - 1
