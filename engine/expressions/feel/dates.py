"""FEEL's functions on dates, times and durations (DMN 1.3, tables 73 and 80)."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import Decimal
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.signature import Function, day, decimal, given, or_null, text, whole
from engine.expressions.temporal import Months, parse_date, parse_datetime, parse_duration, parse_time

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\D|$)")


def read_date(source: str) -> dt.date:
    """A date, or the date of a date and time; ValueError for other text."""
    if "T" not in source:
        return parse_date(source)
    if source.endswith(("Z", "z")):
        raise ValueError("the date of a moment depends on the place")
    return read_datetime(source).date()


def read_datetime(source: str) -> dt.datetime:
    """A date and time with T between them, or a date's midnight; ValueError for other text."""
    if len(source) > 10 and source[10] != "T":
        raise ValueError("a date and time have a T between them")
    return parse_datetime(source)


def read_duration(source: str) -> dt.timedelta | Months:
    """A duration of years and months, or of days and time, not of weeks; ValueError for other text."""
    if "W" in source:
        raise ValueError("FEEL has no weeks")
    return parse_duration(source)


def read_temporal(source: str) -> dt.date | dt.time | dt.timedelta | Months:
    """What @"…" holds (grammar rule 62); ValueError for other text."""
    if source.startswith(("P", "-P")):
        return read_duration(source)
    if _CLOCK.match(source):
        return parse_time(source)
    return read_datetime(source) if "T" in source else parse_date(source)


def _date(_run: Run, source: Any) -> dt.date | None:
    if isinstance(source, str):
        return read_date(source)
    return source.date() if isinstance(source, dt.datetime) else source if isinstance(source, dt.date) else None


def _date_of(_run: Run, year: int, month: int, day_of_month: int) -> dt.date:
    return dt.date(year, month, day_of_month)


def _time(_run: Run, source: Any) -> dt.time | None:
    if isinstance(source, str):
        return parse_time(source)
    if isinstance(source, dt.datetime):
        return source.timetz()
    if isinstance(source, dt.date):
        return dt.time(tzinfo=dt.UTC)
    return source if isinstance(source, dt.time) else None


def _time_of(_run: Run, hour: int, minute: int, second: Decimal, offset: Any = None) -> dt.time | None:
    if not isinstance(offset, dt.timedelta | None):
        return None
    zone = dt.timezone(offset) if isinstance(offset, dt.timedelta) else None
    return dt.time(hour, minute, int(second), int(second % 1 * 1_000_000), zone)


def _date_and_time(_run: Run, source: Any) -> dt.datetime | None:
    return read_datetime(source) if isinstance(source, str) else None


def _joined(_run: Run, date: Any, clock: Any) -> dt.datetime | None:
    if not isinstance(clock, dt.time) or not isinstance(date, dt.date):
        return None
    return dt.datetime.combine(date.date() if isinstance(date, dt.datetime) else date, clock)


def _duration(_run: Run, source: str) -> dt.timedelta | Months:
    return read_duration(source)


def months_between(_run: Run | None, start: dt.date, end: dt.date) -> Months:
    """The whole months from one date to another."""
    sign = 1 if end >= start else -1
    first, last = min(start, end), max(start, end)
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return Months(sign * months)


def _last_day(_run: Run, date: dt.date) -> dt.date:
    return date.replace(day=calendar.monthrange(date.year, date.month)[1])


_DAY = {"date": day}

DATE_FUNCTIONS = {
    "date": Function(
        _date, {"from": given}, "date", other=Function(_date_of, {"year": whole, "month": whole, "day": whole}, "date")
    ),
    "date and time": Function(
        _date_and_time,
        {"from": given},
        "date and time",
        other=Function(_joined, {"date": given, "time": given}, "date and time"),
    ),
    "day of week": Function(lambda _run, date: _WEEKDAYS[date.weekday()], _DAY, "string"),
    "day of year": Function(lambda _run, date: date.timetuple().tm_yday, _DAY, "number"),
    "duration": Function(_duration, {"from": text}),
    "last day of month": Function(_last_day, _DAY, "date"),
    "month of year": Function(lambda _run, date: _MONTHS[date.month - 1], _DAY, "string"),
    "time": Function(
        _time,
        {"from": given},
        "time",
        other=Function(
            _time_of, {"hour": whole, "minute": whole, "second": decimal, "offset": or_null(given)}, "time", 1
        ),
    ),
    "week of year": Function(lambda _run, date: date.isocalendar().week, _DAY, "number"),
    "years and months duration": Function(months_between, {"from": day, "to": day}, "years and months duration"),
}
