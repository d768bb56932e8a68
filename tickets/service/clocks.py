"""Owns how a ticket's clocks stand after a change: counted, paused, met or missed; the one place that writes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import NEVER
from engine.timing import NotATime, parse_duration
from tickets.change import Was
from tickets.deadlines import Deadline, DeadlineKind
from tickets.places import Place, ancestors
from tickets.runtime import calendar_of
from tickets.service.policies import Terms
from tickets.service.reckoning import Course, Pause
from tickets.service.tables import ClockKind, Outcome, ServiceClock, ServicePause
from tickets.ticket import ENDED, PAUSED, Status


class Mode(StrEnum):
    """What a status means to a clock."""

    RUNS = "runs"
    PAUSED = "paused"
    STOPPED = "stopped"


def mode_of(status: str) -> Mode:
    if status in PAUSED:
        return Mode.PAUSED
    return Mode.STOPPED if status in ENDED or status == Status.RESOLVED else Mode.RUNS


@dataclass
class Tally:
    """A ticket's clocks by kind, and what they are counted by."""

    was: Was
    zone: ZoneInfo
    root_id: int
    clocks: dict[str, ServiceClock]
    pauses: list[Pause] = field(default_factory=list)

    def course(self, session: Session, clock: ServiceClock) -> Course:
        calendar = calendar_of(session, self.was.place_id) if clock.working else None
        return Course(clock.started_at, self.zone, calendar, self.pauses)


def tally(session: Session, was: Was, clocks: Sequence[ServiceClock]) -> Tally:
    """The clocks with their pauses and the place's zone."""
    connection = session.connection()
    path, zone = connection.execute(_SITE, {"of_place": was.place_id}).one()
    pauses = connection.execute(_PAUSES, {"of_ticket": was.id})
    kept = [(row[0], row[1]) for row in pauses]
    return Tally(was, ZoneInfo(zone), ancestors(path)[0], {each.kind: each for each in clocks}, kept)


_SITE = sa.select(Place.path, Place.time_zone).where(Place.id == sa.bindparam("of_place"))
_PAUSES = (
    sa.select(ServicePause.started_at, ServicePause.ended_at)
    .where(ServicePause.ticket_id == sa.bindparam("of_ticket"))
    .order_by(ServicePause.started_at, ServicePause.id)
)


def clocks_of(session: Session, ticket_id: int) -> list[ServiceClock]:
    return clocks_of_all(session, [ticket_id]).get(ticket_id, [])


def clocks_of_all(session: Session, ticket_ids: Sequence[int]) -> dict[int, list[ServiceClock]]:
    """The clocks of these tickets; those that have none are missing."""
    found: dict[int, list[ServiceClock]] = {}
    for clock in session.scalars(_CLOCKS, {"of_tickets": ticket_ids}) if ticket_ids else ():
        found.setdefault(clock.ticket_id, []).append(clock)
    return found


_CLOCKS = (
    sa.select(ServiceClock)
    .where(ServiceClock.ticket_id.in_(sa.bindparam("of_tickets", expanding=True)))
    .order_by(ServiceClock.id)
)


def take_terms(session: Session, held: Tally, terms: Terms) -> None:
    """Lets the clocks count by other terms: a promise that is new begins one, one that is gone ends it.

    What was met or missed stays; nobody's first reply is judged once it was given.
    """
    for kind in ClockKind:
        clock, promised = held.clocks.get(kind), kind in terms.spans
        if clock is None and promised and not (kind is ClockKind.RESPONSE and held.was.first_reply_at):
            clock = held.clocks[kind] = new_clock(held.was, kind, terms)
            session.add(clock)
        elif clock is not None and clock.outcome is None and not promised:
            session.delete(held.clocks.pop(kind))
        elif clock is not None and clock.outcome is None:
            for name, value in terms.snapshot(kind).items():
                setattr(clock, name, value)


def new_clock(was: Was, kind: str, terms: Terms) -> ServiceClock:
    """One that runs since the ticket was filed."""
    return ServiceClock(
        brand_id=was.brand_id,
        place_id=was.place_id,
        type_id=was.type_id,
        ticket_id=was.id,
        kind=str(kind),
        started_at=was.created_at,
        due_at=NEVER,
        **terms.snapshot(kind),
    )


def count(session: Session, held: Tally, *, status: Status, replied: datetime | None, at: datetime) -> dict[str, Any]:
    """Brings the clocks to how the ticket stands at a moment; the columns of the ticket that follow."""
    over = at if mode_of(status) is Mode.STOPPED else None
    for clock in held.clocks.values():
        answered = replied if clock.kind == ClockKind.RESPONSE else None
        if clock.stopped_at is None or (over is None and clock.kind == ClockKind.RESOLUTION):
            void = status is Status.WITHDRAWN and answered is None
            _count(clock, held.course(session, clock), stop=answered or over, void=void)
    return ticket_values(held.clocks)


def ticket_values(clocks: Mapping[str, ServiceClock]) -> dict[str, Any]:
    """What the ticket's row says of its clocks."""
    response, resolution = clocks.get(ClockKind.RESPONSE), clocks.get(ClockKind.RESOLUTION)
    return {
        "response_due_at": response.due_at if response is not None and _is_told(response) else None,
        "due_at": resolution.due_at if resolution is not None and _is_told(resolution) else NEVER,
        "due_left": resolution.left if resolution is not None else None,
    }


def _is_told(clock: ServiceClock) -> bool:
    return clock.due_at != NEVER and clock.outcome != Outcome.VOID


def _count(clock: ServiceClock, course: Course, *, stop: datetime | None, void: bool) -> None:
    if clock.stopped_at is not None:  # it was taken up again
        clock.stopped_at = None
        if clock.outcome == Outcome.MET:
            clock.outcome = clock.judged_at = None
    if clock.outcome is None:
        _set_due(clock, course)
    if stop is not None:
        _stop(clock, stop, void=void)


def _set_due(clock: ServiceClock, course: Course) -> None:
    clock.paused_since = clock.left = None
    clock.due_at = NEVER
    try:
        length = course.length(clock.span)
        due = course.reaches(length)
    except NotATime:  # a calendar without working time: it is never due
        return
    if due is None:
        clock.paused_since = course.pauses[-1][0]
        clock.left = round((length - course.passed(clock.paused_since)).total_seconds())
    else:
        clock.due_at = due


def _stop(clock: ServiceClock, at: datetime, *, void: bool) -> None:
    clock.stopped_at, clock.paused_since, clock.left = at, None, None
    if clock.outcome is None and at > clock.due_at:
        miss(clock)
    elif clock.outcome is None:
        clock.outcome, clock.judged_at = (Outcome.VOID if void else Outcome.MET).value, at


def miss(clock: ServiceClock) -> None:
    """It was not kept in time, since the moment it was due."""
    clock.outcome, clock.judged_at, clock.breached_at = Outcome.MISSED.value, clock.due_at, clock.due_at


def set_deadlines(session: Session, held: Tally) -> None:
    """For each clock the next moment at which something happens, and no other."""
    session.connection().execute(_FORGET, {"of_ticket": held.was.id})
    first_deadlines(session, held)


_FORGET = sa.delete(Deadline).where(
    Deadline.ticket_id == sa.bindparam("of_ticket"),
    Deadline.kind.in_([kind.value for kind in (DeadlineKind.WARN, DeadlineKind.BREACH, DeadlineKind.ESCALATE)]),
)


def insert_clocks(session: Session, clocks: Iterable[ServiceClock]) -> None:
    """The clocks of a ticket that has just been filed, in one statement: filing has no need of them as objects."""
    rows = [{name: getattr(clock, name) for name in _COLUMNS} for clock in clocks]
    session.connection().execute(sa.insert(ServiceClock), rows)


_COLUMNS = tuple(column.key for column in ServiceClock.__table__.columns if column.key != "id")


def first_deadlines(session: Session, held: Tally) -> None:
    """As `set_deadlines`, where there are none yet."""
    rows: list[dict[str, Any]] = [
        {
            "ticket_id": held.was.id,
            "brand_id": held.was.brand_id,
            "kind": kind.value,
            "key": clock.kind,
            "due_at": moment,
            "args": {},
            "attempts": 0,
        }
        for clock in held.clocks.values()
        for kind, moment in next_deadline(clock, held.course(session, clock))
    ]
    if rows:
        session.connection().execute(sa.insert(Deadline), rows)


def next_deadline(clock: ServiceClock, course: Course) -> Iterator[tuple[DeadlineKind, datetime]]:
    """What comes next on a clock that still runs: a warning, the breach, then who is told of it."""
    if clock.stopped_at is not None or clock.outcome == Outcome.VOID:
        return
    try:
        length = course.length(clock.span)
        if clock.outcome is None:
            warned = warn_length(clock.warn_before, length) if clock.warned_at is None else None
            kind = DeadlineKind.WARN if warned is not None else DeadlineKind.BREACH
            moment = course.reaches(warned if warned is not None else length)
        elif clock.escalate_after and clock.escalated_at is None:
            kind = DeadlineKind.ESCALATE
            moment = course.reaches(length + span_of(clock.escalate_after))
        else:
            return
    except NotATime:
        return
    if moment is not None:
        yield kind, moment


def warn_length(text: str, length: timedelta) -> timedelta | None:
    """After how long it is due soon; None when nobody is to be warned, or sooner than from the start."""
    if not text:
        return None
    before = length * (int(text[:-1]) / 100) if text.endswith("%") else span_of(text)
    return length - before if before < length else None


def span_of(text: str) -> timedelta:
    """A duration of hours and minutes."""
    return timedelta(seconds=parse_duration(text).total)
