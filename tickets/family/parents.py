"""Owns putting a ticket below another: its parent, which does not close before it unless its type says so."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.change import Change, Was, told
from tickets.errors import Conflict, Invalid
from tickets.family.pairs import pair
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.runtime import Runtime
from tickets.ticket import ENDED, Ticket
from tickets.timeline import EventKind

DEEPEST = 10


def set_parent(runtime: Runtime, actor: Actor, number: str, parent: str) -> None:
    """The ticket is a part of the other. Raises Invalid for a circle or another brand's, Conflict for a closed one."""
    with runtime.writing() as session, session.begin():
        child, above = pair(session, actor, number, parent, Verb.LINK)
        if child.parent_id == above.id:
            return
        _check(session, child, above)
        now = runtime.clock.now()
        was = Was.of(child)
        event = told(was, EventKind.LINKED, actor, now, public=False, parent=above.number)
        changing.write(session, Change(was, now, actor, {"parent_id": above.id}, [event]))
        was = Was.of(above)
        event = told(was, EventKind.LINKED, actor, now, public=False, child=child.number)
        changing.write(session, Change(was, now, actor, {}, [event]))


def unset_parent(runtime: Runtime, actor: Actor, number: str) -> None:
    """It stands by itself again; nothing happens if it did."""
    with runtime.writing() as session, session.begin():
        child, now = ticket_for(session, actor, number, Verb.LINK), runtime.clock.now()
        if child.parent_id is None:
            return
        above = session.scalars(sa.select(Ticket.number).where(Ticket.id == child.parent_id)).one()
        was = Was.of(child)
        event = told(was, EventKind.UNLINKED, actor, now, public=False, parent=above)
        changing.write(session, Change(was, now, actor, {"parent_id": None}, [event]))


def _check(session: Session, child: Ticket, above: Ticket) -> None:
    numbers = {"child": child.number, "parent": above.number}
    if child.brand_id != above.brand_id:
        raise Invalid(Message(N_("%(parent)s belongs to another brand; link it instead."), numbers))
    if above.status in ENDED:
        raise Conflict(Message(N_("%(parent)s is closed; choose one that is open."), numbers))
    line = line_above(session, above)
    if child.id in line:
        raise Invalid(Message(N_("%(parent)s is below %(child)s already: that would be a circle."), numbers))
    if len(line) >= DEEPEST:
        raise Invalid(Message(N_("Tickets lie below each other at most %(limit)s deep."), {"limit": DEEPEST}))


def line_above(session: Session, ticket: Ticket) -> list[int]:
    """The ids of those that it lies below, the nearest first."""
    line: list[int] = []
    next_id = ticket.parent_id
    while next_id is not None and len(line) < DEEPEST:
        line.append(next_id)
        next_id = session.scalars(sa.select(Ticket.parent_id).where(Ticket.id == next_id)).one()
    return line
