"""Owns whom a ticket may go to: one rule, however it and its tasks are given, passed on, shared or offered by hand."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor, Permission, load_actor
from tickets.change import Was
from tickets.errors import Invalid
from tickets.people import Person
from tickets.places import Place


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
