"""Owns putting people in copy (抄送) by hand, the list of what one is in copy of, and what was seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.change import Change, Was, told
from tickets.copies import TicketCc
from tickets.errors import Invalid, NotFound
from tickets.inserts import insert_unless_there
from tickets.lookup import ticket_for
from tickets.notices.reading import read_of_ticket, unread_of
from tickets.paging import EPOCH, Page, Position, clamped, read_cursor, write_cursor
from tickets.people import Person
from tickets.policy import Verb
from tickets.rows import TicketRow, ticket_row, ticket_rows
from tickets.runtime import Runtime
from tickets.standing import numbered
from tickets.ticket import Ticket
from tickets.timeline import EventKind

AT_ONCE = 50
MOST = 200


@dataclass(frozen=True, slots=True)
class CopyRow:
    """A ticket that one is in copy of; `unseen`: something has happened since one looked."""

    ticket: TicketRow
    unseen: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class Copied:
    """Somebody in copy of a ticket; `by_type`: its type put them there."""

    public_id: UUID
    name: str
    by_type: bool


def add_copies(runtime: Runtime, actor: Actor, number: str, people: Sequence[UUID]) -> list[str]:
    """Put people of the ticket's brand or of the group in copy; the names of those who were not yet.

    Raises NotFound for somebody who is not there, has left or is of another brand.
    """
    wanted = list(dict.fromkeys(people))
    if not wanted:
        raise Invalid(Message(N_("Choose somebody to put in copy.")))
    if len(wanted) > AT_ONCE:
        raise Invalid(Message(N_("At most %(limit)s people at once; add the rest afterwards."), {"limit": AT_ONCE}))
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.CC), runtime.clock.now()
        found = [_person(session, actor, ticket, each) for each in wanted]
        fresh = [each for each in found if _insert(session, ticket, each, actor, now)]
        if _count(session, ticket) > MOST:
            raise Invalid(Message(N_("At most %(limit)s people are in copy of a ticket."), {"limit": MOST}))
        if fresh:
            _write(session, ticket, actor, EventKind.CC_ADDED, fresh, now)
        return [person.name for person in fresh]


def remove_copy(runtime: Runtime, actor: Actor, number: str, person: UUID) -> None:
    """Take somebody out of the copy. Raises NotFound when they are not in it."""
    with runtime.writing() as session, session.begin():
        ticket, now = ticket_for(session, actor, number, Verb.CC), runtime.clock.now()
        found = session.scalar(
            sa.select(Person)
            .join(TicketCc, TicketCc.person_id == Person.id)
            .where(TicketCc.ticket_id == ticket.id, Person.public_id == person)
        )
        if found is None:
            raise NotFound(N_("This person"))
        mine = sa.delete(TicketCc).where(TicketCc.ticket_id == ticket.id, TicketCc.person_id == found.id)
        session.connection().execute(mine)
        _write(session, ticket, actor, EventKind.CC_REMOVED, [found], now)


def copied_people(session: Session, number: str) -> list[Copied]:
    """Who is in copy of a ticket that the caller may see, in the order in which they were added."""
    query = sa.select(Person.public_id, Person.name, TicketCc.by_id).join(Person, Person.id == TicketCc.person_id)
    of = query.join(Ticket, Ticket.id == TicketCc.ticket_id).where(numbered(number))
    rows = session.execute(of.order_by(TicketCc.id))
    return [Copied(public_id, name, by_type=by_id is None) for public_id, name, by_id in rows]


def copied_to(session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[CopyRow]:
    """What the actor is in copy of, newest first; one statement."""
    after, size = read_cursor(cursor), clamped(limit)
    query = (
        ticket_rows()
        .add_columns(TicketCc.at, TicketCc.seen_at)
        .join(TicketCc, TicketCc.ticket_id == Ticket.id)
        .where(TicketCc.person_id == actor.person_id)
        .order_by(TicketCc.ticket_id.desc())
        .limit(size + 1)
    )
    rows = session.execute(query.where(TicketCc.ticket_id < after.id) if after else query).all()
    shown = tuple(_row(row) for row in rows[:size])
    return Page(shown, write_cursor(Position(EPOCH, shown[-1].ticket.id)) if len(rows) > size else None)


def looked_at(runtime: Runtime, session: Session, actor: Actor, number: str) -> None:
    """Takes what they were told of a ticket as read, and its copy as seen. Read first: mostly there is nothing."""
    copied = (TicketCc.ticket_id == Ticket.id, TicketCc.person_id == actor.person_id)
    news = sa.or_(TicketCc.seen_at.is_(None), TicketCc.seen_at < Ticket.updated_at)
    query = sa.select(Ticket.id, unread_of(actor), sa.exists().where(*copied, news)).where(numbered(number))
    found = session.execute(query).one_or_none()
    if found is None or not (found[1] or found[2]):
        return
    now = runtime.clock.now()
    with runtime.writing() as writing, writing.begin():
        read_of_ticket(writing, actor, found[0], now)
        mine = (TicketCc.ticket_id == found[0], TicketCc.person_id == actor.person_id)
        writing.connection().execute(sa.update(TicketCc).where(*mine).values(seen_at=now))


def _person(session: Session, actor: Actor, ticket: Ticket, public_id: UUID) -> Person:
    here = Person.brand_id.in_((ticket.brand_id, actor.root_id))
    query = sa.select(Person).where(
        Person.public_id == public_id, here, Person.departed_at.is_(None), ~Person.is_client
    )
    person = session.scalar(query)
    if person is None:
        raise NotFound(N_("This person"))
    return person


def _insert(session: Session, ticket: Ticket, person: Person, actor: Actor, now: datetime) -> bool:
    row = {"brand_id": ticket.brand_id, "ticket_id": ticket.id, "person_id": person.id, "at": now}
    return insert_unless_there(session, TicketCc, **row, by_id=actor.person_id)


def _count(session: Session, ticket: Ticket) -> int:
    query = sa.select(sa.func.count()).select_from(TicketCc).where(TicketCc.ticket_id == ticket.id)
    return session.scalars(query).one()


def _write(
    session: Session, ticket: Ticket, actor: Actor, kind: EventKind, people: Sequence[Person], now: datetime
) -> None:
    was = Was.of(ticket)
    events = [told(was, kind, actor, now, public=True, to_id=person.id) for person in people]
    changing.write(session, Change(was, now, actor, {}, events))


def _row(row: Any) -> CopyRow:
    *columns, since, seen = row
    ticket = ticket_row(columns)
    return CopyRow(ticket, unseen=seen is None or seen < ticket.updated_at, since=since)
