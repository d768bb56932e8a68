"""Owns links between tickets: related ones and duplicates, seen and undone from either side."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.change import Change, Was, told
from tickets.errors import Conflict, Invalid
from tickets.family.models import LinkKind, TicketLink
from tickets.family.pairs import pair
from tickets.policy import Verb
from tickets.runtime import Runtime
from tickets.ticket import Ticket
from tickets.timeline import EventKind

MOST = 50


def link(runtime: Runtime, actor: Actor, number: str, other: str, kind: str = LinkKind.RELATED) -> None:
    """The two belong together, or the ticket asks the same as the other; the same once more changes nothing."""
    if kind not in set(LinkKind):
        raise Invalid(Message(N_("There is no such kind of link; choose one of the list.")))
    with runtime.writing() as session, session.begin():
        ticket, found = pair(session, actor, number, other, Verb.LINK)
        now = runtime.clock.now()
        if (known := _between(session, ticket, found)) is not None and known.kind == kind:
            return
        if known is None and _count(session, ticket) >= MOST:
            raise Conflict(Message(N_("A ticket has at most %(limit)s links."), {"limit": MOST}))
        session.execute(sa.delete(TicketLink).where(_ties(ticket, found)))
        row = {"brand_id": ticket.brand_id, "ticket_id": ticket.id, "other_id": found.id, "kind": kind}
        session.execute(sa.insert(TicketLink), [{**row, "at": now, "by_id": actor.person_id}])
        for one, with_ in ((ticket, found), (found, ticket)):
            was = Was.of(one)
            event = told(was, EventKind.LINKED, actor, now, public=False, number=with_.number)
            changing.write(session, Change(was, now, actor, {}, [event]))


def unlink(runtime: Runtime, actor: Actor, number: str, other: str) -> None:
    """They are not tied together any more; nothing happens if they were not."""
    with runtime.writing() as session, session.begin():
        ticket, found = pair(session, actor, number, other, Verb.LINK)
        now = runtime.clock.now()
        if session.connection().execute(sa.delete(TicketLink).where(_ties(ticket, found))).rowcount == 0:
            return
        for one, with_ in ((ticket, found), (found, ticket)):
            was = Was.of(one)
            event = told(was, EventKind.UNLINKED, actor, now, public=False, number=with_.number)
            changing.write(session, Change(was, now, actor, {}, [event]))


def _between(session: Session, one: Ticket, two: Ticket) -> TicketLink | None:
    return session.scalar(sa.select(TicketLink).where(_ties(one, two)))


def _ties(one: Ticket, two: Ticket) -> sa.ColumnElement[bool]:
    forth = sa.and_(TicketLink.ticket_id == one.id, TicketLink.other_id == two.id)
    return forth | sa.and_(TicketLink.ticket_id == two.id, TicketLink.other_id == one.id)


def _count(session: Session, ticket: Ticket) -> int:
    mine = (TicketLink.ticket_id == ticket.id) | (TicketLink.other_id == ticket.id)
    return session.scalars(sa.select(sa.func.count()).select_from(TicketLink).where(mine)).one()
