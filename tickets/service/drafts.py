"""Owns reading what people typed about calendars, closures and policies: every mistake says how to mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.expressions import N_, Message
from tickets.errors import Invalid
from tickets.service.holidays import REGIONS
from tickets.service.hours import read_hours, write_hours
from tickets.texts import line_problem
from tickets.ticket import Priority

MOST_DAYS = 400
LONGEST_CLOSURE = timedelta(days=366)
YEARS = range(2000, 2100)
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(.*)", re.ASCII)
_HOURS = re.compile(r"[\d:：,，、;；~～\-–—至\s]*[\d]", re.ASCII)
_CLOSED = re.compile(r"(?:closed|off|休息|休|放假)(?:\s+|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnDay:
    day: date
    hours: str
    name: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.day.isoformat(), self.hours or "休", self.name) if part)


@dataclass(frozen=True, slots=True)
class CalendarFacts:
    """A calendar as it is kept: hours by weekday ("0" is Monday)."""

    names: Mapping[str, str]
    hours: Mapping[str, str]
    holidays: str
    days: Sequence[OwnDay]


def read_calendar(*, zh: str, en: str, hours: Sequence[str], holidays: str, days: str) -> CalendarFacts:
    """Raises Invalid. `days` has a line for each day: 2026-12-31 09:00-12:00 and a name, or 休 instead of hours."""
    names = {language: text for language, text in (("zh", line(zh, 60)), ("en", line(en, 60))) if text}
    if not names:
        raise Invalid(Message(N_("Give the calendar a name.")))
    week = {str(number): write_hours(read_hours(text)) for number, text in enumerate(hours[:7])}
    if not any(week.values()):
        raise Invalid(Message(N_("Nobody would ever work by this calendar; give at least one weekday hours.")))
    if holidays not in REGIONS:
        raise Invalid(Message(N_("Choose one of the kinds of public holidays.")))
    return CalendarFacts(names, {day: text for day, text in week.items() if text}, holidays, read_days(days))


def read_days(text: str) -> list[OwnDay]:
    """One for each line, in order; of a day that comes twice the last."""
    lines = [part for part in text.splitlines() if part.strip()]
    if len(lines) > MOST_DAYS:
        raise Invalid(Message(N_("At most %(limit)s days have hours of their own."), {"limit": MOST_DAYS}))
    found = [_own_day(part.strip()) for part in lines]
    return sorted({each.day: each for each in found}.values(), key=lambda each: each.day)


def _own_day(text: str) -> OwnDay:
    match = _DAY.fullmatch(text)
    if match is None:
        problem = N_("“%(text)s” does not begin with a date such as 2026-12-31.")
        raise Invalid(Message(problem, {"text": text[:60]}))
    rest = match[2].strip()
    if closed := _CLOSED.match(rest):
        return OwnDay(read_day(match[1]), "", line(rest[closed.end() :], 100))
    hours = _HOURS.match(rest)
    said = write_hours(read_hours(hours[0])) if hours else ""
    return OwnDay(read_day(match[1]), said, line(rest[hours.end() :] if hours else rest, 100))


def read_day(text: str) -> date:
    """A date within our years; raises Invalid."""
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        found = date.min
    if found.year not in YEARS:
        raise Invalid(Message(N_("“%(text)s” is not a date such as 2026-12-31."), {"text": text[:60]}))
    return found


def read_wall(text: str) -> datetime:
    """A local date and time as a browser sends it: 2026-09-09T14:00. Raises Invalid."""
    try:
        found: datetime | None = datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.year not in YEARS or found.tzinfo is not None:
        problem = N_("“%(text)s” is not a date and time such as 2026-12-31 09:00.")
        raise Invalid(Message(problem, {"text": text[:60]}))
    return found.replace(second=0, microsecond=0)


def read_closure(starts: str, ends: str, reason: str) -> tuple[str, str, str]:
    """From when until when (local), and why. Raises Invalid."""
    first, last = read_wall(starts), read_wall(ends)
    if last <= first:
        raise Invalid(Message(N_("The place opens again before it closes; let the end be later.")))
    if last - first > LONGEST_CLOSURE:
        raise Invalid(Message(N_("A closure lasts at most a year; give the place another calendar instead.")))
    why = line(reason, 200)
    if not why:
        raise Invalid(Message(N_("Say why the place is closed; it is shown in the calendar.")))
    return first.isoformat("T", "minutes"), last.isoformat("T", "minutes"), why


def line(text: str, limit: int) -> str:
    """One line of text, trimmed. Raises Invalid for what is too long or no text."""
    found = " ".join(text.split())
    if found and (problem := line_problem(found, limit)):
        raise Invalid(Message(N_("This can't be kept: %(problem)s"), {"problem": problem}))
    return found


UNITS: Mapping[str, str] = {"m": "PT%sM", "h": "PT%sH", "d": "P%sD"}
SHORT_UNITS = ("m", "h")
MOST_OF = {"m": 10_000, "h": 2_000, "d": 365}


def read_span(number: str, unit: str, *, units: Sequence[str] = tuple(UNITS)) -> str:
    """A span as ISO 8601 writes it; "" for an empty one. Raises Invalid."""
    text = number.strip()
    if not text:
        return ""
    if unit not in units:
        raise Invalid(Message(N_("Choose minutes, hours or days.")))
    if not (text.isascii() and text.isdecimal()) or len(text) > 6 or not 0 < int(text) <= MOST_OF[unit]:
        problem = N_("“%(text)s” is not a number between 1 and %(limit)s.")
        raise Invalid(Message(problem, {"text": text[:20], "limit": MOST_OF[unit]}))
    return UNITS[unit] % int(text)


_SPAN = re.compile(r"P(?:T(\d+)([MH])|(\d+)D)")


def shown_span(span: str) -> tuple[str, str]:
    """A span as its number and unit; ("", "h") for none."""
    match = _SPAN.fullmatch(span)
    if match is None:
        return "", "h"
    return (match[3], "d") if match[3] else (match[1], match[2].lower())


def read_warning(number: str, unit: str) -> str:
    """A share of the time ("20%") or a span of minutes or hours. Raises Invalid."""
    text = number.strip()
    if unit != "%" or not text:
        return read_span(text, unit, units=SHORT_UNITS)
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 100:
        raise Invalid(Message(N_("A share lies between 1 and 99 percent.")))
    return f"{int(text)}%"


def read_priority(text: str) -> str:
    if text and text not in set(Priority):
        raise Invalid(Message(N_("Choose one of the priorities.")))
    return text
