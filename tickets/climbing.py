"""Owns what becomes of an urge that nobody answers: it climbs, a superior at a time, and in the end to the group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets import changing
from tickets.change import Change, Was, told
from tickets.copies import TicketCc
from tickets.deadlines import Due, take
from tickets.inserts import insert_unless_there
from tickets.people import Person, superiors
from tickets.permissions import Permission, Scope, permissions_in
from tickets.places import Place, ancestors
from tickets.roles import Membership, Role
from tickets.runtime import Runtime
from tickets.ticket import ENDED, PAUSED, Ticket
from tickets.timeline import EventKind
from tickets.urges import Urge
from tickets.urging import terms_of, watch

AT_THE_TOP = 5
"""With no superior left, so many of those who dispatch for the whole group are told, and there it ends."""


def climb(runtime: Runtime, due: Due) -> None:
    """The handler of `DeadlineKind.URGE`: one step up. Whoever is told is put in copy, so that they can open it."""
    with runtime.writing() as session, session.begin():
        if not take(session, due):
            return
        ticket = session.scalars(sa.select(Ticket).where(Ticket.id == due.ticket_id).with_for_update()).one()
        if ticket.urged_at is None or ticket.status in ENDED:
            return
        now, before = runtime.clock.now(), list(due.args["told"])
        if ticket.status in PAUSED:  # whoever it waits for is not the owner
            watch(session, ticket, terms_of(session, ticket), now, told_before=before)
            return
        above = _above(session, ticket, before)
        to = [above] if above is not None else _at_the_top(session, ticket, before)
        _tell(session, ticket, to, now)
        if above is not None:
            watch(session, ticket, terms_of(session, ticket), now, told_before=[*before, above])


def _tell(session: Session, ticket: Ticket, people: Sequence[int], now: datetime) -> None:
    was = Was.of(ticket)
    for person_id in people:
        row = {"brand_id": ticket.brand_id, "ticket_id": ticket.id, "person_id": person_id, "at": now}
        insert_unless_there(session, TicketCc, **row)
    events = [told(was, EventKind.URGE_CLIMBED, None, now, public=True, to_id=each) for each in people]
    if not events:
        events = [told(was, EventKind.URGE_CLIMBED, None, now, public=True)]
    changing.write(session, Change(was, now, None, {}, events))
    waiting = (Urge.ticket_id == ticket.id, Urge.answered_at.is_(None), ~Urge.merged)
    session.connection().execute(sa.update(Urge).where(*waiting).values(climbs=Urge.climbs + 1))


def _above(session: Session, ticket: Ticket, before: Sequence[int]) -> int | None:
    """The owner's nearest superior who has not been told, has not left and is of this brand or the group."""
    if ticket.owner_id is None:
        return None
    chain = [person_id for person_id in superiors(session, ticket.owner_id) if person_id not in before]
    homes = sa.select(Person.id).where(Person.id.in_(chain), Person.brand_id.in_(_brands(session, ticket)))
    here = set(session.scalars(homes))
    return next((person_id for person_id in chain if person_id in here), None)


def _at_the_top(session: Session, ticket: Ticket, before: Sequence[int]) -> list[int]:
    """Who dispatches for the whole group."""
    root = _brands(session, ticket)[-1]
    query = (
        sa.select(Membership.person_id, Role.permissions)
        .join(Role, Role.id == Membership.role_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.place_id == root, Role.brand_id == root, Role.scope == Scope.GROUP)
        .where(Person.departed_at.is_(None), Person.id.not_in([*before, ticket.owner_id or 0]))
        .order_by(Membership.id)
    )
    found = (row[0] for row in session.execute(query) if Permission.DISPATCH in permissions_in(row[1]))
    return list(dict.fromkeys(found))[:AT_THE_TOP]


def _brands(session: Session, ticket: Ticket) -> list[int]:
    """The ticket's brand and the group."""
    path = session.scalars(sa.select(Place.path).where(Place.id == ticket.place_id)).one()
    return [ticket.brand_id, ancestors(path)[0]]
