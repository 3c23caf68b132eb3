"""An instant for people: as the authority's clocks show it, and in coordinated universal time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def told(at: datetime, zone: ZoneInfo) -> str:
    """`12 June 2026, 17:21 EDT (21:21 UTC)`; the day stands twice where it differs."""
    there, utc = at.astimezone(zone), at.astimezone(UTC)
    if there.utcoffset() == utc.utcoffset():
        return f"{_day(utc)}, {utc:%H:%M} UTC"
    day = "" if there.date() == utc.date() else f"{_day(utc)}, "
    return f"{_day(there)}, {there:%H:%M %Z} ({day}{utc:%H:%M} UTC)"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
