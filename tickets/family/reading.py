"""Reads what ties a ticket to others, as far as the reader sees those, and its tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import Actor, visible_tickets
from tickets.family.models import LinkKind, TicketLink
from tickets.family.tagging import tags_of
from tickets.life.models import TicketRating
from tickets.standing import numbered
from tickets.ticket import Status, Ticket

MOST = 100


@dataclass(frozen=True, slots=True)
class Relative:
    """Another ticket as it shows on this one's page."""

    number: str
    title: str
    status: Status


@dataclass(frozen=True, slots=True)
class Family:
    """`duplicates`: those that ask the same; `duplicate_of`: those that this one repeats."""

    parent: Relative | None = None
    children: Sequence[Relative] = ()
    related: Sequence[Relative] = ()
    duplicates: Sequence[Relative] = ()
    duplicate_of: Sequence[Relative] = ()
    merged_into: Relative | None = None
    absorbed: Sequence[Relative] = ()
    tags: Sequence[str] = ()
    suspended_until: datetime | None = None
    stars: int = 0
    """What its requester gave it, 0 for none yet; `rated` are their words."""
    rated: str = ""

    @property
    def ties(self) -> bool:
        """Whether there is anything besides tags."""
        rest = (self.parent, self.children, self.related, self.duplicates, self.duplicate_of, self.absorbed)
        return any(rest)


def family_of(session: Session, actor: Actor, number: str, *, inside: bool) -> Family:
    """In at most three statements; from outside only where it was merged into."""
    columns = (Ticket.id, Ticket.parent_id, Ticket.merged_into_id, Ticket.suspended_until)
    own = session.execute(
        sa.select(*columns, TicketRating.stars, TicketRating.body)
        .outerjoin(TicketRating, TicketRating.ticket_id == Ticket.id)
        .where(numbered(number), visible_tickets(actor))
    ).one_or_none()
    if own is None:
        return Family()
    ticket_id, parent_id, merged_id, until, stars, words = own
    facts: dict[str, Any] = {"suspended_until": until, "stars": stars or 0, "rated": words or ""}
    if not inside:
        rows = _rows(session, actor, Ticket.id == merged_id) if merged_id is not None else []
        return Family(merged_into=_first(rows), **facts)
    links = _links(ticket_id).subquery()
    above = Ticket.id.in_([each for each in (parent_id, merged_id) if each is not None])
    each_by_its_index = (above, Ticket.parent_id == ticket_id, Ticket.merged_into_id == ticket_id)
    tied = [sa.select(Ticket.id).where(ties).correlate(None) for ties in each_by_its_index]
    rows = _rows(session, actor, Ticket.id.in_(sa.union(*tied, sa.select(links.c.other))), ticket_id)
    return Family(
        parent=_first([row for row in rows if row.id == parent_id]),
        children=_shown(row for row in rows if row.parent_id == ticket_id),
        related=_shown(row for row in rows if row.tie == "related"),
        duplicates=_shown(row for row in rows if row.tie == "duplicate"),
        duplicate_of=_shown(row for row in rows if row.tie == "duplicate_of"),
        merged_into=_first([row for row in rows if row.id == merged_id]),
        absorbed=_shown(row for row in rows if row.merged_into_id == ticket_id),
        tags=tags_of(session, ticket_id),
        **facts,
    )


def _links(ticket_id: int) -> sa.CompoundSelect[Any]:
    """The ids of the tickets that it is linked with, and how."""
    forth = sa.case((TicketLink.kind == LinkKind.DUPLICATE, "duplicate_of"), else_="related")
    return sa.union_all(
        sa.select(TicketLink.other_id.label("other"), forth.label("tie")).where(TicketLink.ticket_id == ticket_id),
        sa.select(TicketLink.ticket_id, TicketLink.kind).where(TicketLink.other_id == ticket_id),
    )


def _rows(session: Session, actor: Actor, tied: sa.ColumnElement[bool], ticket_id: int = 0) -> list[Any]:
    links = _links(ticket_id).subquery()
    columns = (Ticket.id, Ticket.number, Ticket.title, Ticket.status, Ticket.parent_id, Ticket.merged_into_id)
    query = sa.select(*columns, links.c.tie).outerjoin(links, links.c.other == Ticket.id)
    return list(session.execute(query.where(tied, visible_tickets(actor)).order_by(Ticket.id).limit(MOST)))


def _shown(rows: Any) -> list[Relative]:
    return [Relative(row.number, row.title, Status(row.status)) for row in rows]


def _first(rows: list[Any]) -> Relative | None:
    return next(iter(_shown(rows)), None)
