"""Owns cron's words: crontab's five fields, and the six or seven of Quartz and Spring, read into plain numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.expressions import N_, Message
from engine.timing.moments import LONGEST, SHOWN, NotATime, bare


@dataclass(frozen=True, slots=True)
class Days:
    """Which days of a month: by number and by day of the week (0 is Monday); both must hold unless `either` may."""

    numbers: frozenset[int] = frozenset()
    from_last: frozenset[int] = frozenset()
    """So many days before the last."""
    nearest: frozenset[int] = frozenset()
    """The day from Monday to Friday nearest to this number; 31 is the last."""
    any_number: bool = True
    weekdays: frozenset[int] = frozenset()
    nth: frozenset[tuple[int, int]] = frozenset()
    """A day of the week and which of them in the month."""
    last: frozenset[int] = frozenset()
    """The last such day of the week in the month."""
    any_weekday: bool = True
    either: bool = False


@dataclass(frozen=True, slots=True)
class CronText:
    """A cron expression as numbers; no `years` are all years."""

    second: int
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    every_hour: bool
    days: Days
    months: frozenset[int]
    years: frozenset[int] = frozenset()
    often: bool = False
    """It named several seconds of a minute; only the first counts."""
    numbered: bool = False
    """It counts the days of the week as Quartz does, from 1 for Sunday."""


@dataclass(frozen=True, slots=True)
class _Field:
    """What a field is called and may hold."""

    what: str
    low: int
    high: int
    numbers: Mapping[str, int] = field(default_factory=dict)


_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split()
_SECONDS = _Field(N_("seconds"), 0, 59)
_MINUTES = _Field(N_("minutes"), 0, 59)
_HOURS = _Field(N_("hours"), 0, 23)
_DAYS = _Field(N_("days of the month"), 1, 31)
_MONTH = _Field(N_("months"), 1, 12, numbers={name: place for place, name in enumerate(_MONTHS, start=1)})
_CRONTAB_WEEK = _Field(N_("days of the week"), 0, 7, numbers={name: place for place, name in enumerate(_WEEKDAYS)})
_QUARTZ_WEEK = _Field(N_("days of the week"), 1, 7, numbers={name: place for place, name in enumerate(_WEEKDAYS, 1)})
_YEARS = _Field(N_("years"), 1, 9999)
_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_ANY = frozenset({"*", "?"})
_ITEM = re.compile(r"(?P<from>\*|\w{1,4})?(?:-(?P<to>\w{1,4}))?(?:/(?P<step>\d{1,4}))?", re.ASCII)
_FROM_LAST = re.compile(r"L(?:-(\d{1,2}))?", re.ASCII)
_NEAREST = re.compile(r"(\d{1,2}|L)W", re.ASCII)
_NUMBERED = re.compile(r"(?:^|[,-])\d", re.ASCII)
_OF_MONTH = re.compile(r"(\w{1,3}?)(?:#([1-5])|(L))", re.ASCII)


def is_cron(text: str) -> bool:
    """Whether a text of whatever kind looks like cron's: several words, or one of its names."""
    return text.startswith("@") or len(text.split()) > 3


def read_cron(text: str) -> CronText:
    """The fields' numbers; raises `NotATime` and names the field that is not understood.

    Numbers of days of the week count as in crontab and Spring (0 and 7 are Sunday), but where one of the two day fields
    is “?” as in Quartz (1 is Sunday): Quartz refuses a text without it.
    """
    given = bare(text).upper()
    fields = _MACROS.get(given.lower(), given).split() if len(given) <= LONGEST else []
    if not 5 <= len(fields) <= 7:
        problem = N_("“%(text)s” is not a cron expression of 5 to 7 fields such as 0 9 * * MON-FRI.")
        raise NotATime(Message(problem, {"text": text[:SHOWN]}))
    crontab = len(fields) == 5
    seconds = [0] if crontab else sorted(_numbers(fields.pop(0), _SECONDS))
    minute, hour, day, month, weekday, *year = fields
    quartz = "?" in (day, weekday)
    hours = sorted(_numbers(hour, _HOURS))
    return CronText(
        second=seconds[0],
        minutes=tuple(sorted(_numbers(minute, _MINUTES))),
        hours=tuple(hours),
        every_hour=hours == list(range(24)),
        days=_days(day, weekday, _QUARTZ_WEEK if quartz and not crontab else _CRONTAB_WEEK, either=crontab),
        months=frozenset(_numbers(month, _MONTH)),
        years=frozenset(_numbers(year[0], _YEARS)) if year and year[0] not in _ANY else frozenset(),
        often=len(seconds) > 1,
        numbered=quartz and not crontab and _NUMBERED.search(weekday) is not None,
    )


def _days(day: str, weekday: str, week: _Field, *, either: bool) -> Days:
    numbers: set[int] = set()
    from_last: set[int] = set()
    nearest: set[int] = set()
    for item in day.split(",") if day not in _ANY else ():
        if match := _FROM_LAST.fullmatch(item):
            from_last.add(int(match[1] or 0))
        elif match := _NEAREST.fullmatch(item):
            nearest.add(31 if match[1] == "L" else _number(match[1], _DAYS, item))
        else:
            numbers |= _item(item, _DAYS)
    weekdays: set[int] = set()
    nth: set[tuple[int, int]] = set()
    last: set[int] = set()
    for item in weekday.split(",") if weekday not in _ANY else ():
        if match := _OF_MONTH.fullmatch(item):
            one = _monday_first(_number(match[1], week, item), week)
            nth.update({(one, int(match[2]))} if match[2] else ())
            last.update({one} if match[3] else ())
        else:
            weekdays |= {_monday_first(number, week) for number in _item("SAT" if item == "L" else item, week)}
    return Days(
        frozenset(numbers),
        frozenset(from_last),
        frozenset(nearest),
        any_number=day in _ANY,
        weekdays=frozenset(weekdays),
        nth=frozenset(nth),
        last=frozenset(last),
        any_weekday=weekday in _ANY,
        either=either and day[0] not in "*?" and weekday[0] not in "*?",
    )


def _monday_first(number: int, week: _Field) -> int:
    return (number - week.low + 6) % 7


def _numbers(text: str, known: _Field) -> set[int]:
    """What a field's lists, ranges and steps name."""
    if text in _ANY:
        return set(range(known.low, known.high + 1))
    return {number for item in text.split(",") for number in _item(item, known)}


def _item(item: str, known: _Field) -> set[int]:
    match = _ITEM.fullmatch(item)
    if match is None or not item:
        raise _unknown(item, known)
    step = int(match["step"] or 1)
    everything = match["from"] in ("*", None)
    if not step or (match["from"] is None and (match["to"] or not match["step"])) or (everything and match["to"]):
        raise _unknown(item, known)
    low = known.low if everything else _number(match["from"], known, item)
    high = known.high if everything or (match["step"] and not match["to"]) else low
    high = _number(match["to"], known, item) if match["to"] else high
    if low > high:  # over the end and on from the beginning: FRI-MON, 22-4
        round_ = [*range(low, known.high + 1), *range(known.low, high + 1)]
        return set(round_[::step])
    return set(range(low, high + 1, step))


def _number(text: str, known: _Field, item: str) -> int:
    number = known.numbers.get(text, int(text) if text.isdigit() else -1)
    if not known.low <= number <= known.high:
        raise _unknown(item, known)
    return number


def _unknown(item: str, known: _Field) -> NotATime:
    problem = N_("“%(item)s” among cron's %(field)s is not understood: from %(low)s to %(high)s, lists, ranges, steps.")
    params = {"item": item[:SHOWN], "field": Message(known.what), "low": known.low, "high": known.high}
    return NotATime(Message(problem, params))
