"""Owns the periods that one looks at: a month, a quarter, or from a day to a day, on the reader's calendar."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONGEST = 731
"""Days."""
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(20\d\d)-Q([1-4])")


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both included; `name` is 2026-11, 2026-Q4, or empty for days of one's own."""

    first: date
    last: date
    name: str = ""

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it begins, and when it is over, in that zone."""
        return midnight(self.first, zone), midnight(self.last + timedelta(days=1), zone)

    @property
    def is_quarter(self) -> bool:
        return "Q" in self.name


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time(), zone)


def month_of(day: date) -> Period:
    """The month that holds a day."""
    last = calendar.monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last), f"{day:%Y-%m}")


def quarter_of(day: date) -> Period:
    """The quarter that holds a day."""
    number = (day.month - 1) // 3
    first, last = date(day.year, 3 * number + 1, 1), month_of(date(day.year, 3 * number + 3, 1)).last
    return Period(first, last, f"{day.year}-Q{number + 1}")


def read_period(text: str) -> Period | None:
    """2026-11 or 2026-Q4; None for anything else."""
    if found := _MONTH.fullmatch(text):
        return month_of(date(int(found[1]), int(found[2]), 1))
    if found := _QUARTER.fullmatch(text):
        return quarter_of(date(int(found[1]), 3 * int(found[2]), 1))
    return None


def read_day(text: str) -> date | None:
    """2026-11-23, of a year that somebody may mean; None for anything else."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day and 2000 <= day.year < 2100 else None


def offered(today: date) -> tuple[list[Period], list[Period]]:
    """What a menu offers: the next month, this and the twelve before; this quarter and the four before."""
    months, quarters = [month_of(today)], [quarter_of(today)]
    while len(months) < 13:
        months.append(month_of(months[-1].first - timedelta(days=1)))
    while len(quarters) < 5:
        quarters.append(quarter_of(quarters[-1].first - timedelta(days=1)))
    return [month_of(months[0].last + timedelta(days=1)), *months], quarters
