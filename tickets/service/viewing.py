"""Owns what the pages of calendars and closures show, and trying out when something would be due."""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from engine.timing import NotATime
from tickets.access import Actor
from tickets.errors import Invalid
from tickets.places import Place, ancestors
from tickets.service.editing import days_of, find_calendar
from tickets.service.hours import write_hours
from tickets.service.reach import check_sees, closes, keeps, of_brands, owners, place_seen
from tickets.service.reckoning import Course
from tickets.service.tables import BusinessCalendar, Closure, PlaceCalendar, PublicHoliday
from tickets.service.working import Shut, WorkingTime, closures_at, time_of, working_time

MOST_PLACES = 500


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """A calendar in the list: whose it is, how many places chose it, and the years whose holidays aren't known."""

    calendar: BusinessCalendar
    owner: Place
    places: int
    editable: bool
    unknown: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """A place: its own choice, and the calendar that holds there (None: round the clock)."""

    place: Place
    depth: int
    own: BusinessCalendar | None
    holds: BusinessCalendar | None
    editable: bool


def calendar_list(session: Session, actor: Actor, today: date) -> tuple[list[CalendarLine], list[PlaceLine]]:
    """The calendars they see, and the places with the calendar that holds at each."""
    check_sees(actor)
    query = sa.select(BusinessCalendar).where(of_brands(actor, BusinessCalendar.brand_id))
    calendars = {
        each.id: each for each in session.scalars(query.order_by(BusinessCalendar.brand_id, BusinessCalendar.id))
    }
    chosen = {row[0]: row[1] for row in session.execute(sa.select(PlaceCalendar.place_id, PlaceCalendar.calendar_id))}
    known, held_by = years_known(session), {place.id: place for place in owners(session, actor)}
    lines = [
        CalendarLine(
            calendar,
            held_by[calendar.brand_id],
            sum(calendar_id == calendar.id for calendar_id in chosen.values()),
            keeps(actor, held_by[calendar.brand_id]),
            unknown_years(calendar, known, today),
        )
        for calendar in calendars.values()
    ]
    return lines, [_place_line(actor, place, calendars, chosen) for place in places_seen(session, actor)]


def places_seen(session: Session, actor: Actor) -> list[Place]:
    """The places whose calendars they may look at, from the group down."""
    query = sa.select(Place).where(of_brands(actor, Place.brand_id)).order_by(Place.path).limit(MOST_PLACES)
    return list(session.scalars(query))


def _place_line(
    actor: Actor, place: Place, calendars: Mapping[int, BusinessCalendar], chosen: Mapping[int, int]
) -> PlaceLine:
    above = ancestors(place.path)
    holds = next((calendars.get(chosen[each]) for each in reversed(above) if each in chosen), None)
    own = calendars.get(chosen[place.id]) if place.id in chosen else None
    return PlaceLine(place, len(above) - 1, own, holds, keeps(actor, place))


def years_known(session: Session) -> Mapping[str, frozenset[int]]:
    """By region the years whose public holidays have been published."""
    rows = session.execute(sa.select(PublicHoliday.region, PublicHoliday.day)).all()
    return {
        region: frozenset(day.year for other, day in rows if other == region) for region in {row[0] for row in rows}
    }


def unknown_years(calendar: BusinessCalendar, known: Mapping[str, frozenset[int]], today: date) -> tuple[int, ...]:
    """Of this year and the one that is reached within three months those whose holidays it does not know."""
    if not calendar.holidays:
        return ()
    years = sorted({today.year, (today + timedelta(days=92)).year})
    return tuple(year for year in years if year not in known.get(calendar.holidays, frozenset()))


class DayKind(StrEnum):
    WORK = "work"
    OFF = "off"
    HOLIDAY = "holiday"
    MADE_UP = "made_up"
    OWN = "own"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of the month's view; `names` is a public holiday's, `told` an own day's or a closure's."""

    day: date
    inside: bool
    kind: DayKind
    hours: str
    names: Mapping[str, str]
    told: str


@dataclass(frozen=True, slots=True)
class MonthView:
    calendar: BusinessCalendar
    owner: Place
    editable: bool
    place: Place | None
    first: date
    weeks: tuple[tuple[DayView, ...], ...]
    unknown: bool
    days: str


def month_view(session: Session, actor: Actor, calendar_id: UUID, first: date, place_id: UUID | None) -> MonthView:
    """A calendar in a month, at a place with its closures if one is given."""
    check_sees(actor)
    calendar = find_calendar(session, actor, calendar_id)
    place = place_seen(session, actor, place_id) if place_id else None
    shut = closures_at(session, ancestors(place.path)) if place is not None else ()
    time, own = time_of(session, calendar, shut), days_of(session, calendar)
    told = {each.day: each.name for each in own}
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    owner = session.get_one(Place, calendar.brand_id)
    known = years_known(session)
    unknown = bool(calendar.holidays) and first.year not in known.get(calendar.holidays, frozenset())
    drawn = tuple(tuple(_day(day, first, time, told) for day in week) for week in weeks)
    return MonthView(calendar, owner, keeps(actor, owner), place, first, drawn, unknown, "\n".join(map(str, own)))


def _day(day: date, first: date, time: WorkingTime, told: Mapping[date, str]) -> DayView:
    hours, public = time.hours(day), time.public.get(day)
    shut = _shut_on(day, time.closures) if time.usual(day) != hours else None
    if shut is not None:
        kind = DayKind.CLOSED
    elif day in time.own:
        kind = DayKind.OWN
    elif public is not None:
        kind = DayKind.MADE_UP if public.works else DayKind.HOLIDAY
    else:
        kind = DayKind.WORK if hours else DayKind.OFF
    words = shut.reason if shut is not None else told.get(day, "")
    names = public.names if public is not None and kind in {DayKind.HOLIDAY, DayKind.MADE_UP} else {}
    return DayView(day, day.month == first.month, kind, write_hours(hours), names, words)


def _shut_on(day: date, closures: Sequence[Shut]) -> Shut | None:
    return next((each for each in closures if each.starts.date() <= day <= each.ends.date()), None)


@dataclass(frozen=True, slots=True)
class ClosureLine:
    closure: Closure
    place: Place
    starts: datetime
    ends: datetime
    past: bool
    editable: bool


def closure_list(session: Session, actor: Actor, today: date) -> tuple[list[ClosureLine], list[Place]]:
    """Closures of the places they see, soonest first and past ones last, and the places they may close."""
    check_sees(actor)
    query = sa.select(Closure, Place).join(Place, Place.id == Closure.place_id)
    rows = session.execute(query.where(of_brands(actor, Closure.brand_id)).order_by(Closure.starts.desc()).limit(300))
    found: list[tuple[Closure, Place]] = [(row[0], row[1]) for row in rows]
    lines = [
        ClosureLine(
            closure,
            place,
            datetime.fromisoformat(closure.starts),
            datetime.fromisoformat(closure.ends),
            datetime.fromisoformat(closure.ends).date() < today,
            closes(actor, place),
        )
        for closure, place in found
    ]
    coming = sorted((each for each in lines if not each.past), key=lambda each: each.starts)
    mine = [place for place in places_seen(session, actor) if closes(actor, place)]
    return [*coming, *(each for each in lines if each.past)], mine


@dataclass(frozen=True, slots=True)
class Tried:
    """When something would be due at a place."""

    place: Place
    started: datetime
    due: datetime
    zone: ZoneInfo


def try_out(session: Session, actor: Actor, place_id: UUID, wall: datetime, span: str, *, working: bool) -> Tried:
    """A local moment and a span: when it is due there. Raises Invalid where no working time comes any more."""
    check_sees(actor)
    place = place_seen(session, actor, place_id)
    zone = ZoneInfo(place.time_zone)
    started = wall.replace(tzinfo=zone)
    time = working_time(session, place.id) if working else None
    try:
        course = Course(started, zone, time)
        due = course.reaches(course.length(span))
    except NotATime as error:
        raise Invalid(error.message) from None
    if due is None:
        raise Invalid(Message(N_("It is never due.")))
    return Tried(place, started, due, zone)
