"""How long a license holds: months by entry, the end moved from a holiday, the end of an emergency license; each as the data say."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml
from django.conf import settings

from licensing.cases import validity
from licensing.cases.practice import Practices
from licensing.cases.validity import End, Validity

FOLDER = settings.BASE_DIR / "fixtures" / "practice"


def law(name: str = "us-interagency", **end: Any) -> Validity:
    content = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["validity"]
    return validity.read({**content, "end": {**content.get("end", {}), **end}})


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (datetime(2026, 11, 23, 21, 21, tzinfo=UTC), 48, datetime(2030, 11, 23, 21, 21, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 12, datetime(2029, 2, 28, tzinfo=UTC)),
        (datetime(2026, 8, 31, tzinfo=UTC), 6, datetime(2027, 2, 28, tzinfo=UTC)),
    ],
)
def test_validity_ends_on_the_same_day_or_the_last_of_the_month(start: datetime, months: int, end: datetime) -> None:
    assert law().after(start, months) == End(end)


@pytest.mark.parametrize(
    ("end", "moved", "kept", "until"),
    [  # an instant of the day off, that day, its name, midnight in New York after the next business day
        (datetime(2028, 11, 23, 14, tzinfo=UTC), date(2028, 11, 23), "Thanksgiving Day", datetime(2028, 11, 25, 5, tzinfo=UTC)),
        (datetime(2026, 12, 25, 14, tzinfo=UTC), date(2026, 12, 25), "Christmas Day", datetime(2026, 12, 29, 5, tzinfo=UTC)),
        (datetime(2027, 7, 5, 14, tzinfo=UTC), date(2027, 7, 5), "Independence Day (observed)", datetime(2027, 7, 7, 4, tzinfo=UTC)),
        (datetime(2027, 1, 2, 3, tzinfo=UTC), date(2027, 1, 1), "New Year's Day", datetime(2027, 1, 5, 5, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_an_end_on_a_holiday_moves_to_midnight_of_the_next_business_day(
    end: datetime, moved: date, kept: str, until: datetime
) -> None:
    assert law().moved(end) == End(until, moved, kept)


def test_a_weekend_moves_the_end_only_where_the_data_say_so() -> None:
    saturday = datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert law().moved(saturday) == End(saturday)
    assert law(over="").moved(datetime(2028, 11, 23, 14, tzinfo=UTC)).moved_from is None
    moved = law(over="days_off").moved(saturday)
    assert moved == End(datetime(2026, 12, 1, 5, tzinfo=UTC), date(2026, 11, 28), "Saturday")
    monday = datetime(2026, 11, 30, 12, tzinfo=UTC)
    assert law(over="days_off").moved(monday) == End(monday)


@pytest.mark.parametrize(
    ("issued", "until"),
    [
        (datetime(2026, 11, 26, 1, tzinfo=UTC), datetime(2027, 1, 1, 5, tzinfo=UTC)),
        (datetime(2027, 1, 31, 12, tzinfo=UTC), datetime(2027, 3, 1, 5, tzinfo=UTC)),
        (datetime(2027, 2, 1, 3, tzinfo=UTC), datetime(2027, 3, 1, 5, tzinfo=UTC)),  # still January 31 in New York
        (datetime(2027, 4, 15, tzinfo=UTC), datetime(2027, 6, 2, 4, tzinfo=UTC)),  # May 31 is Memorial Day
    ],
)
def test_an_emergency_license_ends_with_the_month_after_its_issue(issued: datetime, until: datetime) -> None:
    assert law().after_emergency(issued).at == until
    assert Validity(emergency="a source").after_emergency(datetime(2026, 12, 9, tzinfo=UTC)).at == datetime(
        2027, 2, 1, tzinfo=UTC
    )


def test_the_period_is_that_of_the_entries() -> None:
    assert [
        law().period(entries).months for entries in (["3A090.a", "4E091"], ["4A090"], ["4E091"], [], ["3A0901"])
    ] == [12, 12, 48, 48, 48]
    assert (
        law().period(["3A090.a"]).most,
        law("eu-individual").period([]).most,
        law("uk-individual").period([]).months,
    ) == (12, 24, 24)
    assert law("uk-individual").emergency == ""


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"periods": []}, "validity.periods"),
        ({"periods": [{"months": 12, "citation": "c", "entries": ["4E091"]}]}, "validity.periods"),
        ({"periods": [{"months": True, "citation": "c"}]}, "validity.periods[0].months"),
        ({"periods": [{"months": 24, "most": 12, "citation": "c"}]}, "validity.periods[0].months"),
        ({"periods": [{"months": 24, "citation": "c", "years": 2}]}, "validity.periods[0]"),
        ({"periods": [{"months": 24}]}, "validity.periods[0]"),
        ({"end": {"over": "sundays", "calendars": [], "citation": "c"}}, "validity.end.over"),
        ({"end": {"over": "holidays", "calendars": ["nowhere"], "citation": "c"}}, "validity.end.calendars"),
        ({"emergency": "yes"}, "validity.emergency"),
    ],
)
def test_what_cannot_be_practice_says_where(change: dict[str, Any], place: str) -> None:
    content = yaml.safe_load((FOLDER / "us-interagency.yaml").read_text(encoding="utf-8"))
    assert Practices().validate("us-interagency", content) == []
    content["validity"] |= change
    assert place in [problem.field for problem in Practices().validate("us-interagency", content)]
