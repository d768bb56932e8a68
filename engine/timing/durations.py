"""Owns ISO 8601 durations: months and days go by the calendar, hours by the stop-watch, both in working time too."""

from __future__ import annotations

import calendar as months_of_years
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.expressions import N_, Message
from engine.timing.moments import LONGEST, SHOWN, NotATime, bare, too_far
from engine.timing.working import Calendar, move, working_moment

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_DURATION = re.compile(
    rf"(?P<sign>[-+])?P(?:{_NUMBER}Y)?(?:(\d{{1,6}})M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.IGNORECASE | re.ASCII,
)
_AS_A_DATE = re.compile(r"P(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?", re.IGNORECASE | re.ASCII)
_NEGATIVE = re.compile(r"P.*-\d|-P", re.IGNORECASE | re.ASCII)
MONTH = 31 * 86_400
"""Seconds, were every month as long as the longest."""


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration: calendar months and days are local (a month end clamps), the rest is exact."""

    months: int = 0
    days: int = 0
    seconds: float = 0

    def after(self, start: datetime, zone: ZoneInfo, calendar: Calendar | None = None) -> datetime:
        """The moment this much later, in UTC; days keep the local time of day across a change of the clocks.

        With a calendar only working days and working hours count; months are months, up to the next working time.
        """
        try:
            if calendar is not None and self.total > 0:
                return self._worked(start, zone, calendar)
            if not self.months and not self.days:
                return start.astimezone(UTC) + timedelta(seconds=self.seconds)
            moved = _add_months(start.astimezone(zone), self.months) + timedelta(days=self.days)
            return moved.replace(fold=0).astimezone(UTC) + timedelta(seconds=self.seconds)
        except (OverflowError, ValueError):
            raise too_far() from None

    def times(self, number: int) -> Duration:
        """So many of it; a negative number leads back."""
        return Duration(self.months * number, self.days * number, self.seconds * number)

    @property
    def total(self) -> float:
        """Its seconds, were every month as long as the longest."""
        return self.months * MONTH + self.days * 86_400 + self.seconds

    def _worked(self, start: datetime, zone: ZoneInfo, calendar: Calendar) -> datetime:
        begun = working_moment(start, zone, calendar)
        if self.months:
            later = _add_months(begun.astimezone(zone), self.months).replace(fold=0)
            begun = working_moment(later.astimezone(UTC), zone, calendar)
        return move(begun, zone, calendar, days=self.days, seconds=self.seconds)


def parse_duration(text: str) -> Duration:
    """`P1DT12H`, `PT30M`, `P2W`, `P0000-00-01T12:00`; raises `NotATime`, also for negative ones."""
    text = bare(text)
    match = _DURATION.fullmatch(text) if len(text) <= LONGEST else None
    if match is None and (dated := _AS_A_DATE.fullmatch(text)):
        year, month, day, hour, minute, second = (int(part or 0) for part in dated.groups())
        return Duration(year * 12 + month, day, hour * 3600 + minute * 60 + second)
    if _NEGATIVE.match(text) and (match or _DURATION.fullmatch(text.replace("-", ""))):
        raise NotATime(Message(N_("The duration “%(text)s” is negative."), {"text": text[:SHOWN]}))
    if match is None or not any(match.groups()[1:]):
        raise NotATime(Message(N_("“%(text)s” is not a duration such as PT30M, PT2H or P3D."), {"text": text[:SHOWN]}))
    years, months, weeks, days, hours, minutes, seconds = (_number(part) for part in match.groups()[1:])
    if years * 12 % 1:
        raise NotATime(Message(N_("“%(text)s” holds a part of a month; say it in days."), {"text": text[:SHOWN]}))
    whole, part = divmod(weeks * 7 + days, 1)
    exact = round(part * 86_400 + hours * 3600 + minutes * 60 + seconds, 6)
    return Duration(int(years * 12 + months), int(whole), exact)


def _number(part: str | None) -> float:
    return float((part or "0").replace(",", "."))


def _add_months(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, months_of_years.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
