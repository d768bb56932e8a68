"""Owns when the demo's past was: working days counted back from now, and who is at work when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tickets.demo.story import When
from tickets.service.holidays import published

HOME = ZoneInfo("Asia/Shanghai")
MORNING, EVENING = time(9), time(18)
NOON, AFTERNOON = time(12), time(13, 30)


@dataclass(frozen=True)
class Past:
    """When the things of the stories happened, seen from this moment."""

    now: datetime

    def moment(self, when: When) -> datetime:
        """The moment that an Act or Story names."""
        if isinstance(when, datetime):
            return when
        back, _, clock = when.partition(" ")
        if not clock:
            return self.now - timedelta(minutes=int(back))
        day = self._working_day(int(back))
        return datetime.combine(day, time.fromisoformat(clock), HOME).astimezone(UTC)

    def _working_day(self, back: int) -> date:
        """So many working days ago, the last one that is over being the first."""
        here = self.now.astimezone(HOME)
        day = here.date() + timedelta(days=here.time() > EVENING)
        while back:
            day -= timedelta(days=1)
            back -= is_worked(day)
        return day


@cache
def is_worked(day: date) -> bool:
    """Whether people work on that day, here and in the published year."""
    holiday = published().get(day)
    return holiday.works if holiday else day.weekday() < 5


def at_work(moment: datetime) -> datetime:
    """That moment if support works then, else when it begins to again."""
    here = moment.astimezone(HOME)
    if here.time() >= EVENING or not is_worked(here.date()):
        day = here.date() + timedelta(days=1)
        while not is_worked(day):
            day += timedelta(days=1)
        return datetime.combine(day, MORNING, HOME).astimezone(UTC)
    begins = MORNING if here.time() < NOON else AFTERNOON
    if here.time() < begins or (NOON <= here.time() < AFTERNOON):
        return datetime.combine(here.date(), begins, HOME).astimezone(UTC)
    return moment
