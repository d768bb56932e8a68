"""Moments, zones and durations for tests of time, and a plain way to add one to another."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from engine.timing import Duration

ZONES = ("UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
zones = st.sampled_from([ZoneInfo(name) for name in ZONES])
moments = st.integers(0, 70 * 365 * 86_400).map(lambda s: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def month_later(day: date) -> date:
    """The same day of the next month, or its last day."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    return date(year, month, day.day)


def months_later(day: date, months: int) -> date:
    """Month by month on the first, then back to the day as far as the month reaches."""
    first = day.replace(day=1)
    for _ in range(months):
        first = month_later(first)
    found = first
    while found.day < day.day and (found + timedelta(days=1)).month == first.month:
        found += timedelta(days=1)
    return found


def later(start: datetime, duration: Duration, zone: ZoneInfo, times: int = 1) -> datetime:
    """`start` and so many times the duration: on the wall's calendar and clock first, then on a stop-watch."""
    exact = timedelta(seconds=duration.seconds * times)
    if not duration.months and not duration.days:
        return start + exact
    wall = start.astimezone(zone).replace(tzinfo=None)
    day = months_later(wall.date(), duration.months * times)
    for _ in range(duration.days * times):
        day += timedelta(days=1)
    return datetime.combine(day, wall.time(), zone).astimezone(UTC) + exact


durations = st.builds(
    Duration,
    months=st.sampled_from([0, 0, 0, 1, 2, 3, 12, 13]),
    days=st.sampled_from([0, 0, 1, 7, 30]),
    seconds=st.sampled_from([0, 0, 60, 3600, 86_400, 90_061]),
)
