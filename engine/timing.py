"""Owns the arithmetic of timers: ISO 8601 dates, durations and cycles, local to a place's time zone; pure, no clock."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.expressions import N_, Message

MINIMUM_INTERVAL = timedelta(seconds=60)
MAXIMUM_ROUNDS = 100_000
_NUMBER = r"(\d{1,9}(?:[.,]\d{1,6})?)"
_DURATION = re.compile(
    rf"(?P<sign>[-+])?P(?:{_NUMBER}W)?(?:(\d{{1,5}})Y)?(?:(\d{{1,6}})M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.IGNORECASE | re.ASCII,
)
_CYCLE = re.compile(r"R(?P<rounds>\d{0,9})/(?P<rest>.+)", re.IGNORECASE | re.ASCII)


class NotATime(ValueError):
    """The text is not a time of the kind asked for; `message` says what is."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration: calendar months and days are local (a month end clamps), the rest is exact."""

    months: int = 0
    days: int = 0
    seconds: float = 0

    def after(self, start: datetime, zone: ZoneInfo) -> datetime:
        """The moment this much later, in UTC; days keep the local time of day across a change of the clocks."""
        try:
            if not self.months and not self.days:
                return start.astimezone(UTC) + timedelta(seconds=self.seconds)
            moved = _add_months(start.astimezone(zone), self.months) + timedelta(days=self.days)
            return moved.replace(fold=0).astimezone(UTC) + timedelta(seconds=self.seconds)
        except (OverflowError, ValueError):
            raise NotATime(Message(N_("The time lies too far away."))) from None


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repetition: `rounds` turns (None: without end), from `first` on or, without it, one `every` after it is set."""

    every: Duration
    rounds: int | None = None
    first: str = ""


def parse_duration(text: str) -> Duration:
    """`P1DT12H`, `PT30M`, `P2W`; raises `NotATime`, also for negative ones."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()[1:]):
        raise NotATime(Message(N_("“%(text)s” is not a duration such as PT30M, PT2H or P3D."), {"text": text[:60]}))
    if match["sign"] == "-":
        raise NotATime(Message(N_("The duration “%(text)s” is negative."), {"text": text[:60]}))
    weeks, years, months, days, hours, minutes, seconds = (_number(part) for part in match.groups()[1:])
    whole, part = divmod(weeks * 7 + days, 1)
    return Duration(int(years * 12 + months), int(whole), part * 86_400 + hours * 3600 + minutes * 60 + seconds)


def parse_date(text: str, zone: ZoneInfo) -> datetime:
    """An ISO 8601 date or moment, in UTC; without an offset it is local to `zone`; a bare date is its midnight."""
    text = text.strip()
    try:
        bare = len(text) <= len("2026-12-01")
        moment = datetime.combine(date.fromisoformat(text), time()) if bare else datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        problem = N_("“%(text)s” is not a date such as 2026-12-01 or 2026-12-01T09:00.")
        raise NotATime(Message(problem, {"text": text[:60]})) from None


def parse_cycle(text: str) -> Cycle:
    """`R3/PT1H`, `R/P1D`, `R5/2026-12-01T09:00/P1W`, or a bare duration for ever; raises `NotATime`."""
    match = _CYCLE.fullmatch(text.strip())
    if match is None:
        return _checked(Cycle(parse_duration(text)))
    rounds = int(match["rounds"]) if match["rounds"] else None
    first, _, every = match["rest"].rpartition("/")
    if rounds is not None and not 0 < rounds <= MAXIMUM_ROUNDS:
        problem = N_("A cycle repeats between 1 and %(limit)s times.")
        raise NotATime(Message(problem, {"limit": MAXIMUM_ROUNDS}))
    return _checked(Cycle(parse_duration(every), rounds, first))


def first_turn(cycle: Cycle, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when the cycle's turns are counted, and its first turn that is not over."""
    start = parse_date(cycle.first, zone) if cycle.first else now
    return start, start if cycle.first and start >= now else next_turn(start, cycle.every, now, zone)


def next_turn(start: datetime, every: Duration, after: datetime, zone: ZoneInfo) -> datetime:
    """The first turn later than `after`, however many lie between: `start` and a whole number of times `every`.

    Counted from the start, since a month after Jan 31 is Feb 28, but two months after it are Mar 31.
    """
    turns = max(int((after - start).total_seconds() / _longest(every)) - 2, 1)
    while (turn := _times(every, turns, start, zone)) <= after:
        turns += 1
    return turn


def _times(every: Duration, turns: int, start: datetime, zone: ZoneInfo) -> datetime:
    return Duration(every.months * turns, every.days * turns, every.seconds * turns).after(start, zone)


def _checked(cycle: Cycle) -> Cycle:
    if _longest(cycle.every) < MINIMUM_INTERVAL.total_seconds():
        problem = N_("A cycle turns at most once in %(seconds)s seconds.")
        raise NotATime(Message(problem, {"seconds": int(MINIMUM_INTERVAL.total_seconds())}))
    return cycle


def _longest(every: Duration) -> float:
    """Its seconds, were every month as long as the longest."""
    return (every.months * 31 + every.days) * 86_400 + every.seconds


def _number(part: str | None) -> float:
    return float((part or "0").replace(",", "."))


def _add_months(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
