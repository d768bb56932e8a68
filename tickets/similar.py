"""Owns finding tickets like one: of the same type, with the same values in its fields or the same words; ended ones
first, since they say how it was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from tickets.access import Actor, visible_tickets
from tickets.errors import NotFound
from tickets.field_value import FieldValue
from tickets.rows import Owner
from tickets.search import hits
from tickets.standing import numbered, sees_inside
from tickets.ticket import ENDED, Status, Ticket

MOST = 5
VALUES = 12
"""Values of the ticket that others are compared by."""
EACH = 200
"""Of each value, and of the words, only the newest so many: what half of all tickets have tells nothing."""
WORDS = 3
"""All the words of the title weigh as much as so many fields."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A ticket like the one at hand; `owner` is empty for nobody."""

    number: str
    title: str
    status: Status
    owner: str
    closed_at: datetime | None


def similar_tickets(session: Session, actor: Actor, number: str) -> list[Similar]:
    """At most MOST, for whoever sees the ticket's inside; three statements. Raises NotFound."""
    inside = (numbered(number), visible_tickets(actor), sees_inside(actor))
    ticket = session.execute(sa.select(Ticket.id, Ticket.type_id, Ticket.title).where(*inside)).one_or_none()
    if ticket is None:
        raise NotFound(N_("This ticket"))
    own = sa.select(FieldValue.name, FieldValue.text).where(FieldValue.ticket_id == ticket.id)
    values = session.execute(own.order_by(FieldValue.name, FieldValue.position).limit(VALUES)).all()
    arms = [_with_value(name, text, ticket.id) for name, text in values]
    arms.append(_with_words(session, actor, ticket.title))
    alike = sa.union_all(*(sa.select(arm.c.id, arm.c.weight) for arm in arms)).subquery("alike")
    return _best(session, actor, ticket, alike)


def _with_value(name: str, text: str, but: int) -> sa.Subquery:
    same = sa.select(FieldValue.ticket_id.label("id"), sa.literal(1).label("weight"))
    same = same.where(FieldValue.name == name, FieldValue.text == text, FieldValue.ticket_id != but)
    return same.order_by(FieldValue.ticket_id.desc()).limit(EACH).subquery()


def _with_words(session: Session, actor: Actor, title: str) -> sa.Subquery:
    found = hits(actor, title, session.get_bind().dialect.name).subquery()
    column: Any = next(iter(found.c))
    return sa.select(column.label("id"), sa.literal(WORDS).label("weight")).limit(EACH).subquery()


def _best(session: Session, actor: Actor, ticket: Any, alike: sa.Subquery) -> list[Similar]:
    weight = sa.func.sum(alike.c.weight)
    scored = sa.select(alike.c.id, weight.label("weight")).group_by(alike.c.id).subquery("scored")
    over = sa.case((Ticket.status.in_(sorted(status.value for status in ENDED)), 0), else_=1)
    query = (
        sa.select(Ticket.number, Ticket.title, Ticket.status, Owner.name, Ticket.closed_at)
        .join(scored, scored.c.id == Ticket.id)
        .outerjoin(Owner, Owner.id == Ticket.owner_id)
        .where(Ticket.type_id == ticket.type_id, Ticket.id != ticket.id, visible_tickets(actor))
        .order_by(over, scored.c.weight.desc(), Ticket.id.desc())
        .limit(MOST)
    )
    rows = session.execute(query)
    return [
        Similar(number, title, Status(status), owner or "", closed) for number, title, status, owner, closed in rows
    ]
