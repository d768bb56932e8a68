"""Owns which tickets are suggested while one ties another to this one: by number or words, else those like it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets import palette
from tickets.access import Actor, visible_tickets
from tickets.lookup import ticket_for
from tickets.palette import Found
from tickets.policy import Verb
from tickets.similar import similar_tickets
from tickets.standing import sees_inside
from tickets.ticket import OPEN, Status, Ticket

MOST = 8
LOOKED_AT = 30
"""So many are found before those that can't be chosen are left out."""


def candidates(session: Session, actor: Actor, number: str, text: str, verb: Verb, now: datetime) -> Sequence[Found]:
    """Tickets that the verb can tie to this one, the likeliest first. Raises what `ticket_for` does."""
    ticket = ticket_for(session, actor, number, verb, lock=False)
    wanted = OPEN if verb is Verb.MERGE else frozenset(Status)
    typed = text.strip()
    if typed:
        found = [each.number for each in palette.find(session, actor, typed, now, statuses=wanted, limit=LOOKED_AT)]
    else:
        found = list(_likely(session, actor, number))
    return _fitting(session, actor, ticket, found, verb)


def _likely(session: Session, actor: Actor, number: str) -> Iterator[str]:
    """Before anything is typed: what is like it, then what they answer for."""
    yield from (each.number for each in similar_tickets(session, actor, number))
    yield from (each.number for each in palette.recent(session, actor))


def _fitting(session: Session, actor: Actor, ticket: Ticket, numbers: Sequence[str], verb: Verb) -> Sequence[Found]:
    query = sa.select(Ticket.number, Ticket.title, Ticket.status).where(
        Ticket.number.in_(numbers), Ticket.id != ticket.id, visible_tickets(actor), sees_inside(actor)
    )
    if verb is Verb.MERGE:  # goes on in an open one of its brand
        query = query.where(Ticket.brand_id == ticket.brand_id, Ticket.status.in_(sorted(each.value for each in OPEN)))
    rows = {row.number: Found(row.number, row.title, Status(row.status)) for row in session.execute(query)}
    return [rows[each] for each in dict.fromkeys(numbers) if each in rows][:MOST]
