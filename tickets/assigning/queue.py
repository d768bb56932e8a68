"""Owns the dispatch queue: the tickets that nobody takes on by themselves, why, and who could."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import UtcDateTime
from engine.models import UserTask
from tickets.access import Actor, Permission, overseen_tickets
from tickets.assigning.fitness import may_answer
from tickets.assigning.models import PersonSkill
from tickets.assigning.picking import Candidate, candidates, reached_brands, works
from tickets.assigning.suited import NOBODY, Reason, rank
from tickets.assigning.waiting import NAMELESS
from tickets.lists.aside import Aside
from tickets.paging import Page, Position, clamped, read_cursor, write_cursor
from tickets.people import Person
from tickets.places import Place
from tickets.rows import TicketRow, ticket_row, ticket_rows
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind, TimelineEvent
from tickets.types import TicketType

COUNTED = 100
NEAREST = 200
"""Of how many people the load is worked out for the list of candidates."""
SHOWN = 12


class QueueView(StrEnum):
    """WAITING: nobody was found. OFFERED: a role may claim it, but nobody answers for it yet."""

    WAITING = "waiting"
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class NamelessTask:
    """An open task that waits for nobody."""

    public_id: UUID
    name: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A ticket in the queue: since when, the tasks that name nobody, and the event that brought it here, if one did."""

    ticket: TicketRow
    since: datetime | None
    tasks: tuple[NamelessTask, ...]
    event: TimelineEvent | None


def dispatch_queue(
    session: Session,
    actor: Actor,
    *,
    view: QueueView = QueueView.WAITING,
    type_key: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[QueueRow]:
    """One page of what waits in the actor's scopes of dispatching, soonest due first; three statements."""
    after, size = read_cursor(cursor), clamped(limit)
    query = ticket_rows().where(*_in_view(view), overseen_tickets(actor, Permission.DISPATCH))
    if type_key:
        query = query.where(TicketType.key == type_key) if type_key.isprintable() else query.where(sa.false())
    if after is not None:
        position = sa.tuple_(sa.literal(after.due, UtcDateTime()), sa.literal(after.id, sa.BigInteger()))
        query = query.where(sa.tuple_(Ticket.due_at, Ticket.id) > position)
    found = session.execute(query.order_by(Ticket.due_at, Ticket.id).limit(size + 1)).all()
    shown = found[:size]
    tasks = _nameless(session, [row[0].instance_id for row in shown])
    events = _why(session, [row[0].id for row in shown])
    rows = tuple(
        QueueRow(ticket_row(row), row[0].dispatch_at, tasks.get(row[0].instance_id, ()), events.get(row[0].id))
        for row in shown
    )
    last = shown[-1][0] if len(found) > size else None
    return Page(rows, last and write_cursor(Position(last.due_at, last.id)))


def count_waiting(session: Session, actor: Actor, view: QueueView = QueueView.WAITING) -> int:
    """How many wait, at most COUNTED."""
    some = sa.select(Ticket.id).where(*_in_view(view), overseen_tickets(actor, Permission.DISPATCH))
    return session.scalars(sa.select(sa.func.count()).select_from(some.limit(COUNTED).subquery())).one()


def able(
    session: Session,
    actor: Actor,
    now: datetime,
    suits: Mapping[int, Sequence[Reason]] = NOBODY,
    tickets: Collection[int] = (),
) -> list[Candidate]:
    """Who could be given tickets by this dispatcher: those who suit them first, the best reason first; then the rest.

    Of equal ones the least loaded first; those who are away last of all. `suits`: who suits the tickets, and why. With
    `tickets` only those who may have one of them.
    """
    brands = reached_brands(actor)
    near = sa.select(Place.id).where(Place.path.startswith(actor.place_path))
    here = may_answer(session, tickets) if tickets else works(session)
    criteria = [here, Person.departed_at.is_(None)]
    if brands is not None:
        criteria.append(Person.brand_id.in_(brands))
    nearest = (
        sa.select(Person.id)
        .where(*criteria)
        .order_by(sa.case((Person.place_id.in_(near), 0), else_=1), Person.id)
        .limit(NEAREST)
        .subquery()
    )
    near_or_suited = sa.or_(Person.id.in_(sa.select(nearest.c.id)), sa.and_(Person.id.in_(suits), *criteria))
    people = candidates(session, [near_or_suited], now=now, limit=NEAREST, first=suits)
    return sorted(people, key=lambda one: (one.away_until is not None, rank(suits.get(one.id, ())), one.load, one.name))


def skills_of(session: Session, people: Collection[int]) -> dict[int, tuple[str, ...]]:
    """What each of them knows."""
    query = sa.select(PersonSkill.person_id, PersonSkill.skill).where(PersonSkill.person_id.in_(people))
    found: dict[int, tuple[str, ...]] = {}
    for person_id, skill in session.execute(query.order_by(PersonSkill.skill)):
        found[person_id] = (*found.get(person_id, ()), skill)
    return found


def types_waiting(session: Session, actor: Actor, view: QueueView) -> list[TicketType]:
    """The types of what waits, for the filter."""
    seen = sa.select(Ticket.type_id).where(*_in_view(view), overseen_tickets(actor, Permission.DISPATCH)).limit(2000)
    return list(session.scalars(sa.select(TicketType).where(TicketType.id.in_(seen)).order_by(TicketType.name)))


def _in_view(view: QueueView) -> tuple[sa.ColumnElement[bool], ...]:
    if view is QueueView.OFFERED:
        return (Ticket.status == Status.OFFERED.value, Aside(Ticket.owner_id).is_(None), Ticket.dispatch_at.is_(None))
    return (Ticket.dispatch_at.is_not(None),)


def _nameless(session: Session, instances: Sequence[int]) -> dict[int, tuple[NamelessTask, ...]]:
    query = (
        sa.select(UserTask.instance_id, UserTask.public_id, UserTask.name, UserTask.names)
        .where(UserTask.instance_id.in_(instances), NAMELESS)
        .order_by(UserTask.id)
    )
    found: dict[int, tuple[NamelessTask, ...]] = {}
    for instance_id, public_id, name, names in session.execute(query):
        found[instance_id] = (*found.get(instance_id, ()), NamelessTask(public_id, name, names))
    return found


_BRINGS = (EventKind.DECLINED, EventKind.LAPSED, EventKind.DEPARTED, EventKind.REOPENED, EventKind.RESUMED)


def _why(session: Session, tickets: Sequence[int]) -> dict[int, TimelineEvent]:
    """The last event of each that may have brought it here."""
    last = (
        sa.select(sa.func.max(TimelineEvent.id))
        .where(TimelineEvent.ticket_id.in_(tickets), TimelineEvent.kind.in_([kind.value for kind in _BRINGS]))
        .group_by(TimelineEvent.ticket_id)
    )
    events = session.scalars(sa.select(TimelineEvent).where(TimelineEvent.id.in_(last)))
    return {event.ticket_id: event for event in events}
