"""Owns what a ticket's children mean for its end: it does not close before them, unless its type says otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessDefinition
from tickets.access import Actor, visible_tickets
from tickets.case import Case
from tickets.places import Place, ancestors
from tickets.settings import setting
from tickets.ticket import ENDED, Ticket


def open_children(session: Session, ticket_id: int) -> list[str]:
    """The numbers of those that have not ended, the first few."""
    query = sa.select(Ticket.number).where(Ticket.parent_id == ticket_id, Ticket.status.not_in(ENDED))
    return list(session.scalars(query.order_by(Ticket.id).limit(5)))


def waits_for(session: Session, actor: Actor, number: str) -> list[str]:
    """The open children that a ticket they see would not close before, the first few; none if its type lets it."""
    query = sa.select(Ticket.id, Ticket.definition_id, Ticket.brand_id, Place.path)
    seen = query.join(Place, Place.id == Ticket.place_id).where(Ticket.number == number, visible_tickets(actor))
    found = session.execute(seen).one_or_none()
    open_ones = open_children(session, found.id) if found is not None else []
    if found is None or not open_ones:
        return []
    root_id = ancestors(found.path)[0]
    first = children_first(session, definition_id=found.definition_id, brand_id=found.brand_id, root_id=root_id)
    return open_ones if first else []


def kept_open(session: Session, cases: Sequence[Case]) -> set[int]:
    """The ids of the tickets that have to wait for children: one statement, and another for each that has some."""
    if not cases:
        return set()
    parents = session.connection().execute(_WITH_OPEN, {"of_parents": [case.ticket_id for case in cases]})
    found = set(parents.scalars())
    return {case.ticket_id for case in cases if case.ticket_id in found and _first(session, case)}


_WITH_OPEN = sa.select(Ticket.parent_id).where(
    Ticket.parent_id.in_(sa.bindparam("of_parents", expanding=True)), Ticket.status.not_in(ENDED)
)


def _first(session: Session, case: Case) -> bool:
    whose = {"brand_id": case.site.brand_id, "root_id": case.site.root_id}
    return children_first(session, definition_id=case.definition_id, **whose)


def children_first(session: Session, *, definition_id: int, brand_id: int, root_id: int) -> bool:
    """What the type's setting `children.first` says."""
    query = sa.select(ProcessDefinition.key, ProcessDefinition.settings).where(ProcessDefinition.id == definition_id)
    key, file = session.execute(query).one()
    found = setting(session, "children.first", type_key=key, brand_id=brand_id, root_id=root_id, file=file)
    return bool(found)
