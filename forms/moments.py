"""Owns dates and times of fields: read from what a control or a program sends, kept as ISO 8601 text."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

from engine.expressions import N_, Message
from forms.fields import Kind, MomentField, Subtype, TimeFormat

_DATE = r"(\d{4})-(\d{1,2})-(\d{1,2})"
_TIME = r"(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}(?::\d{2})?)?"
_DATE_ONLY: Final = re.compile(_DATE, re.ASCII)
_TIME_ONLY: Final = re.compile(_TIME, re.ASCII)
_DATE_AND_TIME: Final = re.compile(f"{_DATE}[T ]{_TIME}", re.ASCII)
_DAY: Final = 24 * 60
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_LOCAL: Final = {subtype: MomentField(kind=Kind.DATETIME, subtype=subtype) for subtype in Subtype}

NOT_A_MOMENT: Final = {
    Subtype.DATE: Message(N_("This is not a date. Write it like 2026-11-22")),
    Subtype.TIME: Message(N_("This is not a time. Write it like 09:40")),
    Subtype.DATETIME: Message(N_("This is not a date with a time. Write it like 2026-11-22 09:40")),
}


def read_moment(field: MomentField, text: str, now: datetime) -> str | None:
    """The value's text, in the field's format and to the minute, or None. Times without a zone are local to `now`."""
    written = unicodedata.normalize("NFKC", text).strip()
    try:
        match field.subtype:
            case Subtype.DATE:
                found = _DATE_ONLY.fullmatch(written)
                return _in_range(_date(found)).isoformat() if found else None
            case Subtype.TIME:
                found = _TIME_ONLY.fullmatch(written)
                return _written_time(_minutes(found, now), field.time_format, now) if found else None
            case Subtype.DATETIME:
                found = _DATE_AND_TIME.fullmatch(written)
                return _written_moment(_moment(found, now), field.time_format) if found else None
    except (ValueError, OverflowError):
        return None


def _date(found: re.Match[str]) -> date:
    return date(int(found[1]), int(found[2]), int(found[3]))


def _in_range(day: date) -> date:
    if not 1000 <= day.year <= 9000:
        raise ValueError
    return day


def _minutes(found: re.Match[str], now: datetime) -> int:
    clock = time(int(found[1]), int(found[2]))
    minutes = clock.hour * 60 + clock.minute
    if not found[3]:
        return minutes
    return (minutes + _whole_minutes(now.utcoffset()) - _whole_minutes(_zone(found[3]).utcoffset(None))) % _DAY


def _whole_minutes(offset: timedelta | None) -> int:
    return int((offset or timedelta()).total_seconds()) // 60


def _written_time(minutes: int, time_format: TimeFormat, now: datetime) -> str:
    offset = _whole_minutes(now.utcoffset())
    if time_format is TimeFormat.UTC_NORMALIZED:
        return _clock((minutes - offset) % _DAY) + "Z"
    if time_format is TimeFormat.UTC_OFFSET:
        return _clock(minutes) + ("-" if offset < 0 else "+") + _clock(abs(offset))
    return _clock(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _moment(found: re.Match[str], now: datetime) -> datetime:
    clock = time(int(found[4]), int(found[5]))
    zone = _zone(found[6]) if found[6] else now.tzinfo
    moment = datetime.combine(_date(found), clock, zone or UTC)
    local = moment.astimezone(UTC).astimezone(
        now.tzinfo or UTC
    )  # by way of UTC: an hour that the clocks leave out moves on
    _in_range(local)
    offset = timedelta(minutes=_whole_minutes(local.utcoffset()))  # before time zones there were seconds in it
    return local.replace(second=0, microsecond=0, tzinfo=timezone(offset))


def _zone(written: str) -> tzinfo:
    if written == "Z":
        return UTC
    hours, minutes, *seconds = (int(part) for part in written[1:].split(":"))
    offset = timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))
    return timezone(-offset if written[0] == "-" else offset)


def _written_moment(moment: datetime, time_format: TimeFormat) -> str:
    match time_format:
        case TimeFormat.UTC_NORMALIZED:
            return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="minutes") + "Z"
        case TimeFormat.UTC_OFFSET:
            return moment.isoformat(timespec="minutes")
        case TimeFormat.NO_TIMEZONE:
            return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def local_parts(value: str, now: datetime) -> tuple[str, str]:
    """A value's date and time as controls show them, in the zone of `now`; "" for what it lacks."""
    for subtype, field in _LOCAL.items():
        local = read_moment(field, value, now)
        if local and subtype is Subtype.TIME:
            return "", local
        if local:
            return local[:10], local[11:]
    return "", ""


def check_moment(value: str, field: MomentField, now: datetime) -> Message | None:
    """Why a date or time is not accepted, or None."""
    day, clock = local_parts(value, now)
    if field.no_past and day and day < now.date().isoformat():
        return Message(N_("This date has passed. Choose %(today)s or later"), {"today": now.date().isoformat()})
    if field.no_future and day and (day, clock) > _latest(now, clock):
        return Message(N_("This is still to come. Choose %(now)s or earlier"), {"now": _shown(now, clock)})
    if field.interval and clock:
        minutes = int(clock[:2]) * 60 + int(clock[3:])
        if minutes % field.interval:
            near = _clock(minutes - minutes % field.interval)
            params = {"minutes": field.interval, "example": near}
            return Message(N_("Choose a time in steps of %(minutes)d minutes, such as %(example)s"), params)
    return None


def _latest(now: datetime, clock: str) -> tuple[str, str]:
    """What is just not to come, for a date or for a date with a time; the clock of who writes it may be ahead."""
    until = now + _CLOCKS_DIFFER if clock else now
    return until.date().isoformat(), f"{until:%H:%M}" if clock else ""


def _shown(now: datetime, clock: str) -> str:
    return f"{now:%Y-%m-%d %H:%M}" if clock else now.date().isoformat()
