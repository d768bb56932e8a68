"""Owns whom a ticket may go to: one rule, however it and its tasks are given, passed on, shared or offered by hand."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor, Permission, load_actor
from tickets.assigning.picking import working_roles
from tickets.change import Was
from tickets.errors import Invalid
from tickets.people import Person
from tickets.permissions import Scope
from tickets.places import Place, PlaceKind, ancestors
from tickets.roles import Membership, Role
from tickets.ticket import Ticket


def check_works(session: Session, was: Was, person_id: int) -> Actor:
    """Who is to work on a task of the ticket, or to advise on one: staff of its brand or the group who are here.

    Raises Invalid; never the one who asked for the ticket.
    """
    person = load_actor(session, person_id)
    client = sa.select(Person.is_client).where(Person.id == person_id)
    if person is None or person.brand_id not in (was.brand_id, person.root_id) or session.scalar(client):
        raise Invalid(Message(N_("This person is not here any more; choose somebody else.")))
    name = {"name": person.name}
    if person_id == was.requester_id:
        raise Invalid(Message(N_("%(name)s asked for this ticket; somebody else has to work on it."), name))
    if not person.may(Permission.WORK):
        raise Invalid(Message(N_("%(name)s doesn't work on tickets; choose one of the staff."), name))
    return person


def may_answer(session: Session, tickets: Collection[int]) -> sa.ColumnElement[bool]:
    """On a query of Person: `check_answers` would let them have one of these tickets at least."""
    query = sa.select(Ticket.brand_id, Place.path, Ticket.requester_id).join(Place, Place.id == Ticket.place_id)
    rows = session.execute(query.where(Ticket.id.in_(tickets))).all()
    brands, requesters = {row.brand_id for row in rows}, {row.requester_id for row in rows}
    above = {place for row in rows for place in ancestors(row.path)}
    wide = sa.and_(Role.scope.in_((Scope.BRAND.value, Scope.GROUP.value)), Place.brand_id.in_(brands))
    of_group = sa.and_(Role.scope == Scope.GROUP.value, Place.kind == PlaceKind.GROUP.value)
    works = (
        sa.exists()
        .where(Membership.person_id == Person.id, Membership.role_id.in_(working_roles(session)))
        .where(Role.id == Membership.role_id, Place.id == Membership.place_id)
        .where(sa.or_(Place.id.in_(above), wide, of_group))
    )
    asked = requesters.pop() if len(requesters) == 1 else None
    return sa.and_(works, Person.id != asked) if asked is not None else works


def check_answers(session: Session, was: Was, person_id: int) -> Actor:
    """Who is to answer for the ticket: one who may work on it, and does so for its place or one above it."""
    person = check_works(session, was, person_id)
    path = session.scalars(sa.select(Place.path).where(Place.id == was.place_id)).one()
    if not any(
        grant.reaches(brand_id=was.brand_id, place_path=path) or path.startswith(grant.place_path)
        for grant in person.having(Permission.WORK)
    ):
        name = {"name": person.name}
        raise Invalid(Message(N_("%(name)s doesn't work for the place of this ticket; choose somebody else."), name))
    return person
