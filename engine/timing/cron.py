"""Owns when a cron expression comes next: by the wall clock of a zone, whatever the clocks do."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.expressions import N_, Message
from engine.timing.cron_fields import CronText, Days, read_cron
from engine.timing.moments import SHOWN, NotATime

FURTHEST_MONTHS = 12 * 50
"""Any date falls on any day of the week within 40 years."""
SURELY_OVER = 3
NEAR = 3
"""Hours: no change of the clocks is as long."""


@dataclass(frozen=True, slots=True)
class Cron:
    """Turns at given minutes of given hours of given days. A turn has one second: the first of those it names."""

    text: CronText

    def next_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first turn after the moment, in UTC; None if there is none any more.

        A turn at a time that the clocks skip comes as if they had not changed yet. In the hour that comes twice, what
        turns every hour turns in both; all else in the first.
        """
        try:
            local = moment.astimezone(zone)
            for day in self._days_from(local.date() - timedelta(days=local.date() > date.min)):
                earliest = local.hour - SURELY_OVER if day == local.date() else 0
                if (turn := self._turn_on(day, moment, zone, earliest)) is not None:
                    return turn
        except (OverflowError, ValueError):  # the calendar ends
            return None
        return None

    def _days_from(self, first: date) -> Iterator[date]:
        year, month = first.year, first.month
        for _ in range(FURTHEST_MONTHS):
            if self.text.years and year > max(self.text.years):
                return
            if month in self.text.months and (not self.text.years or year in self.text.years):
                for number in days_of(self.text.days, year, month):
                    if (day := date(year, month, number)) >= first:
                        yield day
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)

    def _turn_on(self, day: date, after: datetime, zone: ZoneInfo, earliest: int) -> datetime | None:
        """The clocks may bring turns of one hour after those of the next ones."""
        hours = [hour for hour in self.text.hours if hour >= earliest]
        for place, hour in enumerate(hours):
            if any(turn > after for turn in self._turns(day, hour, zone)):
                near = (turn for other in hours[place : place + NEAR] for turn in self._turns(day, other, zone))
                return min(turn for turn in near if turn > after)
        return None

    def _turns(self, day: date, hour: int, zone: ZoneInfo) -> Iterator[datetime]:
        for minute in self.text.minutes:
            yield self._moment(day, hour, minute, zone, fold=0)
            if self.text.every_hour:
                yield self._moment(day, hour, minute, zone, fold=1)

    def _moment(self, day: date, hour: int, minute: int, zone: ZoneInfo, *, fold: int) -> datetime:
        return datetime.combine(day, time(hour, minute, self.text.second, fold=fold), zone).astimezone(UTC)


def parse_cron(text: str) -> Cron:
    """`0 9 * * MON-FRI`, `0 0/15 8-18 ? * MON-FRI 2027`, `@daily`; raises `NotATime`, also for what never comes."""
    cron = Cron(read_cron(text))
    years = cron.text.years
    if cron.next_after(datetime(min(years, default=2000), 1, 1, tzinfo=UTC), ZoneInfo("UTC")) is None:
        raise NotATime(Message(N_("“%(text)s” names a day that no year has."), {"text": text[:SHOWN]}))
    return cron


def days_of(days: Days, year: int, month: int) -> list[int]:
    """The numbers of the month's days that are meant, in order."""
    last = calendar.monthrange(year, month)[1]
    by_number = _by_number(days, year, month, last)
    by_weekday = _by_weekday(days, date(year, month, 1).weekday(), last)
    return sorted(by_number | by_weekday if days.either else by_number & by_weekday)


def _by_number(days: Days, year: int, month: int, last: int) -> set[int]:
    if days.any_number:
        return set(range(1, last + 1))
    found = {day for day in days.numbers if day <= last} | {last - back for back in days.from_last if back < last}
    return found | {_nearest_weekday(date(year, month, min(day, last)), last) for day in days.nearest}


def _nearest_weekday(day: date, last: int) -> int:
    """Monday to Friday, in the same month."""
    step = {5: -1, 6: 1}.get(day.weekday(), 0)
    number = day.day + step
    return number if 1 <= number <= last else day.day - 2 * step


def _by_weekday(days: Days, first: int, last: int) -> set[int]:
    if days.any_weekday:
        return set(range(1, last + 1))
    found = set()
    for day in range(1, last + 1):
        weekday, place = (first + day - 1) % 7, (day + 6) // 7
        latest = day + 7 > last
        if weekday in days.weekdays or (weekday, place) in days.nth or (latest and weekday in days.last):
            found.add(day)
    return found
