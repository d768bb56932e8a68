"""Owns dates and moments as ISO 8601 writes them: calendar, week and ordinal dates, times of day, offsets and zones."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.expressions import N_, Message

LONGEST = 200
"""Characters: no text that says a time has more."""
SHOWN = 60

_MOMENT = re.compile(
    r"(?P<year>\d{4})-?(?:W(?P<week>\d\d)(?:-?(?P<weekday>[1-7]))?|(?P<ordinal>\d{3})|(?P<month>\d\d)-?(?P<day>\d\d))"
    r"(?:[T ](?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d))?)?(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s?(?:(?P<utc>Z)|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)?"
    r"(?:@(?P<at>[\w+/-]{1,40})|\[(?P<zone>[\w+/-]{1,40})\])?",
    re.IGNORECASE | re.ASCII,
)


class NotATime(ValueError):
    """The text is not a time of the kind asked for; `message` says what is."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def bare(text: str) -> str:
    """Without the spaces and the quotes around it: files write times with and without."""
    text = text.strip()
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1].strip() if quoted else text


def parse_date(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 date or moment, in UTC; without an offset it is local to `zone`; a bare date is its midnight.

    A time of day that the clocks skip is read as if they had not changed yet; one that comes twice is the first.
    """
    text = bare(text)
    match = _MOMENT.fullmatch(text) if len(text) <= LONGEST else None
    try:
        if match is None:
            raise ValueError(text)
        local = datetime.combine(_day(match), time()) + _clock(match)
        return local.replace(tzinfo=_zone(match) or zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        problem = N_("“%(text)s” is not a date such as 2026-12-01 or 2026-12-01T09:00.")
        raise NotATime(Message(problem, {"text": text[:SHOWN]})) from None


def too_far() -> NotATime:
    return NotATime(Message(N_("The time lies too far away.")))


def _day(match: re.Match[str]) -> date:
    year = int(match["year"])
    if match["week"]:
        return date.fromisocalendar(year, int(match["week"]), int(match["weekday"] or 1))
    if match["ordinal"]:
        day = date(year, 1, 1) + timedelta(days=int(match["ordinal"]) - 1)
        if day.year != year:
            raise ValueError(match["ordinal"])
        return day
    return date(year, int(match["month"]), int(match["day"]))


def _clock(match: re.Match[str]) -> timedelta:
    """How long after midnight; a fraction is one of the smallest part that is written, and 24:00 the next midnight."""
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    unit = 1 if match["second"] else 60 if match["minute"] else 3600
    clock = timedelta(hours=hour, minutes=minute, seconds=second + float(f"0.{match['part'] or 0}") * unit)
    if minute > 59 or second > 59 or clock > timedelta(days=1):
        raise ValueError(match[0])
    return clock


def _zone(match: re.Match[str]) -> tzinfo | None:
    if match["utc"]:
        return UTC
    if match["sign"]:
        if int(match["minutes"] or 0) > 59:
            raise ValueError(match["minutes"])
        offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        return timezone(-offset if match["sign"] == "-" else offset)
    name = match["at"] or match["zone"]
    try:
        return ZoneInfo(name) if name else None
    except ZoneInfoNotFoundError:
        raise ValueError(name) from None
