"""An instant as the authority's clocks show it, and in UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from licensing.portal.administrator.forms import PublishForm
from licensing.portal.moments import told

NEW_YORK = ZoneInfo("America/New_York")
EVENING = datetime(2026, 6, 12, 21, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "text"),
    [
        (EVENING, NEW_YORK, "12 June 2026, 17:21 EDT (21:21 UTC)"),
        (EVENING + timedelta(hours=5), NEW_YORK, "12 June 2026, 22:21 EDT (13 June 2026, 02:21 UTC)"),
        (EVENING, ZoneInfo("UTC"), "12 June 2026, 21:21 UTC"),
    ],
)
def test_both_clocks(at: datetime, zone: ZoneInfo, text: str) -> None:
    assert told(at, zone) == text


def test_an_instant_is_read_by_the_authoritys_clocks_and_refused_where_they_show_it_twice_or_never() -> None:
    form = PublishForm({"effective_at": "2026-06-12T17:21"}, zone=NEW_YORK)
    assert form.is_valid()
    assert form.cleaned_data["effective_at"] == EVENING
    for wrong in ("2026-11-01T01:30", "2026-03-08T02:30", "tomorrow"):
        assert "effective_at" in PublishForm({"effective_at": wrong}, zone=NEW_YORK).errors
