"""Owns finding tickets like one: of the same type, with values or words in common that few have; ended ones first,
since they say how it was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import log
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from tickets.access import Actor, visible_tickets
from tickets.errors import NotFound
from tickets.field_value import FieldValue
from tickets.rows import Owner
from tickets.search import hits
from tickets.search.tokens import keywords
from tickets.standing import numbered, sees_inside
from tickets.ticket import ENDED, Status, Ticket

MOST = 5
VALUES = 12
"""Values of the ticket that others are looked for by."""
EACH = 200
"""By each value, and by all the words of the title, only the newest so many are looked at."""
OTHERS = 20
"""So many tickets with nothing in common are thought of besides those found, lest a value of three be a common one."""
ENOUGH = 3.0
"""In nats: by chance one ticket in twenty has so much in common."""


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
    arms = [_with_value(clue, name, text) for clue, (name, text) in enumerate(values)]
    arms.append(_with_words(session, actor, ticket.title))
    return _best(ticket.title, _found(session, actor, ticket, arms))


@dataclass(slots=True)
class _Other:
    """A ticket that shares `clues` with the one at hand."""

    id: int
    ticket: Similar
    clues: set[Hashable] = field(default_factory=set)


def _with_value(clue: int, name: str, text: str) -> sa.Subquery:
    same = sa.select(sa.literal(clue).label("clue"), FieldValue.ticket_id.label("id"))
    same = same.where(FieldValue.name == name, FieldValue.text == text)
    return same.order_by(FieldValue.ticket_id.desc()).limit(EACH).subquery()


def _with_words(session: Session, actor: Actor, title: str) -> sa.Subquery:
    found = hits(actor, title, session.get_bind().dialect.name).subquery()
    column: Any = next(iter(found.c))
    return sa.select(sa.literal(-1).label("clue"), column.label("id")).limit(EACH).subquery()


def _found(session: Session, actor: Actor, ticket: Any, arms: Iterable[sa.Subquery]) -> list[_Other]:
    """The others of its type that the actor sees: what they don't see doesn't weigh either."""
    alike = sa.union(*(sa.select(arm.c.clue, arm.c.id) for arm in arms)).subquery("alike")
    query = (
        sa.select(alike.c.clue, Ticket.id, Ticket.number, Ticket.title, Ticket.status, Owner.name, Ticket.closed_at)
        .join(Ticket, Ticket.id == alike.c.id)
        .outerjoin(Owner, Owner.id == Ticket.owner_id)
        .where(Ticket.type_id == ticket.type_id, Ticket.id != ticket.id, visible_tickets(actor))
    )
    found: dict[int, _Other] = {}
    for clue, ticket_id, number, title, status, owner, closed in session.execute(query):
        if ticket_id not in found:
            found[ticket_id] = _Other(ticket_id, Similar(number, title, Status(status), owner or "", closed))
        found[ticket_id].clues.add(clue)
    return list(found.values())


def _best(title: str, others: list[_Other]) -> list[Similar]:
    for other in others:
        other.clues |= keywords(title) & keywords(other.ticket.title)
    shared = Counter(clue for other in others for clue in other.clues)
    weights = {clue: log((len(others) + OTHERS) / count) for clue, count in shared.items()}
    scores = {other.id: sum(weights[clue] for clue in other.clues) for other in others}
    near = [other for other in others if scores[other.id] >= ENOUGH]
    near.sort(key=lambda one: (one.ticket.status not in ENDED, -scores[one.id], -one.id))
    return [other.ticket for other in near[:MOST]]
