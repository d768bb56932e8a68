"""Owns what the pages of calendars, closures and policies show."""

from __future__ import annotations

import calendar as months
from collections.abc import Callable, Mapping, Sequence
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
from tickets.roles import Role
from tickets.service.editing import days_of, find_calendar
from tickets.service.hours import write_hours
from tickets.service.policies import of_file
from tickets.service.reach import check_sees, closes, keeps, of_brands, owners, place_seen
from tickets.service.reckoning import Course
from tickets.service.tables import BusinessCalendar, Closure, PlaceCalendar, PublicHoliday, ServicePolicy
from tickets.service.working import Shut, WorkingTime, closures_at, time_of, working_time
from tickets.ticket import Priority
from tickets.types import TicketType

MOST_PLACES = 500
FileOf = Callable[[int], Mapping[str, str]]
"""A definition version's properties, by its id."""


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


PRIORITIES = ("", *(priority.value for priority in Priority))


@dataclass(frozen=True, slots=True)
class PolicyCell:
    """What holds for a type and a priority: `own` if this very row says so, else inherited from `source`."""

    priority: str
    policy: ServicePolicy | None
    own: bool
    spans: Mapping[str, str]
    working: bool
    source: str


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A type ("": all of them) with a cell for each priority, "" first."""

    key: str
    name: str
    names: Mapping[str, str]
    cells: tuple[PolicyCell, ...]


@dataclass(frozen=True, slots=True)
class PolicyTable:
    owner: Place
    owners: tuple[Place, ...]
    editable: bool
    rows: tuple[PolicyRow, ...]


def policy_table(session: Session, actor: Actor, owner_id: UUID | None, file_of: FileOf) -> PolicyTable:
    """What a brand (or the group) promises, by type and priority; their own brand unless another is asked for."""
    check_sees(actor)
    seen = owners(session, actor)
    own = next((place for place in seen if place.id == actor.brand_id), seen[0])
    owner = place_seen(session, actor, owner_id) if owner_id else own
    owner = next((place for place in seen if place.id == owner.brand_id), own)
    brands = (owner.id, actor.root_id)
    policies = list(session.scalars(sa.select(ServicePolicy).where(ServicePolicy.brand_id.in_(brands))))
    by = {(each.brand_id, each.type_key, each.priority): each for each in policies}
    kinds = [None, *types_of(session, brands)]
    rows = (_policy_row(owner, actor.root_id, by, kind, file_of(kind.definition_id) if kind else {}) for kind in kinds)
    return PolicyTable(owner, tuple(seen), keeps(actor, owner), tuple(rows))


def types_of(session: Session, brands: Sequence[int]) -> list[TicketType]:
    """The active types there, one for each key: the brand's own before the group's."""
    query = sa.select(TicketType).where(TicketType.brand_id.in_(brands), TicketType.active)
    found: dict[str, TicketType] = {}
    for each in session.scalars(query.order_by(TicketType.name, TicketType.id)):
        if each.key not in found or each.brand_id == brands[0]:
            found[each.key] = each
    return list(found.values())


def _policy_row(
    owner: Place,
    root_id: int,
    by: Mapping[tuple[int, str, str], ServicePolicy],
    kind: TicketType | None,
    file: Mapping[str, str],
) -> PolicyRow:
    key = kind.key if kind else ""
    cells = tuple(_policy_cell(owner, root_id, by, key, priority, file) for priority in PRIORITIES)
    return PolicyRow(key, kind.name if kind else "", kind.names if kind else {}, cells)


def _policy_cell(
    owner: Place,
    root_id: int,
    by: Mapping[tuple[int, str, str], ServicePolicy],
    key: str,
    priority: str,
    file: Mapping[str, str],
) -> PolicyCell:
    asked = (key, priority)
    order = dict.fromkeys(
        (brand, *each) for brand in (owner.id, root_id) for each in (asked, (key, ""), ("", priority), ("", ""))
    )
    found = next((each for each in order if each in by), None)
    if found is None:
        terms = of_file(file)
        return PolicyCell(
            priority, None, own=False, spans=terms.spans, working=terms.working, source="file" if terms.spans else ""
        )
    policy = by[found]
    spans = {kind: span for kind, span in (("response", policy.response), ("resolution", policy.resolution)) if span}
    own = found == (owner.id, *asked)
    source = "" if own else "group" if found[0] != owner.id else "less"
    return PolicyCell(priority, policy, own, spans, policy.working, source)


def find_policy(session: Session, owner: Place, type_key: str, priority: str) -> ServicePolicy | None:
    """The policy of this very brand, type and priority."""
    wanted = {"brand_id": owner.id, "type_key": type_key, "priority": priority}
    return session.scalar(sa.select(ServicePolicy).filter_by(**wanted))


def roles_of(session: Session, brands: Sequence[int]) -> list[Role]:
    return list(session.scalars(sa.select(Role).where(Role.brand_id.in_(brands)).order_by(Role.id)))


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
