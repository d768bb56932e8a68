"""Owns finding a person to read or to manage: the lookup is the permission check."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from tickets.actor import Actor
from tickets.errors import NotFound
from tickets.organising.person_register import check_may_manage
from tickets.organising.reach import SEES_PEOPLE, check_not_above, manages, people_within
from tickets.people import Person
from tickets.permissions import Permission
from tickets.places import Place

A_PERSON = N_("This person")


def person_seen(session: Session, actor: Actor, public_id: UUID) -> tuple[Person, Place]:
    """Somebody one may look at, with their place. Raises NotFound."""
    query = sa.select(Person, Place).join(Place, Place.id == Person.place_id)
    found = session.execute(
        query.where(Person.public_id == public_id, people_within(actor, *SEES_PEOPLE))
    ).one_or_none()
    if found is None:
        raise NotFound(A_PERSON)
    return found[0], found[1]


def person_managed(session: Session, actor: Actor, public_id: UUID) -> tuple[Person, Place]:
    """Somebody one may change, locked, with their place.

    Raises NotFound (not seen), Forbidden (seen, but not managed by them, or with roles that go beyond theirs).
    """
    person, place = person_seen(session, actor, public_id)
    check_may_manage(actor)
    if not manages(actor, Permission.MANAGE_PEOPLE, place):
        raise NotFound(A_PERSON)
    session.refresh(person, with_for_update=True)
    check_not_above(session, actor, person)
    return person, place
