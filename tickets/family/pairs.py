"""Owns finding two tickets at once for a verb that ties them together; both stay locked until the commit."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor, visible_tickets
from tickets.errors import Invalid
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.standing import numbered, sees_inside
from tickets.ticket import Ticket


def pair(session: Session, actor: Actor, number: str, other: str, verb: Verb) -> tuple[Ticket, Ticket]:
    """The ticket, theirs for the verb, and another whose inside they see. Raises what `ticket_for` does; Invalid."""
    ticket = ticket_for(session, actor, number, verb, lock=False)
    found = seen(session, actor, other)
    if found.id == ticket.id:
        raise Invalid(Message(N_("This is the ticket itself; give another one's number.")))
    rows = _locked(session, ticket.id, found.id)
    ticket_for(session, actor, number, verb)
    return rows[ticket.id], rows[found.id]


def seen(session: Session, actor: Actor, number: str) -> Ticket:
    """A ticket by the number that somebody typed. Raises Invalid."""
    wanted = number.strip().upper()
    query = sa.select(Ticket).where(numbered(wanted), visible_tickets(actor), sees_inside(actor))
    found = session.scalar(query) if wanted else None
    if found is None:
        raise Invalid(
            Message(N_("You see no ticket with the number “%(number)s”; check it."), {"number": number.strip()[:64]})
        )
    return found


def _locked(session: Session, *ids: int) -> Mapping[int, Ticket]:
    """In the order of their ids, so that nobody who locks the same two waits for the other."""
    query = sa.select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update()
    return {ticket.id: ticket for ticket in session.scalars(query.execution_options(populate_existing=True))}
