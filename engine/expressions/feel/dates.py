"""FEEL's functions on dates, times and durations (DMN 1.4, tables 73 and 80)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from engine.expressions.budget import Run
from engine.expressions.feel.signature import Function, anything, day, given
from engine.expressions.feel.values import number
from engine.expressions.temporal import Months, parse_date, parse_datetime, parse_duration, parse_time

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def _whole(value: Any) -> int:
    found = number(value)
    if found is None or found != found.to_integral_value():
        raise ValueError("not a whole number")
    return int(found)


def _date(_run: Run, *parts: Any) -> dt.date | None:
    if len(parts) == 3:
        return dt.date(*map(_whole, parts))
    if len(parts) != 1:
        return None
    if isinstance(parts[0], str):
        return parse_date(parts[0])
    return _as_date(parts[0])


def _as_date(value: Any) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else None


def _time(_run: Run, *parts: Any) -> dt.time | None:
    if len(parts) >= 3:
        offset = parts[3] if len(parts) == 4 else None
        zone = dt.timezone(offset) if isinstance(offset, dt.timedelta) else None
        second = number(parts[2]) or number(0)
        assert second is not None
        micro = int(second % 1 * 1_000_000)
        return dt.time(_whole(parts[0]), _whole(parts[1]), int(second), micro, zone)
    if len(parts) != 1:
        return None
    if isinstance(parts[0], str):
        return parse_time(parts[0])
    return _as_time(parts[0])


def _as_time(value: Any) -> dt.time | None:
    if isinstance(value, dt.datetime):
        return value.timetz()
    if isinstance(value, dt.date):
        return dt.time(tzinfo=dt.UTC)
    return value if isinstance(value, dt.time) else None


def _date_and_time(_run: Run, first: Any, clock: Any = None) -> dt.datetime | None:
    if isinstance(clock, dt.time) and isinstance(first, dt.date):
        return dt.datetime.combine(first.date() if isinstance(first, dt.datetime) else first, clock)
    if clock is not None:
        return None
    if isinstance(first, str):
        return parse_datetime(first)
    if isinstance(first, dt.datetime):
        return first
    return dt.datetime.combine(first, dt.time(tzinfo=dt.UTC)) if isinstance(first, dt.date) else None


def _duration(_run: Run, value: Any) -> dt.timedelta | Months | None:
    if isinstance(value, dt.timedelta | Months):
        return value
    return parse_duration(value) if isinstance(value, str) else None


def _months_between(_run: Run, start: dt.date, end: dt.date) -> Months:
    sign = 1 if end >= start else -1
    first, last = min(start, end), max(start, end)
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return Months(sign * months)


DATE_FUNCTIONS = {
    "date": Function(_date, (given, given, given), 2),
    "date and time": Function(_date_and_time, (given, given), 1),
    "day of week": Function(lambda _run, date: _WEEKDAYS[date.weekday()], (day,)),
    "day of year": Function(lambda _run, date: date.timetuple().tm_yday, (day,)),
    "duration": Function(_duration, (given,)),
    "month of year": Function(lambda _run, date: _MONTHS[date.month - 1], (day,)),
    "time": Function(_time, (given, given, given, anything), 3),
    "week of year": Function(lambda _run, date: date.isocalendar().week, (day,)),
    "years and months duration": Function(_months_between, (day, day)),
}
