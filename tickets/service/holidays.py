"""Owns public holidays: a table that the program fills year by year with what the country has published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import chinese_calendar
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.inserts import insert_unless_there
from tickets.runtime import Runtime
from tickets.service.tables import PublicHoliday

CHINA = "china"
REGIONS = ("", CHINA)
FIRST_YEAR = 2025
"""Nobody asks about years before."""
_CHINESE = {each.value: each.chinese for each in chinese_calendar.Holiday}


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day off, or one at a weekend that is `worked` to make up for one."""

    works: bool
    names: Mapping[str, str]


@cache
def published() -> Mapping[date, Holiday]:
    """All that this version of the program knows of the mainland's holidays."""
    given = {False: chinese_calendar.holidays, True: chinese_calendar.workdays}
    return {
        day: Holiday(works, {"zh": _CHINESE.get(name, name), "en": name})
        for works, days in given.items()
        for day, name in days.items()
        if day.year >= FIRST_YEAR
    }


def seed(runtime: Runtime) -> int:
    """Adds the days that are not in the table yet; how many. It runs at each start: a new version may know more."""
    with runtime.reading() as session:
        there = set(session.scalars(sa.select(PublicHoliday.day).where(PublicHoliday.region == CHINA)))
    missing = {day: holiday for day, holiday in published().items() if day not in there}
    if missing:
        from tickets.service.working import touch  # it reads this table, so it knows this module

        with runtime.writing() as session, session.begin():
            for day, holiday in missing.items():
                insert_unless_there(
                    session, PublicHoliday, region=CHINA, day=day, works=holiday.works, names=dict(holiday.names)
                )
            touch(session)
    return len(missing)


def holidays(session: Session, region: str) -> dict[date, Holiday]:
    """The table for a region, by day."""
    if not region:
        return {}
    query = sa.select(PublicHoliday.day, PublicHoliday.works, PublicHoliday.names)
    rows = session.execute(query.where(PublicHoliday.region == region))
    return {day: Holiday(works, names) for day, works, names in rows}
