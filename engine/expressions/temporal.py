"""Dates, times and durations as ISO 8601 text, and months as a duration of their own."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(?:(?P<utc>[zZ])|(?P<offset>[+-][0-9]{2}:[0-9]{2})|@(?P<zone>[A-Za-z][A-Za-z0-9_+/-]{0,60}))?"
)
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>[0-9]{1,9})Y)?(?:(?P<months>[0-9]{1,9})M)?(?:(?P<weeks>[0-9]{1,9})W)?"
    r"(?:(?P<days>[0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,12})M)?(?:(?P<seconds>[0-9]{1,12}(?:\.[0-9]{1,9})?)S)?)?"
)


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A duration of years and months; adding it to a date clamps to the month's last day."""

    count: int

    def __radd__(self, day: dt.date) -> dt.date:
        return add_months(day, self.count)

    def __rsub__(self, day: dt.date) -> dt.date:
        return add_months(day, -self.count)

    def __add__(self, other: Months) -> Months:
        return Months(self.count + other.count) if isinstance(other, Months) else NotImplemented

    def __sub__(self, other: Months) -> Months:
        return Months(self.count - other.count) if isinstance(other, Months) else NotImplemented

    def __neg__(self) -> Months:
        return Months(-self.count)

    def __str__(self) -> str:
        years, months = divmod(abs(self.count), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return ("-P" if self.count < 0 else "P") + (text or "0M")


def add_months(day: dt.date, months: int) -> dt.date:
    """`day` moved by `months`: 31 January and a month is the last of February. ValueError past the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise ValueError(f"year {year} is out of range")
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def parse_date(text: str) -> dt.date:
    """A date from `2026-01-31`; ValueError for any other text."""
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(f"not a date like 2026-01-31: {text[:40]!r}")
    return dt.date(*map(int, found.groups()))


def parse_time(text: str) -> dt.time:
    """A time from `09:30` or `09:30:00`, and `Z`, `+08:00` or `@Asia/Shanghai`; ValueError for any other text."""
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(f"not a time like 09:30:00: {text[:40]!r}")
    hour, minute, second, fraction = found.group(1, 2, 3, 4)
    micro = int(((fraction or "") + "000000")[:6])
    return dt.time(int(hour), int(minute), int(second or 0), micro, _zone(found))


def parse_datetime(text: str) -> dt.datetime:
    """A date and time joined by `T` or a space; a bare date is its midnight. ValueError for any other text."""
    if len(text) <= 10:
        return dt.datetime.combine(parse_date(text), dt.time())
    if text[10] not in "T ":
        raise ValueError(f"not a date and time like 2026-01-31T09:30:00: {text[:40]!r}")
    return dt.datetime.combine(parse_date(text[:10]), parse_time(text[11:]))


def parse_duration(text: str) -> dt.timedelta | Months:
    """A duration from `P2DT3H` or `P1Y6M`; ValueError for other text and for months mixed with days."""
    found = _DURATION.fullmatch(text)
    parts = {key: value for key, value in found.groupdict().items() if value and key != "sign"} if found else {}
    if not found or not parts:
        raise ValueError(f"not a duration like P2DT3H or P1Y6M: {text[:40]!r}")
    sign = -1 if found["sign"] else 1
    months = {"years", "months"} & parts.keys()
    if months and len(months) < len(parts):
        raise ValueError(f"a duration of months cannot have days or hours: {text[:40]!r}")
    if months:
        return Months(sign * (12 * int(parts.get("years", 0)) + int(parts.get("months", 0))))
    return sign * _timedelta(parts)


def format_duration(span: dt.timedelta | Months) -> str:
    """The ISO 8601 text of a duration: `P2DT3H`, `PT0S` for none."""
    if isinstance(span, Months):
        return str(span)
    sign, span = ("-", -span) if span < dt.timedelta() else ("", span)
    minutes, seconds = divmod(span.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    rest = f"{seconds}.{span.microseconds:06}".rstrip("0") if span.microseconds else str(seconds)
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{rest}S" if rest != "0" else "")
    days = f"{span.days}D" if span.days else ""
    return f"{sign}P{days}{'T' if clock else ''}{clock}" if days or clock else "PT0S"


def _zone(found: re.Match[str]) -> dt.tzinfo | None:
    if found["utc"]:
        return dt.UTC
    if found["offset"]:
        hours, minutes = found["offset"][1:].split(":")
        span = dt.timedelta(hours=int(hours), minutes=int(minutes))
        return dt.timezone(-span if found["offset"][0] == "-" else span)
    if not found["zone"]:
        return None
    try:
        return zoneinfo.ZoneInfo(found["zone"])
    except (zoneinfo.ZoneInfoNotFoundError, OSError) as missing:
        raise ValueError(f"no time zone {found['zone']!r}") from missing


def _timedelta(parts: dict[str, str]) -> dt.timedelta:
    seconds = parts.pop("seconds", "0")
    whole, _, fraction = seconds.partition(".")
    micro = int((fraction + "000000")[:6])
    return dt.timedelta(
        **{unit: int(value) for unit, value in parts.items()},
        seconds=int(whole),
        microseconds=micro,
    )
