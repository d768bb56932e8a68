"""Owns the dashboard's numbers: counted at once for all that one sees, each with the list that it is the length of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import UtcDateTime
from tickets.lists.aside import Aside
from tickets.lists.criteria import RUNNING
from tickets.lists.query import ME, Moments, Promise, TicketQuery
from tickets.lists.sight import Reach, reaches, sights
from tickets.places import Place, PlaceKind, ancestors
from tickets.rows import AnySelect
from tickets.service.tables import ClockKind, Outcome, ServiceClock
from tickets.ticket import OPEN, Status, Ticket
from tickets.types import TicketType

if TYPE_CHECKING:
    from tickets.actor import Actor

SOON = timedelta(hours=24)
DAYS = 30
PERIOD = timedelta(days=DAYS)
MOST_PLACES = 30


class Measure(StrEnum):
    """What is counted of a set of tickets."""

    OPEN = "open"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    UNASSIGNED = "unassigned"
    URGED = "urged"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the list that holds as many rows."""

    number: int
    query: TicketQuery


Figures = Mapping[Measure, Figure]


@dataclass(frozen=True, slots=True)
class Day:
    """One day in the reader's time zone."""

    day: date
    opened: Figure
    closed: Figure


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One brand or campus below the reader's scope; worst first."""

    public_id: UUID
    name: str
    names: Mapping[str, str]
    figures: Figures


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """How one type kept one promise in the period."""

    type_key: str
    type_name: str
    type_names: Mapping[str, str]
    kind: ClockKind
    met: Figure
    missed: Figure

    @property
    def share(self) -> float:
        """How many of those judged were met, 0 to 1."""
        judged = self.met.number + self.missed.number
        return self.met.number / judged if judged else 1.0


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`mine` are the reader's own; the others count all that they see, `places` only for those with wide scopes."""

    mine: Figures
    seen: Figures
    backlog: Mapping[Status, Figure]
    days: Sequence[Day]
    places: Sequence[PlaceLine]
    service: Sequence[ServiceLine]


def dashboard(session: Session, actor: Actor, now: datetime) -> Dashboard:
    """All figures, in a handful of statements however many tickets there are."""
    return Dashboard(
        mine=my_figures(session, actor, now),
        seen=seen_figures(session, actor, now),
        backlog=backlog(session, actor),
        days=days(session, actor, now),
        places=place_lines(session, actor, now),
        service=service_lines(session, actor, now),
    )


def queries(now: datetime, base: TicketQuery = TicketQuery()) -> Mapping[Measure, TicketQuery]:
    """The list behind each measure, of the tickets that `base` asks for."""
    return {
        Measure.OPEN: replace(base, statuses=OPEN),
        Measure.OVERDUE: replace(base, overdue=True),
        Measure.DUE_SOON: replace(base, statuses=frozenset(RUNNING), due=Moments(now, now + SOON)),
        Measure.UNASSIGNED: replace(base, statuses=frozenset({Status.UNASSIGNED})),
        Measure.URGED: replace(base, statuses=OPEN, urged=True),
    }


def my_figures(session: Session, actor: Actor, now: datetime) -> Figures:
    """Of the tickets that they answer for."""
    asked = queries(now, TicketQuery(owners=(ME,)))
    counts = session.execute(_measured(now).where(Ticket.owner_id == actor.person_id)).one()
    numbers = dict(zip(Measure, counts, strict=True))
    return {name: Figure(numbers[name] or 0, each) for name, each in asked.items() if name is not Measure.UNASSIGNED}


def seen_figures(session: Session, actor: Actor, now: datetime) -> Figures:
    """Of all the tickets that they see."""
    total: Counter[Measure] = Counter()
    for name, number in session.execute(sa.union_all(*_parts(actor, now))):
        total[Measure(name)] += number
    return {name: Figure(total[name], each) for name, each in queries(now).items()}


def _measured(now: datetime) -> AnySelect:
    """Every measure as a column, for few tickets."""
    conditions = [_condition(name, now) for name in Measure]
    return sa.select(*(sa.func.sum(sa.case((each, 1), else_=0)) for each in conditions)).where(_is_open())


def _parts(actor: Actor, now: datetime) -> Iterator[AnySelect]:
    """Every measure as a row of its own, each counted in the index that holds it."""
    for name in Measure:
        for sight in _sights(actor, aside=name in _BY_TIME):
            yield sa.select(sa.literal(name.value), sa.func.count()).where(_condition(name, now), sight)


_BY_TIME = frozenset({Measure.OVERDUE, Measure.DUE_SOON, Measure.URGED})
"""Found by their moments, whatever the place."""


def _condition(name: Measure, now: datetime) -> sa.ColumnElement[bool]:
    running = Ticket.status.in_([status.value for status in RUNNING])
    match name:
        case Measure.OVERDUE:
            return running & (Ticket.due_at < now)
        case Measure.DUE_SOON:
            return running & (Ticket.due_at >= now) & (Ticket.due_at < now + SOON)
        case Measure.UNASSIGNED:
            return Ticket.status == Status.UNASSIGNED.value
        case Measure.URGED:
            return Ticket.urged_at.is_not(None) & Aside(Ticket.status).in_(_OPEN)
    return _is_open()


def _is_open() -> sa.ColumnElement[bool]:
    return Ticket.status.in_(_OPEN)


_OPEN = sorted(status.value for status in OPEN)


def backlog(session: Session, actor: Actor) -> Mapping[Status, Figure]:
    """How many tickets that they see are in each status before the end."""
    total: Counter[str] = Counter()
    for status, number in session.execute(sa.union_all(*(_by_status(sight) for sight in _sights(actor)))):
        total[status] += number
    shown = [status for status in Status if status in OPEN]
    return {status: Figure(total[status], TicketQuery(statuses=frozenset({status}))) for status in shown}


def _by_status(sight: sa.ColumnElement[bool]) -> AnySelect:
    return sa.select(Ticket.status, sa.func.count()).where(_is_open(), sight).group_by(Ticket.status)


def days(session: Session, actor: Actor, now: datetime) -> list[Day]:
    """How many were opened and closed on each of the last DAYS days, today the last."""
    spans = _spans(now, ZoneInfo(actor.time_zone))
    opened, closed = (_per_day(session, actor, spans, column) for column in (Ticket.created_at, Ticket.closed_at))
    return [
        Day(
            day,
            Figure(opened[number], TicketQuery(created=span)),
            Figure(closed[number], TicketQuery(closed=span)),
        )
        for number, (day, span) in enumerate(spans)
    ]


def _spans(now: datetime, zone: ZoneInfo) -> list[tuple[date, Moments]]:
    today = now.astimezone(zone).date()
    found = []
    for back in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        start, end = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
        found.append((day, Moments(start, end)))
    return found


def _per_day(session: Session, actor: Actor, spans: Sequence[tuple[date, Moments]], column: Any) -> Counter[int]:
    starts = [
        sa.select(sa.literal(n).label("n"), _at(m.start, "low"), _at(m.end, "high")) for n, (_, m) in enumerate(spans)
    ]
    bounds = sa.union_all(*starts).cte("spans")
    total: Counter[int] = Counter()
    counts = [
        sa.select(bounds.c.n, sa.func.count())
        .join_from(bounds, Ticket, (column >= bounds.c.low) & (column < bounds.c.high))
        .where(sight)
        .group_by(bounds.c.n)
        for sight in _sights(actor)
    ]
    for number, count in session.execute(sa.union_all(*counts)):
        total[number] += count
    return total


def _at(moment: datetime | None, name: str) -> sa.ColumnElement[datetime]:
    return sa.literal(moment, UtcDateTime()).label(name)


def place_lines(session: Session, actor: Actor, now: datetime) -> list[PlaceLine]:
    """For the whole group its brands, for brands their campuses; nothing for narrower scopes."""
    wide = [reach for reach in reaches(actor) if reach.is_wide]
    if not wide or actor.only_types is not None:
        return []
    places, line_of = _places(session, wide)
    column = Ticket.brand_id if wide == [Reach()] else Ticket.place_id
    counts = _by_place(session, column, line_of, now)
    lines = [
        PlaceLine(
            place.public_id,
            place.name,
            place.names,
            {
                name: Figure(counts[place.id, name], each)
                for name, each in queries(now, TicketQuery(places=(str(place.public_id),))).items()
            },
        )
        for place in places
    ]
    worst = sorted(lines, key=lambda line: [-line.figures[name].number for name in (Measure.OVERDUE, Measure.OPEN)])
    return worst[:MOST_PLACES]


def _places(session: Session, wide: Sequence[Reach]) -> tuple[Sequence[Place], Mapping[int, int]]:
    """The places with a line of their own, and of each place that tickets are at the one in whose line they count."""
    if Reach() in wide:
        brands = session.scalars(sa.select(Place).where(Place.kind == PlaceKind.BRAND).order_by(Place.id)).all()
        return brands, {brand.id: brand.id for brand in brands}
    inside = sa.select(Place).where(Place.brand_id.in_([reach.brand_id for reach in wide])).order_by(Place.id)
    places = session.scalars(inside).all()
    campuses = {place.id: place for place in places if place.kind == PlaceKind.CAMPUS}
    above = {place.id: next((each for each in ancestors(place.path) if each in campuses), None) for place in places}
    return list(campuses.values()), {place: campus for place, campus in above.items() if campus is not None}


def _by_place(session: Session, column: Any, line_of: Mapping[int, int], now: datetime) -> Counter[tuple[int, Measure]]:
    total: Counter[tuple[int, Measure]] = Counter()
    columns = {name: Aside(column) if name in _BY_TIME else column for name in Measure}
    counts = [
        sa.select(at, sa.literal(name.value), sa.func.count())
        .where(at.in_(sorted(line_of)), _condition(name, now))
        .group_by(at)
        for name, at in columns.items()
    ]
    for place, name, count in session.execute(sa.union_all(*counts)):
        total[line_of[place], Measure(name)] += count
    return total


def service_lines(session: Session, actor: Actor, now: datetime) -> list[ServiceLine]:
    """How each type kept its promises in the last PERIOD, by type's name."""
    judged, clock = Moments(now - PERIOD, now), ServiceClock
    total: Counter[tuple[str, ClockKind, str]] = Counter()
    names: dict[str, tuple[str, Mapping[str, str]]] = {}
    columns = {"brand": clock.brand_id, "place": clock.place_id, "type_id": clock.type_id, "ticket_id": clock.ticket_id}
    counts = [
        sa.select(clock.type_id, clock.kind, clock.outcome, sa.func.count().label("number"))
        .where(clock.judged_at >= judged.start, clock.judged_at < judged.end, clock.outcome.in_(_JUDGED), sight)
        .where(clock.kind.in_(list(ClockKind)))
        .group_by(clock.type_id, clock.kind, clock.outcome)
        for sight in sights(actor, **columns)
    ]
    found = sa.union_all(*counts).subquery()
    rows = sa.select(TicketType.key, TicketType.name, TicketType.names, found.c.kind, found.c.outcome, found.c.number)
    for key, name, other, kind, outcome, number in session.execute(
        rows.join_from(found, TicketType, TicketType.id == found.c.type_id)
    ):
        names.setdefault(key, (name, other))
        total[key, ClockKind(kind), outcome] += number

    def figure(key: str, kind: ClockKind, outcome: Outcome) -> Figure:
        query = TicketQuery(types=(key,), promise=Promise(kind.value, outcome.value, judged))
        return Figure(total[key, kind, outcome.value], query)

    kinds = sorted({(names[key][0], key, kind) for key, kind, _ in total}, key=str)
    return [
        ServiceLine(key, *names[key], kind, figure(key, kind, Outcome.MET), figure(key, kind, Outcome.MISSED))
        for _, key, kind in kinds
    ]


_JUDGED = (Outcome.MET.value, Outcome.MISSED.value)


def _sights(actor: Actor, *, aside: bool = False) -> list[sa.ColumnElement[bool]]:
    brand: Any = Aside(Ticket.brand_id) if aside else Ticket.brand_id
    return sights(actor, brand=brand, place=Ticket.place_id, type_id=Ticket.type_id, ticket_id=Ticket.id)
