from datetime import UTC, datetime

from licensing.oversight.rules import turning_points

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_every_later_date_in_the_content_counts_once() -> None:
    content = {
        "members": [{"code": "NO", "from": "2026-12-01"}, {"code": "SE", "from": "2020-01-01", "until": "2026-12-01"}],
        "tables": {"requirement": [{"until": "2027-01-01T06:30:00+01:00", "note": "from then on"}]},
        "until": "when it is over",
    }
    assert turning_points(content, START) == [
        START,
        datetime(2026, 12, 1, tzinfo=UTC),
        datetime(2027, 1, 1, 5, 30, tzinfo=UTC),
    ]
