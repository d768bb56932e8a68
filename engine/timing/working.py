"""Owns working time: the port a place's business calendar is given through, and counting days and hours by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from engine.timing.moments import too_far

FURTHEST = 20 * 366
"""Days looked through for working time; a calendar may have none."""


class Calendar(Protocol):
    """A place's working time: its hours, its holidays, and the days off that are worked to make up for them."""

    def hours(self, day: date) -> Sequence[tuple[time, time]]:
        """The working hours of a local day, in order and apart; none on a day off.

        An end of 00:00 is the midnight after it. There is an answer for every date, however far away.
        """


def working_moment(moment: datetime, zone: ZoneInfo, calendar: Calendar) -> datetime:
    """The moment itself while people work, else when they begin again. Raises `NotATime` if they never do."""
    begun, _ = next(_spans(moment, zone, calendar))
    return max(begun, moment.astimezone(UTC))


def move(start: datetime, zone: ZoneInfo, calendar: Calendar, *, days: int = 0, seconds: float = 0) -> datetime:
    """So many working days later at the same time of day, then so much working time later. `start` is working time.

    Where that day's hours don't hold the time of day, it is when people last stopped before it, else when they begin.
    """
    if days:
        start = _days_later(start, zone, calendar, days)
    left = timedelta(seconds=seconds)
    if not left:
        return start
    for opens, closes in _spans(start, zone, calendar):
        begun = max(opens, start)
        if closes - begun >= left:
            return begun + left
        left -= closes - begun
    raise AssertionError("spans go on until they raise")


def worked(start: datetime, end: datetime, zone: ZoneInfo, calendar: Calendar) -> timedelta:
    """How much working time lies between two moments; none where the end is not after the start."""
    day, last, total = start.astimezone(zone).date(), end.astimezone(zone).date(), timedelta()
    while day <= last:
        for opens, closes in _moments(day, zone, calendar):
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return total


def _days_later(start: datetime, zone: ZoneInfo, calendar: Calendar, days: int) -> datetime:
    local = start.astimezone(zone)
    day = local.date()
    for _ in range(FURTHEST):
        day += timedelta(days=1)
        if hours := _moments(day, zone, calendar):
            days -= 1
            if not days:
                wanted = datetime.combine(day, local.time(), zone).astimezone(UTC)
                return _fit(wanted, hours)
    raise too_far()


def _fit(wanted: datetime, hours: Sequence[tuple[datetime, datetime]]) -> datetime:
    """The latest working moment of the day that is not after `wanted`, else its first."""
    begun = [span for span in hours if span[0] <= wanted]
    return min(wanted, begun[-1][1]) if begun else hours[0][0]


def _spans(start: datetime, zone: ZoneInfo, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Working hours that end after `start`, one after another. Raises `NotATime` where none come any more."""
    day = start.astimezone(zone).date()
    for _ in range(FURTHEST):
        yield from (span for span in _moments(day, zone, calendar) if span[1] > start)
        day += timedelta(days=1)
    raise too_far()


def _moments(day: date, zone: ZoneInfo, calendar: Calendar) -> list[tuple[datetime, datetime]]:
    """The day's working hours as moments."""
    spans = []
    for start, end in calendar.hours(day):
        last = day + timedelta(days=1) if end == time() else day
        begun, ended = _moment(day, start, zone), _moment(last, end, zone)
        if begun < ended:
            spans.append((begun, ended))
    return spans


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the clocks there first show this time or a later one: some times come twice, and some are skipped."""
    local = datetime.combine(day, at, zone)
    found, other = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if other >= found:
        return found
    wall = local.replace(tzinfo=None)
    while found - other > _SECOND:  # skipped: it lies where the clocks are changed, between the two readings
        middle = other + (found - other) / 2
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            found = middle
        else:
            other = middle
    return found.replace(microsecond=0)


_SECOND = timedelta(seconds=1)
