"""Owns a place's working time: its calendar with holidays and closures, kept in memory until somebody changes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from threading import Lock
from time import monotonic

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import reading
from engine.timing import Calendar
from tickets.places import Place, ancestors
from tickets.service.holidays import Holiday, holidays
from tickets.service.hours import ALL_DAY, Hours, read_hours
from tickets.service.tables import BusinessCalendar, CalendarDay, Closure, PlaceCalendar, ServiceVersion

WEEK = tuple(str(number) for number in range(7))
FRESH = 1.0
"""Seconds in which a change made by another process may go unnoticed."""


@dataclass(frozen=True, slots=True)
class Shut:
    """A closure in local time."""

    starts: datetime
    ends: datetime
    reason: str = ""


@dataclass(frozen=True)
class WorkingTime:
    """Working hours by weekday, but for days of its own, then public holidays, less closures (the Calendar port).

    A day that is worked to make up for a holiday has its weekday's own hours if there are any, else those of the
    week's first working day. A year of which no holidays are known goes by its weekdays alone.
    """

    week: tuple[Hours, ...]
    own: Mapping[date, Hours] = field(default_factory=dict)
    public: Mapping[date, Holiday] = field(default_factory=dict)
    closures: Sequence[Shut] = ()

    def hours(self, day: date) -> Hours:
        hours = self.usual(day)
        shut = [each for each in self.closures if each.starts.date() <= day <= each.ends.date()]
        return _without(hours, day, shut) if shut and hours else hours

    def usual(self, day: date) -> Hours:
        """The hours without regard to closures."""
        if day in self.own:
            return self.own[day]
        holiday = self.public.get(day)
        if holiday is None:
            return self.week[day.weekday()]
        return self.made_up(day) if holiday.works else ()

    def made_up(self, day: date) -> Hours:
        """The hours of a day that is worked though it is a weekend's."""
        return self.week[day.weekday()] or next((hours for hours in self.week if hours), ())


AROUND_THE_CLOCK = WorkingTime((ALL_DAY,) * 7)


class Calendars:
    """The calendar of each place, for one process; called with a place's id, as `Runtime.calendars`."""

    def __init__(self, database: sa.Engine, *, fresh: float = FRESH) -> None:
        self._database, self._fresh = database, fresh
        self._lock = Lock()
        self._version, self._checked = 0, -fresh
        self._known: dict[int, Calendar | None] = {}

    def __call__(self, place_id: int) -> Calendar | None:
        """The place's working time; None where every hour counts."""
        if monotonic() - self._checked >= self._fresh:
            self._check()
        known = self._known
        if place_id not in known:
            with reading(self._database) as session:
                known[place_id] = working_time(session, place_id)
        return known[place_id]

    def forget(self) -> None:
        """Look again at the next call: this process has just changed something."""
        self._checked = monotonic() - self._fresh

    def _check(self) -> None:
        with reading(self._database) as session:
            version = session.connection().execute(_VERSION).scalar_one_or_none() or 0
        with self._lock:
            self._checked = monotonic()
            if version != self._version:
                self._version, self._known = version, {}


_VERSION = sa.select(ServiceVersion.version).where(ServiceVersion.id == 1)


def touch(session: Session) -> int:
    """Says in this transaction that calendars have changed; the new version."""
    newer = sa.update(ServiceVersion).where(ServiceVersion.id == 1).values(version=ServiceVersion.version + 1)
    return int(session.execute(newer.returning(ServiceVersion.version)).scalar_one())


def working_time(session: Session, place_id: int) -> WorkingTime | None:
    """What counts as working time at a place: None where neither a calendar nor a closure says anything."""
    path = session.scalar(sa.select(Place.path).where(Place.id == place_id))
    above = ancestors(path or "")
    calendar, closures = calendar_at(session, above), closures_at(session, above)
    if calendar is None:
        return WorkingTime(AROUND_THE_CLOCK.week, closures=closures) if closures else None
    return time_of(session, calendar, closures)


def calendar_at(session: Session, above: Sequence[int]) -> BusinessCalendar | None:
    """The calendar that the nearest of these places chose; they go from the group down."""
    query = sa.select(PlaceCalendar.place_id, BusinessCalendar).join(
        BusinessCalendar, BusinessCalendar.id == PlaceCalendar.calendar_id
    )
    chosen = {row[0]: row[1] for row in session.execute(query.where(PlaceCalendar.place_id.in_(above)))}
    return next((chosen[place_id] for place_id in reversed(above) if place_id in chosen), None)


def closures_at(session: Session, above: Sequence[int]) -> tuple[Shut, ...]:
    """When these places are closed, soonest first."""
    query = sa.select(Closure).where(Closure.place_id.in_(above)).order_by(Closure.starts, Closure.id)
    return tuple(shut(each) for each in session.scalars(query))


def shut(closure: Closure) -> Shut:
    return Shut(datetime.fromisoformat(closure.starts), datetime.fromisoformat(closure.ends), closure.reason)


def time_of(session: Session, calendar: BusinessCalendar, closures: Sequence[Shut] = ()) -> WorkingTime:
    """A calendar as working time, at a place with these closures."""
    days = sa.select(CalendarDay.day, CalendarDay.hours).where(CalendarDay.calendar_id == calendar.id)
    return WorkingTime(
        week=tuple(read_hours(calendar.hours.get(day, "")) for day in WEEK),
        own={day: read_hours(hours) for day, hours in session.execute(days)},
        public=holidays(session, calendar.holidays),
        closures=tuple(closures),
    )


def _without(hours: Hours, day: date, closures: Sequence[Shut]) -> Hours:
    """What closures leave of a day's hours."""
    midnight = datetime.combine(day, time())
    spans = [(datetime.combine(day, opens), _end(midnight, closes)) for opens, closes in hours]
    for each in closures:
        spans = [part for span in spans for part in _apart(span, each)]
    return tuple((opens.time(), closes.time()) for opens, closes in spans)


def _end(midnight: datetime, closes: time) -> datetime:
    return midnight + timedelta(days=1) if closes == time() else datetime.combine(midnight.date(), closes)


def _apart(span: tuple[datetime, datetime], closure: Shut) -> list[tuple[datetime, datetime]]:
    opens, closes = span
    parts = ((opens, min(closes, closure.starts)), (max(opens, closure.ends), closes))
    return [(first, last) for first, last in parts if first < last]
